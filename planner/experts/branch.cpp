// The method `branch`: exact search on every layer, from the plan that a few rounds of local search give.
#include "planner/experts/exact/branch_layer.hpp"
#include "planner/experts/exact/proof.hpp"
#include "planner/experts/method.hpp"
#include "planner/experts/search/local_search.hpp"
#include "planner/experts/search/split.hpp"
#include "plimsoll/error.hpp"

namespace plimsoll::experts {
namespace {

constexpr int rounds = 4;
constexpr std::uint64_t first_turn = 4'000'000;
constexpr std::uint64_t growth = 4;

}  // namespace

void run_branch(const Prepared& prepared, Context& context) {
  const std::string refused = branch_refusal(split_layers(prepared).front());
  if (!refused.empty()) {
    throw Error(ErrorCode::unsupported, "method branch does not take " + refused, {}, "Maybe use auto or milp-cbc.");
  }
  LocalSearch local(prepared, context);
  Proof proof(prepared, context, local, true);
  local.begin();
  for (int round = 0; round < rounds && !context.should_stop() && local.round(); ++round) {
  }
  for (std::uint64_t turn = first_turn; !context.should_stop() && proof.turn(turn);) {
    if (turn < (std::uint64_t{1} << 60)) turn *= growth;
  }
}

}  // namespace plimsoll::experts
