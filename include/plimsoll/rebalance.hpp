// What serving systems ask their expert balancer: the loads of all experts in, replicas for the same number of slots on
// every device out, tokens split evenly over the replicas of an expert. The call has the form of DeepSeek's EPLB
// (github.com/deepseek-ai/EPLB, rebalance_experts), which vLLM and SGLang carry along.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <vector>

#include "plimsoll/certificate.hpp"
#include "plimsoll/experts.hpp"
#include "plimsoll/export.h"
#include "plimsoll/matrix.hpp"

namespace plimsoll {

enum class RebalanceMode {
  best,  // as good as the work allows, with a bound that says how good that is
  // Slot for slot what the published code returns under PyTorch on a CPU, its arithmetic in 32 bits and its order of
  // equal loads included. Shares are even whatever the dispatch, and a placement only reorders slots inside devices.
  compatible,
};

struct RebalanceRequest {
  Matrix<double> load;  // [layers][experts] tokens, 0 or more
  int slots = 0;        // of each layer, over all devices; a multiple of `devices`, at least `experts`
  int groups = 1;       // of experts that follow each other; where `nodes` divides it, a group stays on one node
  int nodes = 1;        // divides `devices`
  int devices = 1;
  // [layers][slots] what stands now, -1 where nothing does: among equally good plans (layer times within 0.1 %) the one
  // that moves the least, and an expert that stays on a device keeps its slot there.
  std::optional<Matrix<int>> placement;
  std::optional<std::int64_t> max_moves;  // over all layers; needs a placement and mode best
  std::vector<int> dead;                  // devices that hold nothing (their slots are -1), ascending; needs mode best
};

struct RebalanceOptions {
  RebalanceMode mode = RebalanceMode::best;
  Dispatch dispatch = Dispatch::even;
  // Work, so that every rank that plans for itself makes the same plan. Not given: enough for the models of today in
  // tens of milliseconds; up to a second where moves are limited and dispatch is weighted.
  std::optional<std::uint64_t> work_limit;
  std::optional<double> time_limit_seconds;  // a guard; a plan that it stopped differs from rank to rank
  int threads = 1;                           // never changes the plan
  std::uint64_t seed = 1;
  const std::atomic<bool>* stop = nullptr;  // set it from anywhere: the best plan so far is returned
};

struct Rebalanced {
  ExpertPlan plan;  // slots [layers][slots]; shares in proportion to which tokens go to each replica
  // Same shape: which of its expert's replicas a slot is, from 0, in the order of slots (mode compatible: in the order
  // in which the published code makes them); -1 where the slot is empty.
  Matrix<int> rank;
  Certificate certificate;
  ExpertMetrics metrics;
};

// Throws Error(input), with a pointer into the request, for shapes and numbers that do not fit together, and for what
// no plan can meet: live slots that cannot hold all experts (or all groups, node by node), experts that stand nowhere
// and too few moves. Throws Error(unsupported) where mode compatible is asked for what the published code does not
// know. `plan` and `rank` are empty where the certificate's status is unknown: a limit of moves, or groups on nodes
// with dead devices, for which the search found no plan.
PLIMSOLL_API Rebalanced rebalance(const RebalanceRequest& request, const RebalanceOptions& options = {});

}  // namespace plimsoll
