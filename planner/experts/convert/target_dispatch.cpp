#include "planner/experts/convert/target_dispatch.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <span>
#include <vector>

#include "planner/experts/evaluate.hpp"
#include "plimsoll/error.hpp"

namespace plimsoll::experts {
namespace {

constexpr double worth_a_word = 0.01;  // relative; below it the target keeps what the plan promises

class Shares {
 public:
  Shares(const ExpertInstance& instance, TargetDispatch dispatch)
      : instance_(instance), dispatch_(dispatch), alive_(static_cast<std::size_t>(instance.cluster.devices()), true) {
    for (const int device : instance.cluster.dead) alive_[static_cast<std::size_t>(device)] = false;
    for (std::size_t device = 0; device < alive_.size(); ++device) {
      device_of_slot_.insert(device_of_slot_.end(), static_cast<std::size_t>(instance.cluster.slots[device]), device);
    }
    const auto per_node = static_cast<std::size_t>(instance.cluster.devices_per_node);
    live_on_node_.assign(static_cast<std::size_t>(instance.cluster.nodes), 0);
    for (std::size_t device = 0; device < alive_.size(); ++device) {
      if (!alive_[device]) continue;
      ++live_on_node_[device / per_node];
      ++live_;
    }
  }

  // Of one expert, whose copies stand in these slots (ascending).
  void set(std::span<const std::size_t> copies, std::span<double> shares) const {
    const auto count = static_cast<double>(copies.size());
    switch (dispatch_) {
      case TargetDispatch::even:
        for (const std::size_t slot : copies) shares[slot] = 1.0 / count;
        return;
      case TargetDispatch::by_rank:
        // The ranks r < live with r mod n = i number ceil((live - i) / n).
        for (std::size_t i = 0; i < copies.size(); ++i) {
          const std::size_t ranks = i < live_ ? (live_ - i + copies.size() - 1) / copies.size() : 0;
          shares[copies[i]] = static_cast<double>(ranks) / static_cast<double>(live_);
        }
        return;
      case TargetDispatch::nearest:
        set_nearest(copies, shares);
        return;
      case TargetDispatch::as_planned:
        return;
    }
  }

 private:
  void set_nearest(std::span<const std::size_t> copies, std::span<double> shares) const {
    std::vector<std::size_t> ranks(copies.size(), 0);  // whose tokens a copy is bound to get
    std::size_t bound = 0;
    const auto node_of = [&](std::size_t copy) {
      return device_of_slot_[copies[copy]] / static_cast<std::size_t>(instance_.cluster.devices_per_node);
    };
    for (std::size_t first = 0; first < copies.size();) {
      // The copies of one node stand together; those of one of its devices do, too.
      std::size_t last = first;
      std::size_t holding = 0;
      while (last < copies.size() && node_of(last) == node_of(first)) {
        const bool another = last == first || device_of_slot_[copies[last]] != device_of_slot_[copies[last - 1]];
        if (another && copies.size() > 1) {
          ++ranks[last];
          ++holding;
        }
        ++last;
      }
      bound += holding;
      // A node is preferred only where that leaves any copy out.
      if (copies.size() > 1 && last - first < copies.size()) {
        const std::size_t others = live_on_node_[node_of(first)] - holding;
        ranks[first] += others;
        bound += others;
      }
      first = last;
    }
    const double rest = static_cast<double>(live_ - bound) / static_cast<double>(copies.size());
    for (std::size_t i = 0; i < copies.size(); ++i) {
      shares[copies[i]] = (static_cast<double>(ranks[i]) + rest) / static_cast<double>(live_);
    }
  }

