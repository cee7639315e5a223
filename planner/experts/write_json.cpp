#include "planner/experts/json.hpp"
#include "planner/experts/write_parts.hpp"

namespace plimsoll::experts {

using support::Writer;

std::string write_instance(const ExpertInstance& instance) {
  Writer writer;
  writer.begin_object();
  write_head(writer, instance);
  write_cost(writer, instance.cost);
  write_dispatch(writer, instance.dispatch);
  write_table(writer, "load", instance.load);
  write_groups_and_placement(writer, instance);
  if (instance.limits.max_moves || instance.limits.max_moves_per_device) {
    writer.key("limits").begin_object();
    write_move_limits(writer, instance.limits);
    writer.end_object();
  }
  write_unless(writer, "move_seconds", instance.move_seconds, 0.0);
  return writer.end_object().take();
}

std::string write_plan_object(const ExpertPlan& plan) {
  Writer writer;
  writer.begin_object();
  write_slots_and_shares(writer, plan);
  return writer.end_object().take();
}

std::string write_metrics(const ExpertMetrics& metrics) {
  Writer writer;
  writer.begin_object().key("imbalance").value(metrics.imbalance);
  writer.key("worst_imbalance").value(metrics.worst_imbalance).key("moves").value(metrics.moves);
  return writer.key("moved_bytes").value(metrics.moved_bytes).end_object().take();
}

common::SolvedPlan write_solution(const ExpertSolution& solution) {
  common::SolvedPlan solved;
  solved.certificate = solution.certificate;
  solved.seconds = solution.seconds;
  solved.metrics_json = "{}";
  if (!solution.certificate.objective) return solved;
  solved.metrics_json = write_metrics(solution.metrics);
  solved.plan_json = write_plan_object(solution.plan);
  return solved;
}

}  // namespace plimsoll::experts
