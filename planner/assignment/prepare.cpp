#include "planner/assignment/prepare.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "planner/assignment/evaluate.hpp"

namespace plimsoll::assignment {
namespace {

constexpr double exact_whole = 9007199254740992.0;  // 2^53

std::size_t z(int index) { return static_cast<std::size_t>(index); }

Matrix<double> merged(const Matrix<double>& table, const std::vector<std::vector<int>>& members) {
  Matrix<double> result(table.rows(), members.size());
  for (std::size_t row = 0; row < table.rows(); ++row) {
    for (std::size_t item = 0; item < members.size(); ++item) {
      for (const int member : members[item]) result.at(row, item) += table.at(row, z(member));
    }
  }
  return result;
}

Prepared::Dimension dimension_of(const Matrix<double>& size, const std::vector<double>& capacity,
                                 const std::vector<std::vector<int>>& members) {
  Prepared::Dimension dimension{merged(size, members), {}, true};
  for (std::size_t bin = 0; bin < size.rows(); ++bin) {
    dimension.capacity.push_back(admitted(size.row(bin), capacity[bin]));
    dimension.whole = dimension.whole && whole(size.row(bin));
  }
  return dimension;
}

// The greatest common divisor of whole numbers, or of halves, quarters, ...; 0 where there is none or sums are not
// exact.
double common_divisor(const std::vector<double>& values) {
  constexpr double finest = 1.0 / 1024;
  std::vector<double> scaled = values;
  for (double unit = 1; unit >= finest; unit /= 2) {
    if (whole(scaled)) {
      std::int64_t divisor = 0;
      for (const double value : scaled) divisor = std::gcd(divisor, static_cast<std::int64_t>(value));
      return static_cast<double>(divisor) * unit;
    }
    for (double& value : scaled) value *= 2;
  }
  return 0;
}

}  // namespace

Prepared::Prepared(const AssignmentInstance& source)
    : instance(source), makespan(source.objective == AssignmentObjective::makespan), bins(source.bins) {
  merge();
  fill_tables();
  rule_out();
  classify();
  impossible = prove_impossible(*this);
}

// Union of the `together` lists; the root of a class is its least member.
void Prepared::merge() {
  std::vector<int> root(z(instance.items));
  std::iota(root.begin(), root.end(), 0);
  const auto find = [&](int item) {
    while (root[z(item)] != item) item = root[z(item)] = root[z(root[z(item)])];
    return item;
  };
  for (const std::vector<int>& list : instance.together) {
    for (const int item : list) {
      const int a = find(list.front());
      const int b = find(item);
      root[z(std::max(a, b))] = std::min(a, b);
    }
  }
  kernel_of_.assign(z(instance.items), -1);
  for (int item = 0; item < instance.items; ++item) {
    const int first = find(item);
    if (first == item) {
      kernel_of_[z(item)] = static_cast<int>(members.size());
      members.emplace_back();
    }
    kernel_of_[z(item)] = kernel_of_[z(first)];
    members[z(kernel_of_[z(item)])].push_back(item);
  }
  items = static_cast<int>(members.size());
}

void Prepared::fill_tables() {
  size = merged(instance.size, members);
  speed = instance.speed.empty() ? std::vector<double>(z(bins), 1.0) : instance.speed;
  if (!instance.capacity.empty()) dimensions.push_back(dimension_of(instance.size, instance.capacity, members));
  for (const AssignmentDimension& dimension : instance.dimensions) {
    dimensions.push_back(dimension_of(dimension.size, dimension.capacity, members));
  }
  cost = makespan ? Matrix<double>(z(bins), z(items)) : merged(instance.cost, members);
  max_changes = instance.max_changes;
  if (instance.current.empty()) {
    max_changes.reset();
    return;
  }
  changes = Matrix<int>(z(bins), z(items));
  for (int item = 0; item < items; ++item) {
    for (const int member : members[z(item)]) {
      const int now = instance.current[z(member)];
      for (int bin = 0; now >= 0 && bin < bins; ++bin) changes.at(z(bin), z(item)) += bin == now ? 0 : 1;
    }
    for (int bin = 0; bin < bins; ++bin) {
      cost.at(z(bin), z(item)) += instance.change_price * changes.at(z(bin), z(item));
    }
  }
  if (max_changes && *max_changes >= instance.items) max_changes.reset();  // it cannot bind
}

void Prepared::rule_out() {
  allowed = Matrix<std::uint8_t>(z(bins), z(items), 1);
  for (const auto& [item, bin] : instance.forbidden) allowed.at(z(bin), z(kernel_of_[z(item)])) = 0;
  for (const auto& [item, pin] : instance.pinned) {
    for (int bin = 0; bin < bins; ++bin) {
      if (bin != pin) allowed.at(z(bin), z(kernel_of_[z(item)])) = 0;
    }
  }
  for (int bin = 0; bin < bins; ++bin) {
    for (int item = 0; item < items; ++item) {
      for (const Dimension& dimension : dimensions) {
        if (dimension.size.at(z(bin), z(item)) > dimension.capacity[z(bin)]) allowed.at(z(bin), z(item)) = 0;
      }
      if (max_changes && changes.at(z(bin), z(item)) > *max_changes) allowed.at(z(bin), z(item)) = 0;
    }
  }
  apart.resize(z(items));
  for (const std::vector<int>& list : instance.apart) {
    for (std::size_t i = 0; i < list.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        const int a = kernel_of_[z(list[i])];
        const int b = kernel_of_[z(list[j])];
        apart[z(a)].push_back(b);
        apart[z(b)].push_back(a);
        has_apart_ = true;
      }
    }
  }
  for (std::vector<int>& others : apart) {
    std::sort(others.begin(), others.end());
    others.erase(std::unique(others.begin(), others.end()), others.end());
  }
}

