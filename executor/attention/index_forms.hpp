// The passes that index_branch.cpp chooses from.
#pragma once

#include <functional>
#include <vector>

#include "executor/attention/index_rows.hpp"
#include "executor/threads/team.hpp"

namespace plimsoll::executor {

// Runs work(item) for every item, on a team or in place.
using ForEach = std::function<void(int items, const std::function<void(int)>& work)>;

// One query by bounds of superblocks. lower and upper are [group][stride] of scratch.
void select_hierarchically(const IndexBranch& branch, const QueryRanking& ranking, float* lower, float* upper,
                           std::ptrdiff_t stride, const ForEach& each, std::int32_t* selected, IndexTraffic& traffic);

}  // namespace plimsoll::executor