  const ExpertInstance& instance_;
  TargetDispatch dispatch_;
  std::vector<bool> alive_;
  std::vector<std::size_t> device_of_slot_;
  std::vector<std::size_t> live_on_node_;
  std::size_t live_ = 0;
};

// Whole tokens that sum to the load and miss the shares by less than one each.
void set_tokens(std::span<const std::size_t> copies, double load, std::span<double> shares,
                std::span<std::int64_t> tokens) {
  double before = 0;
  double share_sum = 0;
  for (std::size_t i = 0; i < copies.size(); ++i) {
    share_sum += shares[copies[i]];
    const double upto = i + 1 == copies.size() ? load : std::min(load, std::max(before, std::round(load * share_sum)));
    tokens[copies[i]] = static_cast<std::int64_t>(upto - before);
    if (load > 0) shares[copies[i]] = (upto - before) / load;
    before = upto;
  }
}

// docs/formats.md: even dispatch gives ceil(load / n) to the first slots in order and floor to the rest.
void set_even_tokens(std::span<const std::size_t> copies, double load, std::span<double> shares,
                     std::span<std::int64_t> tokens) {
  const auto whole = static_cast<std::int64_t>(load);
  const auto count = static_cast<std::int64_t>(copies.size());
  for (std::size_t i = 0; i < copies.size(); ++i) {
    tokens[copies[i]] = whole / count + (static_cast<std::int64_t>(i) < whole % count ? 1 : 0);
    if (load > 0) shares[copies[i]] = static_cast<double>(tokens[copies[i]]) / load;
  }
}

std::string seconds_text(double seconds) {
  char text[40];
  std::snprintf(text, sizeof text, "%.9g", seconds);
  return text;
}

std::string advice(const ExpertInstance& instance, TargetDispatch dispatch) {
  if (instance.dispatch == Dispatch::weighted) {
    return "Maybe solve again with \"dispatch\": \"even\": this target cannot weigh copies";
  }
  if (dispatch == TargetDispatch::by_rank) {
    return "This target binds whole ranks to copies, which is even only where the copies divide the ranks";
  }
  // With all copies of an expert on one node no node is preferred.
  const bool can_keep = instance.model.groups > 1 && !instance.keep_groups_on_a_node;
  return (can_keep ? "Maybe solve again with \"keep_groups_on_a_node\": true: this" : std::string("This")) +
         " target prefers copies on the sender's node";
}

}  // namespace

ExpertPlan dispatched(const ExpertInstance& instance, const ExpertPlan& plan, TargetDispatch dispatch) {
  if (dispatch == TargetDispatch::as_planned) return plan;
  ExpertPlan result = plan;
  const Shares shares(instance, dispatch);
  std::vector<std::vector<std::size_t>> copies(static_cast<std::size_t>(instance.model.experts));
  for (std::size_t layer = 0; layer < plan.slots.rows(); ++layer) {
    for (auto& list : copies) list.clear();
    for (std::size_t slot = 0; slot < plan.slots.columns(); ++slot) {
      const int expert = plan.slots.at(layer, slot);
      if (expert >= 0) copies[static_cast<std::size_t>(expert)].push_back(slot);
    }
    for (std::size_t expert = 0; expert < copies.size(); ++expert) {
      const auto row = result.shares.row(layer);
      shares.set(copies[expert], row);
      if (result.tokens.empty() || copies[expert].empty()) continue;
      const bool even = dispatch == TargetDispatch::even;
      (even ? set_even_tokens : set_tokens)(copies[expert], instance.load.at(layer, expert), row,
                                            result.tokens.row(layer));
    }
  }
  return result;
}

double objective_under(const ExpertInstance& instance, const ExpertPlan& plan, TargetDispatch dispatch) {
  ExpertInstance judged = instance;
  if (dispatch == TargetDispatch::even) judged.dispatch = Dispatch::even;
  if (dispatch == TargetDispatch::by_rank || dispatch == TargetDispatch::nearest) judged.dispatch = Dispatch::weighted;
  const Evaluation evaluation = evaluate(judged, dispatched(instance, plan, dispatch));
  if (!evaluation.violations.empty()) {
    throw Error(ErrorCode::internal, "the plan does not hold under another dispatch: " + evaluation.violations.front());
  }
  return evaluation.objective;
}

std::string compare_objectives(const ExpertInstance& instance, const ExpertPlan& plan, TargetDispatch dispatch,
                               const std::string& target) {
  const double planned = evaluate(instance, plan).objective;
  const double actual = objective_under(instance, plan, dispatch);
  const double worse = (actual - planned) / std::max(std::abs(planned), 1e-12);
  char change[40];
  std::snprintf(change, sizeof change, "%+.2f %%", 100.0 * worse);
  const std::string text = "the plan's objective is " + seconds_text(planned) + " seconds, as " + target +
                           " dispatches it " + seconds_text(actual) + " seconds (" + change + ")";
  return worse > worth_a_word ? text + ". " + advice(instance, dispatch) : text;
}

}  // namespace plimsoll::experts