void Prepared::classify() {
  whole_size = true;
  bool same_rows = true;
  for (int bin = 0; bin < bins; ++bin) {
    whole_size = whole_size && whole(size.row(z(bin)));
    same_rows = same_rows && std::equal(size.row(z(bin)).begin(), size.row(z(bin)).end(), size.row(0).begin());
  }
  const bool same_speed = std::equal(speed.begin() + 1, speed.end(), speed.begin());
  machines = !same_rows ? Machines::unrelated : same_speed ? Machines::identical : Machines::uniform;
  if (!makespan) {
    step = common_divisor(cost.data());
    return;
  }
  const bool plain_speed = same_speed && speed.front() == 1.0;
  const double size_step = plain_speed ? common_divisor(size.data()) : 0;
  const double price_step = common_divisor(cost.data());
  const bool priced = std::any_of(cost.data().begin(), cost.data().end(), [](double price) { return price != 0; });
  if (!priced) {
    step = size_step;
  } else {
    step = size_step > 0 && price_step > 0 ? common_divisor({size_step, price_step}) : 0;
  }
}

AssignmentPlan Prepared::expand(std::span<const int> bin_of) const {
  AssignmentPlan plan;
  for (const int kernel : kernel_of_) plan.bin_of.push_back(bin_of[z(kernel)]);
  return plan;
}

std::vector<int> Prepared::reduce(const AssignmentPlan& plan) const {
  std::vector<int> bin_of(z(items), -1);
  for (std::size_t item = 0; item < plan.bin_of.size(); ++item) {
    int& bin = bin_of[z(kernel_of_[item])];
    if (bin >= 0 && bin != plan.bin_of[item]) return {};
    bin = plan.bin_of[item];
  }
  return bin_of;
}

double Prepared::round_up(double bound) const {
  if (step <= 0 || !(std::abs(bound) < exact_whole)) return bound;
  const double lifted = std::ceil((bound - 1e-9 * std::max(1.0, std::abs(bound))) / step);
  return std::max(lifted, std::floor(bound / step)) * step;  // the multiple below a bound is a bound, too
}

}  // namespace plimsoll::assignment
