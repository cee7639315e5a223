// What a plan is worth where somebody else's engine dispatches its tokens: the same slots with the shares that the
// engine really gives them, judged by evaluate(). The rules are those of the engines' sources (docs/formats.md names
// them).
#pragma once

#include <string>

#include "plimsoll/experts.hpp"

namespace plimsoll::experts {

enum class TargetDispatch {
  as_planned,  // the plan's own shares
  even,        // round robin, or at random for each token, over all copies: TensorRT-LLM
  by_rank,     // the n copies of an expert are served the tokens of the ranks r with the same r mod n: vLLM-Ascend
  nearest,     // a copy on the rank itself, else the first on its node, else any at random: SGLang static, dynamic
};

// The plan's slots with the shares (and whole tokens) of that dispatch. Tokens are taken to originate in equal parts on
// every live device.
ExpertPlan dispatched(const ExpertInstance& instance, const ExpertPlan& plan, TargetDispatch dispatch);

// Seconds, by evaluate(); the plan must be one that holds.
double objective_under(const ExpertInstance& instance, const ExpertPlan& plan, TargetDispatch dispatch);

// One line for people: the plan's own objective beside that under the target's dispatch, and where the target makes the
// plan worse by more than 1 %, why and what to do about it. `target` is its name, with its way to dispatch.
std::string compare_objectives(const ExpertInstance& instance, const ExpertPlan& plan, TargetDispatch dispatch,
                               const std::string& target);

}  // namespace plimsoll::experts
