#include <algorithm>

#include "planner/assignment/json.hpp"

namespace plimsoll::assignment {
namespace {

using support::Writer;

void write_table(Writer& writer, std::string_view key, const Matrix<double>& table) {
  writer.key(key).begin_array();
  for (std::size_t row = 0; row < table.rows(); ++row) writer.line(table.row(row));
  writer.end_array();
}

// One row where all rows are the same.
void write_sizes(Writer& writer, const Matrix<double>& size) {
  for (std::size_t row = 1; row < size.rows(); ++row) {
    if (!std::equal(size.row(row).begin(), size.row(row).end(), size.row(0).begin())) {
      write_table(writer, "size", size);
      return;
    }
  }
  writer.key("size").line(size.row(0));
}

void write_capacities(Writer& writer, const std::vector<double>& capacity) {
  const bool same = std::equal(capacity.begin() + 1, capacity.end(), capacity.begin());
  writer.key("capacity");
  if (same) {
    writer.value(capacity.front());
  } else {
    writer.line(capacity);
  }
}

void write_pairs(Writer& writer, std::string_view key, const std::vector<std::pair<int, int>>& pairs) {
  if (pairs.empty()) return;
  writer.key(key).begin_array();
  for (const auto& [item, bin] : pairs) writer.line(std::initializer_list<int>{item, bin});
  writer.end_array();
}

void write_lists(Writer& writer, std::string_view key, const std::vector<std::vector<int>>& lists) {
  if (lists.empty()) return;
  writer.key(key).begin_array();
  for (const std::vector<int>& list : lists) writer.line(list);
  writer.end_array();
}

}  // namespace

std::string write_instance(const AssignmentInstance& instance) {
  const bool makespan = instance.objective == AssignmentObjective::makespan;
  Writer writer;
  writer.begin_object().key("plimsoll").value(1).key("problem").value("assignment");
  if (!instance.name.empty()) writer.key("name").value(instance.name);
  writer.key("objective").value(makespan ? "makespan" : "cost");
  writer.key("bins").value(instance.bins).key("items").value(instance.items);
  if (!makespan) write_table(writer, "cost", instance.cost);
  write_sizes(writer, instance.size);
  if (!instance.capacity.empty()) write_capacities(writer, instance.capacity);
  if (!instance.speed.empty()) writer.key("speed").line(instance.speed);
  if (!instance.dimensions.empty()) {
    writer.key("dimensions").begin_array();
    for (const AssignmentDimension& dimension : instance.dimensions) {
      writer.begin_object();
      if (!dimension.name.empty()) writer.key("name").value(dimension.name);
      write_sizes(writer, dimension.size);
      write_capacities(writer, dimension.capacity);
      writer.end_object();
    }
    writer.end_array();
  }
  write_pairs(writer, "forbidden", instance.forbidden);
  write_pairs(writer, "pinned", instance.pinned);
  write_lists(writer, "together", instance.together);
  write_lists(writer, "apart", instance.apart);
  if (!instance.current.empty()) writer.key("current").line(instance.current);
  if (instance.change_price != 0) writer.key("change_price").value(instance.change_price);
  if (instance.max_changes) {
    writer.key("limits").begin_object().key("max_changes").value(*instance.max_changes).end_object();
  }
  return writer.end_object().take();
}

std::string write_plan_object(const AssignmentPlan& plan) {
  Writer writer;
  return writer.begin_object().key("bin_of").line(plan.bin_of).end_object().take();
}

std::string write_metrics(const AssignmentInstance& instance, const AssignmentMetrics& metrics) {
  Writer writer;
  writer.begin_object();
  if (instance.objective == AssignmentObjective::cost) {
    writer.key("cost").value(metrics.cost);
  } else {
    writer.key("makespan").value(metrics.makespan).key("mean_load").value(metrics.mean_load);
  }
  if (!instance.capacity.empty() || !instance.dimensions.empty()) writer.key("fullest").value(metrics.fullest);
  if (!instance.current.empty()) writer.key("changes").value(metrics.changes);
  return writer.end_object().take();
}

std::string write_proof(const Proof& proof) {
  if (proof.item_price.empty() && proof.weight.empty() && proof.change_price == 0 && proof.refuted == 0) return {};
  Writer writer;
  writer.begin_object();
  if (!proof.item_price.empty()) writer.key("item_price").line(proof.item_price);
  if (!proof.weight.empty()) write_table(writer, "weight", proof.weight);
  if (proof.change_price != 0) writer.key("change_price").value(proof.change_price);
  if (proof.refuted != 0) writer.key("refuted").value(proof.refuted);
  return writer.end_object().take();
}

common::SolvedPlan write_solution(const AssignmentSolution& solution, const AssignmentInstance& instance) {
  common::SolvedPlan solved;
  solved.certificate = solution.certificate;
  solved.seconds = solution.seconds;
  solved.metrics_json = "{}";
  if (!solution.certificate.objective) return solved;
  solved.metrics_json = write_metrics(instance, solution.metrics);
  solved.plan_json = write_plan_object(solution.plan);
  solved.proof_json = write_proof(solution.proof);
  return solved;
}

}  // namespace plimsoll::assignment
