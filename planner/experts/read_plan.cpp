#include <limits>

#include "planner/experts/json.hpp"
#include "planner/experts/read_parts.hpp"

namespace plimsoll::experts {

ClaimedMetrics read_metrics(const support::Json& plan_file) {
  constexpr double kMost = std::numeric_limits<double>::max();
  ClaimedMetrics claimed;
  const support::Json* json = plan_file.find("metrics");
  if (json == nullptr || json->is_null()) return claimed;
  support::Reader place(*json, "/metrics");
  const auto number = [&](std::string_view key, double least) {
    const auto value = place.optional_member(key);
    return value ? std::optional<double>(value->number(least, kMost)) : std::nullopt;
  };
  claimed.imbalance = number("imbalance", -kMost);
  claimed.worst_imbalance = number("worst_imbalance", -kMost);
  if (const auto moves = place.optional_member("moves")) {
    claimed.moves = static_cast<double>(moves->integer(0, std::numeric_limits<std::int64_t>::max()));
  }
  claimed.moved_bytes = number("moved_bytes", 0);
  place.done();
  return claimed;
}

support::Reader plan_member(const support::Json& plan_file) {
  if (plan_file.find("proof") != nullptr) {
    throw Error(ErrorCode::input, "plans of experts carry no proof, their bounds are searched for again", "/proof");
  }
  support::Reader file(plan_file);
  support::Reader place = file.member("plan");
  if (place.json().is_null()) place.fail("an object", "Maybe the solve found no plan: see the certificate's status.");
  return place;
}

ExpertPlan read_slots_and_shares(support::Reader place, const ExpertInstance& instance, std::size_t columns) {
  constexpr std::int64_t kMostWhole = std::int64_t{1} << 53;
  constexpr double kMostShare = 1 + 1e-9;
  const auto layers = static_cast<std::size_t>(instance.model.layers);
  ExpertPlan plan;
  plan.slots = Matrix<int>(
      layers, columns, narrow(place.member("slots").integer_table(layers, columns, -1, instance.model.experts - 1)));
  plan.shares = Matrix<double>(layers, columns, place.member("shares").number_table(layers, columns, 0, kMostShare));
  const bool tiled = instance.cost.tile_tokens >= 1 && instance.cost.expert_seconds.empty();
  if (tiled) {
    plan.tokens =
        Matrix<std::int64_t>(layers, columns, place.member("tokens").integer_table(layers, columns, 0, kMostWhole));
  } else if (place.json().find("tokens") != nullptr) {
    throw Error(ErrorCode::input, "tokens are given, but the instance has no cost.tile_tokens",
                place.pointer() + "/tokens", "Maybe this plan belongs to another instance.");
  }
  place.done();
  return plan;
}

ExpertPlan read_plan(const support::Json& plan_file, const ExpertInstance& instance) {
  std::size_t slots = 0;
  for (const int device_slots : instance.cluster.slots) slots += static_cast<std::size_t>(device_slots);
  ExpertPlan plan = read_slots_and_shares(plan_member(plan_file), instance, slots);
  static_cast<void>(read_metrics(plan_file));
  return plan;
}

}  // namespace plimsoll::experts
