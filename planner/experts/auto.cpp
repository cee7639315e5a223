// The default: the answers that cost nothing first (what stands, re-split), then local search and exact search in
// turns. Each turn costs more than the one before; they meet in the layers'
// best plans and bounds. Layers too large for a proof are left to the local search.
#include <algorithm>

#include "planner/experts/exact/proof.hpp"
#include "planner/experts/method.hpp"
#include "planner/experts/milp.hpp"
#include "planner/experts/search/local_search.hpp"
#include "planner/experts/shares.hpp"
#include "plimsoll/error.hpp"

namespace plimsoll::experts {
namespace {

constexpr std::uint64_t first_turn = 200'000;
constexpr std::uint64_t growth = 3;
// The exact search gets more: where it has a chance, layers are small, and the local search has soon seen them.
constexpr std::uint64_t proof_share = 16;
// Layers under a table go to the integer program, after some local search; each time with half of what is left.
constexpr std::uint64_t first_program = 600'000;
constexpr int most_programs = 4;
constexpr int most_experts = 32;
constexpr int most_layers = 8;
constexpr std::uint64_t largest_turn = std::uint64_t{1} << 60;

// Local search for one turn; false where no layer is open.
bool search(LocalSearch& local, Context& context, std::uint64_t work) {
  const std::uint64_t end = context.meter().work() + work;
  while (!context.should_stop() && context.meter().work() < end) {
    if (!local.round()) return false;
  }
  return true;
}

// Small, and weighted under a table, which the exact search does not know.
bool needs_program(const Prepared& prepared) {
  return !prepared.even && prepared.curve.table() && prepared.experts <= most_experts && prepared.layers <= most_layers;
}

void search_and_prove(const Prepared& prepared, Context& context) {
  LocalSearch local(prepared, context);
  Proof proof(prepared, context, local, false);
  local.begin();
  int programs = needs_program(prepared) ? most_programs : 0;
  for (std::uint64_t turn = first_turn; !context.should_stop(); turn = std::min(turn, largest_turn) * growth) {
    const bool open = search(local, context, turn);
    if (context.should_stop()) return;
    // Layers that are all at their bounds, and do not keep the shared limits together, are left to the proof.
    bool looked = proof.turn(proof_share * turn);
    if (!looked && programs > 0 && turn >= first_program && !context.should_stop()) {
      looked = prove_by_program(prepared, context, 0.5);
      programs -= looked ? 1 : 0;
    }
    if (!open && !looked && programs == 0) return;
  }
}

}  // namespace

void run_auto(const Prepared& prepared, Context& context) {
  if (prepared.has_placement()) {
    try {
      offer_standing(prepared, context);
    } catch (const Error& error) {
      // An expert without a device: re-splitting cannot help, the search has to move something.
      if (error.code() != ErrorCode::unsupported) throw;
    }
  }
  // Without a plan there is always time for the first one.
  if (!context.objective() || !context.should_stop()) search_and_prove(prepared, context);
}

}  // namespace plimsoll::experts
