#include <algorithm>
#include <cmath>

#include "planner/assignment/json.hpp"
#include "support/npy.hpp"

namespace plimsoll::assignment {
namespace {

using support::Reader;

constexpr std::size_t most_dimensions = 64;
constexpr std::int64_t most_pairs_apart = 20'000'000;

[[noreturn]] void refuse(const std::string& message, const std::string& pointer, const std::string& advice = {}) {
  throw Error(ErrorCode::input, message, pointer, advice);
}

std::size_t z(int index) { return static_cast<std::size_t>(index); }

bool is_flat(const Reader& place) {
  const support::Json::Array* array = place.json().array();
  return array != nullptr && !array->empty() && array->front().is_number();
}

// [bins][items], or one row that holds for every bin.
Matrix<double> read_sizes(const Reader& place, const AssignmentInstance& instance) {
  const std::size_t bins = z(instance.bins);
  const std::size_t items = z(instance.items);
  if (!is_flat(place)) return {bins, items, place.number_table(bins, items, 0, most_amount)};
  const std::vector<double> row = place.numbers(items, 0, most_amount);
  Matrix<double> size(bins, items);
  for (std::size_t bin = 0; bin < bins; ++bin) std::copy(row.begin(), row.end(), size.row(bin).begin());
  return size;
}

// [bins], or one number that holds for every bin.
std::vector<double> read_capacities(const Reader& place, const AssignmentInstance& instance) {
  if (place.json().is_number()) return std::vector<double>(z(instance.bins), place.number(0, most_amount));
  return place.numbers(z(instance.bins), 0, most_amount);
}

std::vector<AssignmentDimension> read_dimensions(const Reader& place, const AssignmentInstance& instance) {
  std::vector<AssignmentDimension> dimensions;
  std::vector<Reader> elements = place.elements();
  if (elements.size() > most_dimensions) place.fail("at most " + std::to_string(most_dimensions) + " dimensions");
  const auto tables = static_cast<std::int64_t>(elements.size()) + 2;
  if (tables * instance.bins * instance.items > most_cells) {
    place.fail("dimensions whose tables have at most " + std::to_string(most_cells) + " numbers together");
  }
  for (Reader& element : elements) {
    AssignmentDimension dimension;
    if (const auto name = element.optional_member("name")) dimension.name = name->text();
    dimension.size = read_sizes(element.member("size"), instance);
    dimension.capacity = read_capacities(element.member("capacity"), instance);
    element.done();
    dimensions.push_back(std::move(dimension));
  }
  return dimensions;
}

// [[item, bin], ...]
std::vector<std::pair<int, int>> read_pairs(const Reader& place, const AssignmentInstance& instance) {
  std::vector<std::pair<int, int>> pairs;
  for (const Reader& element : place.elements()) {
    const std::vector<Reader> ends = element.elements();
    if (ends.size() != 2) element.fail("a pair [item, bin]");
    pairs.emplace_back(static_cast<int>(ends[0].integer(0, instance.items - 1)),
                       static_cast<int>(ends[1].integer(0, instance.bins - 1)));
  }
  return pairs;
}

std::vector<std::vector<int>> read_lists(const Reader& place, const AssignmentInstance& instance) {
  std::vector<std::vector<int>> lists;
  std::int64_t pairs = 0;
  for (const Reader& element : place.elements()) {
    const std::size_t count = support::array_length(element);
    if (count < 2) element.fail("a list of at least 2 items");
    std::vector<int> list;
    for (const std::int64_t item : element.integers(count, 0, instance.items - 1)) {
      list.push_back(static_cast<int>(item));
    }
    std::vector<int> sorted = list;
    std::sort(sorted.begin(), sorted.end());
    const auto twice = std::adjacent_find(sorted.begin(), sorted.end());
    if (twice != sorted.end()) refuse("item " + std::to_string(*twice) + " stands here twice", element.pointer());
    pairs += static_cast<std::int64_t>(count) * static_cast<std::int64_t>(count);
    if (pairs > most_pairs_apart)
      place.fail("lists with fewer pairs of items than " + std::to_string(most_pairs_apart));
    lists.push_back(std::move(list));
  }
  return lists;
}

void read_changes(Reader& root, AssignmentInstance& instance) {
  const auto current = root.optional_member("current");
  const auto price = root.optional_member("change_price");
  const auto limits = root.optional_member("limits");
  const std::string advice = "Maybe the key 'current' is missing.";
  if (current) {
    for (const std::int64_t bin : current->integers(z(instance.items), -1, instance.bins - 1)) {
      instance.current.push_back(static_cast<int>(bin));
    }
  }
  if (price) {
    instance.change_price = price->number(0, most_amount);
    if (!current) refuse("a price of changes needs to know what stands where now", price->pointer(), advice);
  }
  if (!limits) return;
  Reader place = *limits;
  if (place.json().object() == nullptr) place.fail("an object");
  if (const auto most = place.optional_member("max_changes")) instance.max_changes = most->integer(0, most_items);
  place.done();
  if (!current) refuse("a budget of changes needs to know what stands where now", limits->pointer(), advice);
}

AssignmentObjective read_objective(const Reader& place) {
  const std::string* name = place.json().string();
  if (name != nullptr && *name == "cost") return AssignmentObjective::cost;
  if (name != nullptr && *name == "makespan") return AssignmentObjective::makespan;
  place.fail("\"cost\" or \"makespan\"");
}

}  // namespace

AssignmentInstance read_instance(const common::Document& document) {
  document.attachments.contents.clear();  // reading twice must not change the identity
  Reader root(document.json, "", &document.attachments);
  static_cast<void>(root.member("plimsoll").integer(1, 1));
  const Reader problem = root.member("problem");
  if (problem.text() != "assignment") problem.fail("\"assignment\"");

  AssignmentInstance instance;
  if (const auto name = root.optional_member("name")) instance.name = name->text();
  instance.objective = read_objective(root.member("objective"));
  instance.bins = static_cast<int>(root.member("bins").integer(1, most_bins));
  const Reader items = root.member("items");
  instance.items = static_cast<int>(items.integer(1, most_items));
  if (std::int64_t{instance.bins} * instance.items > most_cells) {
    refuse("bins * items is " + std::to_string(std::int64_t{instance.bins} * instance.items) + ", more than the " +
               std::to_string(most_cells) + " that this version handles",
           items.pointer());
  }
  const bool makespan = instance.objective == AssignmentObjective::makespan;
  const auto cost = root.optional_member("cost");
  const auto speed = root.optional_member("speed");
  if (makespan && cost) refuse("there are no costs where the objective is the makespan", cost->pointer());
  if (!makespan && speed) refuse("speeds mean something for the makespan only", speed->pointer());
  if (!makespan) {
    const Reader table = root.member("cost");  // says that it is missing
    instance.cost = Matrix<double>(z(instance.bins), z(instance.items),
                                   table.number_table(z(instance.bins), z(instance.items), -most_amount, most_amount));
  }
  instance.size = read_sizes(root.member("size"), instance);
  if (const auto capacity = root.optional_member("capacity")) instance.capacity = read_capacities(*capacity, instance);
  if (speed) instance.speed = speed->numbers(z(instance.bins), least_speed, most_amount);
  if (const auto place = root.optional_member("dimensions")) instance.dimensions = read_dimensions(*place, instance);
  if (const auto place = root.optional_member("forbidden")) instance.forbidden = read_pairs(*place, instance);
  if (const auto place = root.optional_member("pinned")) instance.pinned = read_pairs(*place, instance);
  if (const auto place = root.optional_member("together")) instance.together = read_lists(*place, instance);
  if (const auto place = root.optional_member("apart")) instance.apart = read_lists(*place, instance);
  read_changes(root, instance);
  root.done();
  return instance;
}

}  // namespace plimsoll::assignment
