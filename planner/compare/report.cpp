#include "planner/compare/report.hpp"

#include <utility>

namespace plimsoll::compare {

Report make_report(Comparison comparison) {
  Report report;
  report.comparison = std::move(comparison);
  report.measures = measure(report.comparison);
  report.faults = find_faults(report.comparison);
  report.common = common_instances(report.comparison);
  report.summary = summarise(report.comparison, report.measures, all_instances(report.comparison));
  report.summary_of_common = summarise(report.comparison, report.measures, report.common);
  report.duels = duel(report.comparison);
  return report;
}

}  // namespace plimsoll::compare
