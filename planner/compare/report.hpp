// A comparison with everything that is derived from it, and the ways to write it down. All of them are functions of the
// comparison alone: the same runs give the same bytes.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "planner/compare/comparison.hpp"
#include "planner/compare/contradictions.hpp"
#include "planner/compare/measures.hpp"
#include "planner/compare/summary.hpp"

namespace plimsoll::compare {

struct Report {
  Comparison comparison;
  Measures measures;
  std::vector<Fault> faults;
  std::vector<std::size_t> common;  // instances that no method refused
  std::vector<MethodSummary> summary;
  std::vector<MethodSummary> summary_of_common;
  std::vector<std::vector<Duel>> duels;

  // Whether the means over common instances say something that those over all do not.
  [[nodiscard]] bool has_narrower_view() const {
    return !common.empty() && common.size() < comparison.instances.size();
  }
};

Report make_report(Comparison comparison);

std::string to_text(const Report& report);
std::string to_csv(const Report& report);
std::string to_json(const Report& report);
std::string to_markdown(const Report& report);
std::string to_html(const Report& report);

// What to_json wrote. Throws Error(input).
Comparison read_comparison(std::string_view json);

}  // namespace plimsoll::compare
