#include "planner/experts/json.hpp"
#include "planner/experts/read_parts.hpp"
#include "support/text.hpp"

namespace plimsoll::experts {

namespace {

using support::Reader;

// Asked for by name, so that nobody believes that they were honoured.
void refuse_keys_of_steps(const Reader& place, std::initializer_list<std::string_view> keys) {
  for (const std::string_view key : keys) {
    if (place.json().find(key) == nullptr) continue;
    refuse("the key " + support::in_quotes(key) + " needs the key \"microsteps\"",
           place.pointer() + "/" + std::string(key),
           "Maybe give \"microsteps\" instead of \"load\": a list of tables like it, one for each micro-step.");
  }
}

void read_limits(Reader place, ExpertInstance& instance) {
  if (place.json().object() == nullptr) place.fail("an object");
  refuse_keys_of_steps(place, {"transient_slots", "transient_pool_slots"});
  read_move_limits(place, instance);
  place.done();
  if (!instance.placement) refuse("limits of moves need to know what stands now", place.pointer(), kPlacementAdvice);
}

}  // namespace

ExpertInstance read_instance(const common::Document& document) {
  document.attachments.contents.clear();  // reading twice must not change the identity
  Reader root(document.json, "", &document.attachments);
  ExpertInstance instance;
  read_head(root, instance);
  if (root.json().find("microsteps") != nullptr) {
    refuse("expected the key \"load\", since only instances with one table of loads are taken here", "/microsteps",
           "Maybe give \"load\" instead: the sum over micro-steps.");
  }
  refuse_keys_of_steps(root, {"sources", "communication", "schedule", "gradient_return"});
  instance.model = read_model(root.member("model"));
  instance.cluster = read_cluster(root.member("cluster"), instance.model);
  if (auto cost = root.optional_member("cost")) {
    if (cost->json().object() != nullptr) refuse_keys_of_steps(*cost, {"backward_ratio"});
    instance.cost = read_cost(*cost);
    cost->done();
  }
  if (const auto dispatch = root.optional_member("dispatch")) instance.dispatch = read_dispatch(*dispatch);

  const auto layers = static_cast<std::size_t>(instance.model.layers);
  const auto experts = static_cast<std::size_t>(instance.model.experts);
  const Reader load = root.member("load");
  instance.load = Matrix<double>(layers, experts, load.number_table(layers, experts, 0, kMostTokens));
  if (instance.cost.tile_tokens >= 1) check_whole_loads(instance.load, load.pointer());
  instance.keep_groups_on_a_node = optional_boolean(root, "keep_groups_on_a_node", false);
  if (const auto placement = root.optional_member("placement")) {
    instance.placement = read_placement(*placement, instance);
  }
  if (const auto limits = root.optional_member("limits")) read_limits(*limits, instance);
  read_move_price(root, instance);
  root.done();
  return instance;
}

}  // namespace plimsoll::experts
