#include <algorithm>
#include <span>

#include "planner/experts/step/columns.hpp"
#include "planner/experts/step/json.hpp"
#include "planner/experts/step/windows.hpp"
#include "planner/experts/write_parts.hpp"

namespace plimsoll::experts::step {
namespace {

using support::Writer;

void write_limits(Writer& writer, const StepInstance& instance) {
  const ExpertLimits& moves = instance.experts.limits;
  if (!moves.max_moves && !moves.max_moves_per_device && instance.transient_columns() == 0) return;
  writer.key("limits").begin_object();
  write_unless(writer, "transient_slots", instance.transient_slots, 0);
  write_unless(writer, "transient_pool_slots", instance.transient_pool_slots, 0);
  write_move_limits(writer, moves);
  writer.end_object();
}

std::string_view name_of(Copies copies) {
  if (copies == Copies::per_device) return "per_device";
  return copies == Copies::per_node ? "per_node" : "per_replica";
}

void write_communication(Writer& writer, const StepInstance& instance) {
  const StepCommunication& communication = instance.communication;
  const bool routed = !communication.routes.empty();
  if (communication.copies == Copies::per_replica && communication.overlap == Overlap::none && !routed) return;
  writer.key("communication").begin_object();
  writer.key("copies").value(name_of(communication.copies));
  writer.key("overlap").value(communication.overlap == Overlap::full ? "full" : "none");
  if (routed) {
    const auto layers = static_cast<std::size_t>(instance.experts.model.layers);
    const auto k = static_cast<std::size_t>(communication.routes_per_token);
    writer.key("routes").begin_array();
    for (std::size_t token = 0; token < communication.route_source.size(); ++token) {
      writer.begin_array();
      for (std::size_t layer = 0; layer < layers; ++layer) {
        writer.line(std::span<const int>(communication.routes).subspan((token * layers + layer) * k, k));
      }
      writer.end_array();
    }
    writer.end_array();
    writer.key("route_source").line(communication.route_source);
    writer.key("route_microstep").line(communication.route_microstep);
  }
  writer.end_object();
}

void write_schedule(Writer& writer, const StepInstance& instance) {
  if (instance.schedule.empty()) return;  // the default one, too
  if (instance.schedule == default_schedule(instance.microsteps(), instance.gradient_return)) return;
  writer.key("schedule").begin_array();
  for (const ScheduledPass& pass : instance.schedule) {
    writer.begin_flat_array().value(pass.pass == Pass::forward ? "F" : "B").value(pass.microstep).end_array();
  }
  writer.end_array();
}

// Base slots alone, unless a transient column stands for the whole step somewhere.
Matrix<int> written_base(const StepPlan& plan, const StepInstance& instance) {
  const std::vector<int> base = base_columns(instance);
  std::vector<bool> transient(plan.base.columns(), true);
  for (const int column : base) transient[static_cast<std::size_t>(column)] = false;
  Matrix<int> shortened(plan.base.rows(), base.size());
  for (std::size_t layer = 0; layer < plan.base.rows(); ++layer) {
    for (std::size_t column = 0; column < plan.base.columns(); ++column) {
      if (transient[column] && plan.base.at(layer, column) >= 0) return plan.base;
    }
    for (std::size_t slot = 0; slot < base.size(); ++slot) {
      shortened.at(layer, slot) = plan.base.at(layer, static_cast<std::size_t>(base[slot]));
    }
  }
  return shortened;
}

}  // namespace

std::string write_instance(const StepInstance& instance) {
  constexpr double kUsualRatio = 2.0;
  Writer writer;
  writer.begin_object();
  write_head(writer, instance.experts);
  const bool usual = instance.backward_ratio == kUsualRatio;
  write_cost(writer, instance.experts.cost, usual ? std::nullopt : std::optional<double>(instance.backward_ratio));
  write_dispatch(writer, instance.experts.dispatch);
  writer.key("microsteps").begin_array();
  for (const Matrix<double>& load : instance.load) write_rows(writer, load);
  writer.end_array();
  write_groups_and_placement(writer, instance.experts);
  write_limits(writer, instance);
  write_unless(writer, "move_seconds", instance.experts.move_seconds, 0.0);
  if (!instance.sources.empty()) {
    writer.key("sources").begin_array();
    for (const auto& layers : instance.sources) {
      writer.begin_array();
      for (const Matrix<double>& table : layers) write_rows(writer, table);
      writer.end_array();
    }
    writer.end_array();
  }
  write_communication(writer, instance);
  write_schedule(writer, instance);
  write_unless(writer, "gradient_return", instance.gradient_return, false);
  return writer.end_object().take();
}

void write_transfer(Writer& writer, const Transfer& transfer) {
  writer.begin_flat_object();
  if (transfer.kind == TransferKind::gradient) writer.key("kind").value("gradient");
  writer.key("microstep").value(transfer.microstep).key("layer").value(transfer.layer);
  writer.key("expert").value(transfer.expert).key("from");
  if (transfer.from_host) {
    writer.value("host:" + std::to_string(transfer.from));
  } else {
    writer.value(transfer.from);
  }
  writer.key("to").value(transfer.to);
  writer.key("start_seconds").value(transfer.start_seconds).key("end_seconds").value(transfer.end_seconds);
  writer.end_object();
}

std::string write_plan_object(const StepPlan& plan, const StepInstance& instance) {
  Writer writer;
  writer.begin_object();
  write_table(writer, "base", written_base(plan, instance));
  writer.key("microsteps").begin_array();
  for (const ExpertPlan& microstep : plan.microsteps) {
    writer.begin_object();
    write_slots_and_shares(writer, microstep);
    writer.end_object();
  }
  writer.end_array();
  writer.key("transfers").begin_array();
  for (const Transfer& transfer : plan.transfers) write_transfer(writer, transfer);
  writer.end_array();
  return writer.end_object().take();
}

common::SolvedPlan write_solution(const StepSolution& solution, const StepInstance& instance) {
  common::SolvedPlan solved;
  solved.certificate = solution.certificate;
  solved.seconds = solution.seconds;
  solved.metrics_json = "{}";
  if (!solution.certificate.objective) return solved;
  solved.metrics_json = write_metrics(solution.metrics);
  solved.plan_json = write_plan_object(solution.plan, instance);
  return solved;
}

}  // namespace plimsoll::experts::step
