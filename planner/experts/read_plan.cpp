#include <limits>

#include "planner/experts/json.hpp"

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

ExpertPlan read_plan(const support::Json& plan_file, const ExpertInstance& instance) {
  constexpr std::int64_t kMostTokens = std::int64_t{1} << 53;
  constexpr double kMostShare = 1 + 1e-9;
  if (plan_file.find("proof") != nullptr) {
    throw Error(ErrorCode::input, "plans of experts carry no proof, their bounds are searched for again", "/proof");
  }
  support::Reader file(plan_file);
  support::Reader place = file.member("plan");
  if (place.json().is_null()) place.fail("an object", "Maybe the solve found no plan: see the certificate's status.");

  const auto layers = static_cast<std::size_t>(instance.model.layers);
  std::size_t slots = 0;
  for (const int device_slots : instance.cluster.slots) slots += static_cast<std::size_t>(device_slots);

  ExpertPlan plan;
  std::vector<int> experts;
  for (const std::int64_t expert : place.member("slots").integer_table(layers, slots, -1, instance.model.experts - 1)) {
    experts.push_back(static_cast<int>(expert));
  }
  plan.slots = Matrix<int>(layers, slots, std::move(experts));
  plan.shares = Matrix<double>(layers, slots, place.member("shares").number_table(layers, slots, 0, kMostShare));
  const bool tiled = instance.cost.tile_tokens >= 1 && instance.cost.expert_seconds.empty();
  if (tiled) {
    plan.tokens =
        Matrix<std::int64_t>(layers, slots, place.member("tokens").integer_table(layers, slots, 0, kMostTokens));
  } else if (place.json().find("tokens") != nullptr) {
    throw Error(ErrorCode::input, "tokens are given, but the instance has no cost.tile_tokens",
                place.pointer() + "/tokens", "Maybe this plan belongs to another instance.");
  }
  place.done();
  static_cast<void>(read_metrics(plan_file));
  return plan;
}

}  // namespace plimsoll::experts
