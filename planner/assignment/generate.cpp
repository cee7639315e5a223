#include "planner/assignment/generate.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "planner/assignment/json.hpp"
#include "planner/common/generate_values.hpp"
#include "plimsoll/error.hpp"
#include "support/random.hpp"

namespace plimsoll::assignment {
namespace {

constexpr std::array<common::GenerateOption, 14> options = {{
    {"name", "generated", "name of the instance"},
    {"objective", "cost", "cost (generalized assignment) or makespan"},
    {"type", "d", "of the costs: a, b, c (uncorrelated), d (inversely correlated) or e (of wide range)"},
    {"bins", "10", "bins, agents, machines"},
    {"items", "100", "items, jobs"},
    {"machines", "unrelated",
     "makespan: unrelated, job-correlated, machine-correlated, uniform, identical, non-uniform"},
    {"least", "1", "makespan: the least time"},
    {"most", "100", "makespan: the largest time"},
    {"dimensions", "0", "further capacities, each with sizes of its own"},
    {"forbidden", "0", "part of the pairs that are forbidden, from 0 to 0.9"},
    {"apart", "0", "pairs of items that must stay apart"},
    {"together", "0", "pairs of items that must stay together"},
    {"max-changes", "-1", "budget of changes from a random current assignment; -1: none"},
    {"change-price", "0", "price of a change from a random current assignment"},
}};

std::size_t z(int index) { return static_cast<std::size_t>(index); }

// A whole number from `least` to `most`.
double draw(support::Random& random, int least, int most) {
  return least + static_cast<double>(random.below(z(most - least) + 1));
}

// Uniform in (0, 1].
double positive(support::Random& random) { return 1.0 - random.uniform(); }

double largest_wish(const AssignmentInstance& instance) {
  std::vector<double> wish(z(instance.bins), 0.0);
  for (int item = 0; item < instance.items; ++item) {
    int best = 0;
    for (int bin = 1; bin < instance.bins; ++bin) {
      if (instance.cost.at(z(bin), z(item)) < instance.cost.at(z(best), z(item))) best = bin;
    }
    wish[z(best)] += instance.size.at(z(best), z(item));
  }
  return *std::max_element(wish.begin(), wish.end());
}

void fill_makespan(const common::GenerateValues& values, support::Random& random, AssignmentInstance& instance) {
  const std::string kind = values.one_of(
      "machines", {"unrelated", "job-correlated", "machine-correlated", "uniform", "identical", "non-uniform"});
  const int least = values.whole("least", 0, 1'000'000'000);
  const int most = values.whole("most", least, 1'000'000'000);
  const auto narrow = [&] {  // 98 % near the top, the rest near the bottom (Frangioni et al. 2004)
    const double width = most - least;
    if (random.below(100) < 98) return draw(random, static_cast<int>(0.9 * width), most);
    return draw(random, least, std::max(least, static_cast<int>(0.02 * width)));
  };
  std::vector<double> by_item;
  for (int item = 0; item < instance.items; ++item) {
    by_item.push_back(kind == "non-uniform" ? narrow() : draw(random, least, most));
  }
  for (int bin = 0; bin < instance.bins; ++bin) {
    const double by_bin = draw(random, least, most);
    if (kind == "uniform") instance.speed.push_back(draw(random, 1, 4));
    for (int item = 0; item < instance.items; ++item) {
      double& time = instance.size.at(z(bin), z(item));
      time = by_item[z(item)];
      if (kind == "unrelated") time = draw(random, least, most);
      if (kind == "job-correlated") time += draw(random, 1, 20);
      if (kind == "machine-correlated") time = by_bin + draw(random, 1, 20);
    }
  }
}

void add_extensions(const common::GenerateValues& values, support::Random& random, AssignmentInstance& instance) {
  for (int d = values.whole("dimensions", 0, 16); d > 0; --d) {
    AssignmentDimension dimension;
    dimension.name = "dimension " + std::to_string(instance.dimensions.size() + 1);
    dimension.size = Matrix<double>(z(instance.bins), z(instance.items));
    std::vector<double> sizes;
    double sum = 0;
    for (int item = 0; item < instance.items; ++item) sum += sizes.emplace_back(draw(random, 1, 100));
    for (int bin = 0; bin < instance.bins; ++bin) {
      std::copy(sizes.begin(), sizes.end(), dimension.size.row(z(bin)).begin());
    }
    dimension.capacity.assign(z(instance.bins), std::ceil(1.25 * sum / instance.bins) + 100);
    instance.dimensions.push_back(std::move(dimension));
  }
  const double part = values.number("forbidden", 0, 0.9);
  for (int item = 0; item < instance.items && part > 0; ++item) {
    const int free = static_cast<int>(random.below(z(instance.bins)));  // one bin stays open
    for (int bin = 0; bin < instance.bins; ++bin) {
      if (bin != free && random.uniform() < part) instance.forbidden.emplace_back(item, bin);
    }
  }
  const auto add_pairs = [&](std::string_view name, std::vector<std::vector<int>>& lists) {
    const int pairs = values.whole(name, 0, 1'000'000);
    if (pairs > 0 && instance.items < 2) {
      throw Error(ErrorCode::usage, "--" + std::string(name) + " needs at least 2 items");
    }
    for (int pair = 0; pair < pairs; ++pair) {
      const auto a = static_cast<int>(random.below(z(instance.items)));
      const auto b = static_cast<int>((z(a) + 1 + random.below(z(instance.items) - 1)) % z(instance.items));
      lists.push_back({a, b});
    }
  };
  add_pairs("apart", instance.apart);
  add_pairs("together", instance.together);
  const int changes = values.whole("max-changes", -1, 1'000'000);
  instance.change_price = values.number("change-price", 0, 1e9);
  if (changes < 0 && instance.change_price == 0) return;
  for (int item = 0; item < instance.items; ++item) {
    instance.current.push_back(static_cast<int>(random.below(z(instance.bins))));
  }
  if (changes >= 0) instance.max_changes = changes;
}

}  // namespace

std::span<const common::GenerateOption> generate_options() { return options; }

AssignmentInstance generate_cost(char type, int bins, int items, std::uint64_t seed) {
  support::Random random(seed);
  AssignmentInstance instance;
  instance.bins = bins;
  instance.items = items;
  instance.cost = Matrix<double>(z(bins), z(items));
  instance.size = Matrix<double>(z(bins), z(items));
  for (int bin = 0; bin < bins; ++bin) {
    double sum = 0;
    for (int item = 0; item < items; ++item) {
      double& size = instance.size.at(z(bin), z(item));
      double& cost = instance.cost.at(z(bin), z(item));
      if (type == 'd') {
        size = draw(random, 1, 100);
        cost = 111 - size + draw(random, -10, 10);
      } else if (type == 'e') {
        size = std::floor(1 - 10 * std::log(positive(random)));
        cost = std::floor(1000 / size - 10 * positive(random));
      } else {
        size = draw(random, 5, 25);
        cost = draw(random, 10, 50);
      }
      sum += size;
    }
    instance.capacity.push_back(std::floor(0.8 * sum / bins));
  }
  if (type == 'a' || type == 'b') {
    const double capacity = 0.6 * 15 * items / bins + 0.4 * largest_wish(instance);
    instance.capacity.assign(z(bins), std::floor(type == 'a' ? capacity : 0.7 * capacity));
  }
  return instance;
}

std::string generate(const std::map<std::string, std::string, std::less<>>& given, std::uint64_t seed) {
  const common::GenerateValues values("assignment", options, given);
  const int bins = values.whole("bins", 1, 100'000);
  const int items = values.whole("items", 1, 1'000'000);
  const int tables = values.whole("dimensions", 0, 16) + 2;
  if (std::int64_t{bins} * items * tables > most_cells) {
    throw Error(ErrorCode::usage,
                "--bins times --items times the tables: expected at most " + std::to_string(most_cells) + " numbers");
  }
  AssignmentInstance instance;
  support::Random random(seed, 1);
  if (values.one_of("objective", {"cost", "makespan"}) == "cost") {
    instance = generate_cost(values.one_of("type", {"a", "b", "c", "d", "e"}).front(), bins, items, seed);
  } else {
    instance.objective = AssignmentObjective::makespan;
    instance.bins = bins;
    instance.items = items;
    instance.size = Matrix<double>(z(bins), z(items));
    fill_makespan(values, random, instance);
  }
  instance.name = values.text("name");
  add_extensions(values, random, instance);
  return write_instance(instance);
}

}  // namespace plimsoll::assignment
