#include <limits>

#include "planner/assignment/json.hpp"
#include "support/npy.hpp"

namespace plimsoll::assignment {
namespace {

constexpr double most = std::numeric_limits<double>::max();

}  // namespace

ClaimedMetrics read_metrics(const support::Json& plan_file) {
  ClaimedMetrics claimed;
  const support::Json* json = plan_file.find("metrics");
  if (json == nullptr || json->is_null()) return claimed;
  support::Reader place(*json, "/metrics");
  const auto number = [&](std::string_view key) {
    const auto value = place.optional_member(key);
    return value ? std::optional<double>(value->number(-most, most)) : std::nullopt;
  };
  claimed.cost = number("cost");
  claimed.makespan = number("makespan");
  claimed.mean_load = number("mean_load");
  claimed.fullest = number("fullest");
  if (const auto changes = place.optional_member("changes")) {
    claimed.changes = static_cast<double>(changes->integer(0, most_items));
  }
  place.done();
  return claimed;
}

AssignmentPlan read_plan(const support::Json& plan_file, const AssignmentInstance& instance) {
  support::Reader file(plan_file);
  support::Reader place = file.member("plan");
  if (place.json().is_null()) place.fail("an object", "Maybe the solve found no plan: see the certificate's status.");
  AssignmentPlan plan;
  const auto items = static_cast<std::size_t>(instance.items);
  for (const std::int64_t bin : place.member("bin_of").integers(items, 0, instance.bins - 1)) {
    plan.bin_of.push_back(static_cast<int>(bin));
  }
  place.done();
  static_cast<void>(read_metrics(plan_file));
  return plan;
}

Proof read_proof(const support::Json& plan_file, const Prepared& prepared) {
  Proof proof;
  const support::Json* json = plan_file.find("proof");
  if (json == nullptr || json->is_null()) return proof;
  support::Reader place(*json, "/proof");
  const auto items = static_cast<std::size_t>(prepared.items);
  const auto bins = static_cast<std::size_t>(prepared.bins);
  if (const auto prices = place.optional_member("item_price")) proof.item_price = prices->numbers(items, -most, most);
  if (const auto weight = place.optional_member("weight")) {
    const std::size_t rows = support::array_length(*weight);
    if (rows != bins) weight->fail("one row for each of the " + std::to_string(bins) + " bins");
    const std::size_t columns = support::array_length(weight->elements().front());
    proof.weight = Matrix<double>(bins, columns, weight->number_table(bins, columns, 0, most));
  }
  if (const auto price = place.optional_member("change_price")) proof.change_price = price->number(0, most);
  if (const auto refuted = place.optional_member("refuted")) proof.refuted = refuted->number(-most, most);
  place.done();
  return proof;
}

}  // namespace plimsoll::assignment
