#include "planner/assignment/identical.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

#include "plimsoll/error.hpp"
#include "support/rounding.hpp"

namespace plimsoll::assignment {
namespace {

std::size_t z(int index) { return static_cast<std::size_t>(index); }

// What stands in the way; empty: nothing.
std::string obstacle(const Prepared& prepared) {
  if (!prepared.makespan) return "an objective of cost";
  if (prepared.machines != Machines::identical) return "bins that differ in sizes or speeds";
  if (!prepared.dimensions.empty()) return "capacities";
  if (prepared.has_apart()) return "items that must stay apart";
  if (prepared.limits_changes()) return "a limit of changes";
  if (std::any_of(prepared.cost.data().begin(), prepared.cost.data().end(), [](double price) { return price != 0; })) {
    return "a price of changes";
  }
  const auto& allowed = prepared.allowed.data();
  if (std::any_of(allowed.begin(), allowed.end(), [](std::uint8_t may) { return may == 0; })) {
    return "forbidden or pinned items";
  }
  return {};
}

}  // namespace

bool can_pack(const Prepared& prepared) { return obstacle(prepared).empty(); }

void refuse_what_is_not_packing(const Prepared& prepared, std::string_view method) {
  const std::string reason = obstacle(prepared);
  if (reason.empty()) return;
  throw Error(ErrorCode::unsupported,
              "method " + std::string(method) + " packs items into identical bins and does not know " + reason, {},
              "Maybe use auto.");
}

IdenticalItems::IdenticalItems(const Prepared& prepared) : bins_(prepared.bins), speed_(prepared.speed.front()) {
  const auto row = prepared.size.row(0);
  exact_ = prepared.whole_size;
  double sum = 0;
  for (const double size : row) sum += size;
  if (exact_) {
    std::int64_t divisor = 0;
    for (const double size : row) divisor = std::gcd(divisor, static_cast<std::int64_t>(size));
    unit_ = static_cast<double>(std::max<std::int64_t>(divisor, 1));
  } else {
    int exponent = 0;
    std::frexp(sum, &exponent);
    unit_ = std::ldexp(1.0, exponent - 51);  // a power of two: divisions are exact
  }
  item_.resize(row.size());
  std::iota(item_.begin(), item_.end(), 0);
  std::stable_sort(item_.begin(), item_.end(), [&row](int a, int b) { return row[z(a)] > row[z(b)]; });
  for (const int item : item_) sizes_.push_back(static_cast<Size>(std::floor(row[z(item)] / unit_)));
}

double IdenticalItems::lower(Size height) const {
  const double value = makespan(height);
  return exact_ && speed_ == 1 ? value : support::rounded_down(value);
}

IdenticalItems::Size IdenticalItems::goal(Size bound) const { return exact_ ? bound : bound + (bound >> 33); }

IdenticalItems::Size IdenticalItems::height_of(double bound) const {
  const double units = bound * speed_ / unit_;
  return static_cast<Size>(
      std::ceil(units - 1e-9 - (exact_ && speed_ == 1 ? 0 : 2 * support::rounding_margin * units)));
}

std::vector<int> IdenticalItems::kernel_bins(const std::vector<int>& bin_of) const {
  std::vector<int> result(item_.size());
  for (std::size_t index = 0; index < item_.size(); ++index) result[z(item_[index])] = bin_of[index];
  return result;
}

std::vector<int> IdenticalItems::packed_bins(const std::vector<int>& kernel_bin_of) const {
  std::vector<int> result;
  for (const int item : item_) result.push_back(kernel_bin_of[z(item)]);
  return result;
}

std::vector<double> IdenticalItems::kernel_values(const std::vector<Size>& values) const {
  std::vector<double> result(item_.size());
  for (std::size_t index = 0; index < item_.size(); ++index)
    result[z(item_[index])] = static_cast<double>(values[index]);
  return result;
}

std::vector<IdenticalItems::Size> IdenticalItems::packed_values(const std::vector<double>& kernel_values) const {
  constexpr double most = 1LL << 40;
  std::vector<Size> result;
  for (const int item : item_) {
    const double value = kernel_values[z(item)];
    result.push_back(value >= 0 && value <= most && value == std::floor(value) ? static_cast<Size>(value) : -1);
  }
  return result;
}

IdenticalItems::Size IdenticalItems::height(const std::vector<int>& bin_of) const {
  const auto sums = solvers::packing::heights(sizes_, bin_of, bins_);
  return *std::max_element(sums.begin(), sums.end());
}

}  // namespace plimsoll::assignment
