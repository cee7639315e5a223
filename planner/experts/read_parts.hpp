// The parts that instances with one load table and those with micro-steps have in common: each is read by one function
// and written by one (docs/formats.md).
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "plimsoll/experts.hpp"
#include "support/json.hpp"

namespace plimsoll::experts {

// Limits that keep every product and sum of the planner finite and every table in memory (docs/formats.md).
inline constexpr std::int64_t kMostCells = 50'000'000;
inline constexpr double kMostTokens = 1e15;
inline constexpr double kMostSeconds = 1e15;

[[noreturn]] void refuse(const std::string& message, const std::string& pointer, const std::string& advice = {});
// Refuses where the product of the sizes is above kMostCells. `what` names it.
void check_cells(const std::string& what, std::initializer_list<std::int64_t> sizes, const std::string& pointer);
bool optional_boolean(support::Reader& place, std::string_view key, bool fallback);
// The caller has checked the range.
std::vector<int> narrow(const std::vector<std::int64_t>& wide);

// "plimsoll", "problem" and "name".
void read_head(support::Reader& root, ExpertInstance& instance);
// Those that take the place by reference leave done() to the caller, whose object may have more keys.
ExpertModel read_model(support::Reader place);
Cluster read_cluster(support::Reader place, const ExpertModel& model);
ExpertCost read_cost(support::Reader& place);
Dispatch read_dispatch(const support::Reader& place);
// With tiles, tokens are counted in whole numbers: each load, and the sum of a layer, must be exact.
void check_whole_loads(const Matrix<double>& load, const std::string& pointer);
Matrix<int> read_placement(const support::Reader& place, const ExpertInstance& instance);
// max_moves and max_moves_per_device.
void read_move_limits(support::Reader& place, ExpertInstance& instance);
void read_move_price(support::Reader& root, ExpertInstance& instance);
inline constexpr const char* kPlacementAdvice = "Maybe the key 'placement' is missing.";

// The "plan" of a plan file, which must be an object.
support::Reader plan_member(const support::Json& plan_file);
// "slots" and "shares" and, with tiles, "tokens" of [layers][columns]. Only shapes and ranges are judged.
ExpertPlan read_slots_and_shares(support::Reader place, const ExpertInstance& instance, std::size_t columns);

}  // namespace plimsoll::experts
