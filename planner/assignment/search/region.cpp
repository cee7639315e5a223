#include "planner/assignment/search/region.hpp"

#include <algorithm>
#include <utility>

namespace plimsoll::assignment {
namespace {

std::size_t z(int index) { return static_cast<std::size_t>(index); }

Matrix<double> part_of(const Matrix<double>& table, const std::vector<int>& bins, const std::vector<int>& items) {
  Matrix<double> part(bins.size(), items.size());
  for (std::size_t b = 0; b < bins.size(); ++b) {
    for (std::size_t i = 0; i < items.size(); ++i) part.at(b, i) = table.at(z(bins[b]), z(items[i]));
  }
  return part;
}

AssignmentInstance instance_of(const Prepared& prepared, const std::vector<int>& bins, const std::vector<int>& items) {
  AssignmentInstance part;
  part.bins = static_cast<int>(bins.size());
  part.items = static_cast<int>(items.size());
  part.cost = part_of(prepared.cost, bins, items);
  part.size = Matrix<double>(bins.size(), items.size());
  for (const Prepared::Dimension& dimension : prepared.dimensions) {
    AssignmentDimension kept;
    kept.size = part_of(dimension.size, bins, items);
    for (const int bin : bins) kept.capacity.push_back(dimension.capacity[z(bin)]);
    part.dimensions.push_back(std::move(kept));
  }
  std::vector<int> place(z(prepared.items), -1);
  for (std::size_t i = 0; i < items.size(); ++i) place[z(items[i])] = static_cast<int>(i);
  for (std::size_t i = 0; i < items.size(); ++i) {
    for (std::size_t b = 0; b < bins.size(); ++b) {
      if (!prepared.can(bins[b], items[i])) part.forbidden.emplace_back(static_cast<int>(i), static_cast<int>(b));
    }
    for (const int other : prepared.apart[z(items[i])]) {
      if (other < items[i] && place[z(other)] >= 0) part.apart.push_back({place[z(other)], static_cast<int>(i)});
    }
  }
  return part;
}

}  // namespace

void Region::put(std::span<const int> bin_of, std::vector<int>& whole) const {
  for (std::size_t i = 0; i < items.size(); ++i) whole[z(items[i])] = bins[z(bin_of[i])];
}

Region region_of(const Prepared& prepared, std::span<const int> bin_of, std::vector<int> bins) {
  Region region;
  for (int item = 0; item < prepared.items; ++item) {
    const auto found = std::lower_bound(bins.begin(), bins.end(), bin_of[z(item)]);
    if (found == bins.end() || *found != bin_of[z(item)]) continue;
    region.items.push_back(item);
    region.now.push_back(static_cast<int>(found - bins.begin()));
  }
  region.instance = instance_of(prepared, bins, region.items);
  region.bins = std::move(bins);
  return region;
}

}  // namespace plimsoll::assignment
