// Reasons that take one look at the tables. What needs a search is for the methods.
#include <algorithm>
#include <limits>

#include "planner/assignment/prepare.hpp"
#include "support/json_text.hpp"
#include "support/rounding.hpp"

namespace plimsoll::assignment {
namespace {

std::size_t z(int index) { return static_cast<std::size_t>(index); }

std::string item_name(const Prepared& prepared, int item) {
  const std::vector<int>& members = prepared.members[z(item)];
  if (members.size() == 1) return "item " + std::to_string(members.front());
  std::string text = "items ";
  for (std::size_t i = 0; i < members.size() && i < 6; ++i) text += (i > 0 ? ", " : "") + std::to_string(members[i]);
  return text + (members.size() > 6 ? ", ..." : "") + " (together)";
}

std::string dimension_name(const Prepared& prepared, std::size_t index) {
  const bool first_is_size = !prepared.instance.capacity.empty();
  if (first_is_size && index == 0) return "";
  const std::string& name = prepared.instance.dimensions[index - (first_is_size ? 1 : 0)].name;
  return name.empty() ? " of a dimension" : " of " + name;
}

std::string no_bin_left(const Prepared& prepared) {
  for (int item = 0; item < prepared.items; ++item) {
    bool found = false;
    for (int bin = 0; bin < prepared.bins && !found; ++bin) found = prepared.can(bin, item);
    if (!found) {
      return "no bin is left for " + item_name(prepared, item) +
             ": each is forbidden, too small, or not the one it is pinned to";
    }
  }
  return {};
}

std::string torn_apart(const Prepared& prepared) {
  for (int item = 0; item < prepared.items; ++item) {
    const std::vector<int>& others = prepared.apart[z(item)];
    if (!std::binary_search(others.begin(), others.end(), item)) continue;
    return item_name(prepared, item) + " must stay together, yet two of them must stay apart";
  }
  for (const std::vector<int>& list : prepared.instance.apart) {
    if (list.size() <= z(prepared.bins)) continue;
    return std::to_string(list.size()) + " items must stay apart from each other, but there are " +
           std::to_string(prepared.bins) + " bins";
  }
  return {};
}

std::string too_much(const Prepared& prepared) {
  for (std::size_t d = 0; d < prepared.dimensions.size(); ++d) {
    const Prepared::Dimension& dimension = prepared.dimensions[d];
    double room = 0;
    for (const double capacity : dimension.capacity) room += capacity;
    double needed = 0;
    std::vector<double> forced(z(prepared.bins), 0.0);
    for (int item = 0; item < prepared.items; ++item) {
      double least = std::numeric_limits<double>::infinity();
      int bins = 0;
      int only = 0;
      for (int bin = 0; bin < prepared.bins; ++bin) {
        if (!prepared.can(bin, item)) continue;
        least = std::min(least, dimension.size.at(z(bin), z(item)));
        only = bin;
        ++bins;
      }
      needed += least;
      if (bins == 1) forced[z(only)] += least;
    }
    const std::string what = dimension_name(prepared, d);
    if (support::rounded_down(needed) > support::rounded_up(room)) {
      return "the items need at least " + support::number_text(needed) + what + ", all bins together hold " +
             support::number_text(room);
    }
    for (int bin = 0; bin < prepared.bins; ++bin) {
      if (support::rounded_down(forced[z(bin)]) <= support::rounded_up(dimension.capacity[z(bin)])) continue;
      return "the items that can only go into bin " + std::to_string(bin) + " need " +
             support::number_text(forced[z(bin)]) + what + ", it holds " +
             support::number_text(dimension.capacity[z(bin)]);
    }
  }
  return {};
}

std::string forced_changes(const Prepared& prepared) {
  if (!prepared.max_changes) return {};
  std::int64_t needed = 0;
  for (int item = 0; item < prepared.items; ++item) {
    int least = std::numeric_limits<int>::max();
    for (int bin = 0; bin < prepared.bins; ++bin) {
      if (prepared.can(bin, item)) least = std::min(least, prepared.changes.at(z(bin), z(item)));
    }
    needed += least;
  }
  if (needed <= *prepared.max_changes) return {};
  return "at least " + std::to_string(needed) + " items cannot stay where they are, at most " +
         std::to_string(*prepared.max_changes) + " may leave";
}

}  // namespace

std::string prove_impossible(const Prepared& prepared) {
  for (const auto proof : {torn_apart, no_bin_left, too_much, forced_changes}) {
    if (std::string reason = proof(prepared); !reason.empty()) return reason;
  }
  return {};
}

}  // namespace plimsoll::assignment
