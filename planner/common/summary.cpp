#include "planner/common/summary.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "support/json_text.hpp"

namespace plimsoll::common {

std::string shown(const char* format, double value) {
  char text[64];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

void add_certificate_lines(const Certificate& certificate, std::string_view unit, SolvedPlan& solved) {
  const std::string suffix = unit.empty() ? "" : " " + std::string(unit);
  solved.summary.emplace_back("objective", shown("%.9g", *certificate.objective) + suffix);
  if (!certificate.bound) return;
  solved.summary.emplace_back("bound",
                              shown("%.9g", *certificate.bound) + suffix + " (" + certificate.bound_method + ")");
  solved.summary.emplace_back("gap", shown("%.4f %%", 100.0 * certificate.gap.value_or(0.0)));
}

void compare_metric(std::string_view key, const std::optional<double>& claim, double expected,
                    std::vector<std::string>& found) {
  if (!claim || std::abs(*claim - expected) <= 1e-9 * std::max(1.0, std::abs(expected))) return;
  found.push_back("/metrics/" + std::string(key) + ": claims " + support::number_text(*claim) +
                  shown(", the plan gives %.12g", expected));
}

}  // namespace plimsoll::common
