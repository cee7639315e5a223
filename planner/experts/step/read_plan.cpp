#include <charconv>
#include <limits>

#include "planner/experts/read_parts.hpp"
#include "planner/experts/step/columns.hpp"
#include "planner/experts/step/json.hpp"

namespace plimsoll::experts::step {
namespace {

using support::Reader;

constexpr double kMostTime = std::numeric_limits<double>::max();

// Rows of base slots only, or of all columns; the first row says which.
Matrix<int> read_base(const Reader& place, const StepInstance& instance) {
  const ExpertModel& model = instance.experts.model;
  const auto layers = static_cast<std::size_t>(model.layers);
  const auto columns = static_cast<std::size_t>(count_columns(instance));
  const std::vector<int> base = base_columns(instance);
  const support::Json::Array* rows = place.json().array();
  const support::Json::Array* first = rows == nullptr || rows->empty() ? nullptr : rows->front().array();
  if (first != nullptr && first->size() == columns) {
    return {layers, columns, narrow(place.integer_table(layers, columns, -1, model.experts - 1))};
  }
  const std::vector<int> slots = narrow(place.integer_table(layers, base.size(), -1, model.experts - 1));
  Matrix<int> all(layers, columns, -1);
  for (std::size_t layer = 0; layer < layers; ++layer) {
    for (std::size_t slot = 0; slot < base.size(); ++slot) {
      all.at(layer, static_cast<std::size_t>(base[slot])) = slots[layer * base.size() + slot];
    }
  }
  return all;
}

// "host:3" or a device.
void read_from(const Reader& place, const Cluster& cluster, Transfer& transfer) {
  const std::string* text = place.json().string();
  if (text == nullptr && place.json().is_number()) {
    transfer.from = static_cast<int>(place.integer(0, cluster.devices() - 1));
    return;
  }
  constexpr std::string_view kHost = "host:";
  if (text != nullptr && text->starts_with(kHost) && text->size() > kHost.size() &&
      (text->size() == kHost.size() + 1 || (*text)[kHost.size()] != '0')) {
    const char* end = text->data() + text->size();
    const auto [stop, error] = std::from_chars(text->data() + kHost.size(), end, transfer.from);
    if (error == std::errc{} && stop == end && transfer.from >= 0 && transfer.from < cluster.nodes) {
      transfer.from_host = true;
      return;
    }
  }
  place.fail("a device, or \"host:N\" with a node of at most " + std::to_string(cluster.nodes - 1));
}

Transfer read_transfer(Reader place, const StepInstance& instance) {
  const ExpertModel& model = instance.experts.model;
  Transfer transfer;
  if (const auto kind = place.optional_member("kind")) {
    const std::string* name = kind->json().string();
    if (name == nullptr || (*name != "weights" && *name != "gradient")) kind->fail("\"weights\" or \"gradient\"");
    if (*name == "gradient") transfer.kind = TransferKind::gradient;
  }
  transfer.microstep = static_cast<int>(place.member("microstep").integer(0, instance.microsteps() - 1));
  transfer.layer = static_cast<int>(place.member("layer").integer(0, model.layers - 1));
  transfer.expert = static_cast<int>(place.member("expert").integer(0, model.experts - 1));
  read_from(place.member("from"), instance.experts.cluster, transfer);
  transfer.to = static_cast<int>(place.member("to").integer(0, instance.experts.cluster.devices() - 1));
  transfer.start_seconds = place.member("start_seconds").number(-kMostTime, kMostTime);
  transfer.end_seconds = place.member("end_seconds").number(-kMostTime, kMostTime);
  place.done();
  return transfer;
}

}  // namespace

StepPlan read_plan(const support::Json& plan_file, const StepInstance& instance) {
  Reader place = plan_member(plan_file);
  StepPlan plan;
  plan.base = read_base(place.member("base"), instance);
  const auto columns = static_cast<std::size_t>(count_columns(instance));
  const Reader microsteps = place.member("microsteps");
  const auto count = static_cast<std::size_t>(instance.microsteps());
  if (microsteps.json().array() == nullptr || microsteps.json().array()->size() != count) {
    microsteps.fail("an array of " + std::to_string(count) + " objects, one for each micro-step");
  }
  for (const Reader& microstep : microsteps.elements()) {
    plan.microsteps.push_back(read_slots_and_shares(microstep, instance.experts, columns));
  }
  for (const Reader& transfer : place.member("transfers").elements()) {
    plan.transfers.push_back(read_transfer(transfer, instance));
  }
  place.done();
  static_cast<void>(read_metrics(plan_file, {}));
  return plan;
}

}  // namespace plimsoll::experts::step
