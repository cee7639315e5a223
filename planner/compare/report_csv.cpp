// One row per run. docs/formats.md, "The table of a comparison".
#include "planner/compare/report.hpp"
#include "support/csv.hpp"
#include "support/json_text.hpp"

namespace plimsoll::compare {
namespace {

std::string text_of(const std::optional<double>& number) { return number ? support::number_text(*number) : ""; }

std::string joined(const std::vector<std::string>& texts) {
  std::string all;
  for (const std::string& text : texts) all += (all.empty() ? "" : "; ") + text;
  return all;
}

std::string row_of(const std::vector<std::string>& fields) {
  std::string row;
  for (const std::string& field : fields) row += (row.empty() ? "" : ",") + support::csv_field(field);
  return row + "\n";
}

std::string run_row(const Report& report, std::size_t instance, std::size_t method, std::size_t seed) {
  const Comparison& comparison = report.comparison;
  const Instance& where = comparison.instances[instance];
  const Run& run = comparison.run(instance, method, seed);
  const RunMeasures& measures = report.measures.runs[comparison.index(instance, method, seed)];
  const Limits& limits = comparison.limits;
  return row_of({where.name,
                 where.problem,
                 where.path,
                 where.sha256,
                 comparison.methods[method],
                 std::to_string(comparison.seeds[seed]),
                 std::string(name_of(run.status)),
                 run.verified ? "yes" : "no",
                 text_of(run.objective),
                 text_of(run.bound),
                 text_of(measures.gap),
                 text_of(measures.gap_to_best_bound),
                 where.reference ? text_of(where.reference->value) : "",
                 text_of(measures.gap_to_reference),
                 text_of(measures.seconds_to_best),
                 took_part(run) ? support::number_text(run.seconds) : "",
                 took_part(run) ? support::number_text(run.cpu_seconds) : "",
                 took_part(run) ? std::to_string(run.work) : "",
                 text_of(measures.primal_integral),
                 measures.wins ? "yes" : "no",
                 run.stopped_by,
                 run.bound_method,
                 run.bound_evidence,
                 run.reason,
                 joined(run.violations),
                 text_of(limits.time_limit_seconds),
                 limits.work_limit ? std::to_string(*limits.work_limit) : "",
                 std::to_string(limits.threads),
                 support::number_text(limits.gap),
                 limits.version,
                 run.machine,
                 std::to_string(run.jobs),
                 run.finished});
}

}  // namespace

std::string to_csv(const Report& report) {
  std::string text =
      "instance,problem,path,sha256,method,seed,status,verified,objective,bound,gap,gap_to_best_bound,reference,"
      "gap_to_reference,seconds_to_best,seconds,cpu_seconds,work,primal_integral_seconds,wins,stopped_by,bound_method,"
      "bound_evidence,reason,violations,time_limit_seconds,work_limit,threads,gap_limit,version,machine,jobs,"
      "finished\n";
  const Comparison& comparison = report.comparison;
  for (std::size_t instance = 0; instance < comparison.instances.size(); ++instance) {
    for (std::size_t method = 0; method < comparison.methods.size(); ++method) {
      for (std::size_t seed = 0; seed < comparison.seeds.size(); ++seed)
        text += run_row(report, instance, method, seed);
    }
  }
  return text;
}

}  // namespace plimsoll::compare
