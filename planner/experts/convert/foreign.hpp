// What a foreign file says about experts, before it becomes (part of) an instance; and the readers, one per format.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "planner/experts/convert/options.hpp"
#include "plimsoll/matrix.hpp"
#include "plimsoll/step.hpp"

namespace plimsoll::experts {

// The same limits as the reader of instances has (docs/formats.md, "Sizes"), so that a small file cannot ask for a
// large table.
inline constexpr std::int64_t most_foreign_layers = 100'000;
inline constexpr std::int64_t most_foreign_experts = 100'000;
inline constexpr std::int64_t most_foreign_cells = 50'000'000;
inline constexpr double most_foreign_tokens = 1e15;

struct Foreign {
  std::vector<std::int64_t> layers;    // the file's own numbers, ascending, one per row of the tables
  bool numbered = true;                // they are the model's; else no more than places in a list
  std::optional<Matrix<double>> load;  // [layers][experts] tokens; of micro-steps their sum
  // Where the file tells micro-steps apart; each [layers][experts], their sources [layers] of [devices][experts].
  std::vector<Matrix<double>> microsteps;
  std::vector<std::vector<Matrix<double>>> sources;
  StepCommunication communication;       // the routes of tokens, where the file has them
  bool more_experts = false;             // the file may leave out the last experts: those that got no token
  std::optional<Matrix<int>> placement;  // [layers][slots of all devices in order], expert or -1
  std::vector<int> slots;                // [devices] of the placement, where the file says it; else empty
  std::optional<int> devices;            // where the file says no more than that
  bool forbids_duplicates = false;       // the engine takes no expert twice on a device
  std::vector<std::string> notes;
};

Foreign read_csv(std::string_view text, const ConvertOptions& options);
Foreign read_npy(std::string_view text, const ConvertOptions& options);
Foreign read_vllm_ascend(std::string_view text, const ConvertOptions& options);
Foreign read_trtllm(std::string_view text, const ConvertOptions& options);
Foreign read_sglang(std::string_view text, const ConvertOptions& options);
// Those that tell micro-steps apart.
Foreign read_microsteps_npy(std::string_view text, const ConvertOptions& options);
Foreign read_token_routes(std::string_view text, const ConvertOptions& options);
Foreign read_routing_jsonl(std::string_view text, const ConvertOptions& options);

// Sets `load` to the sum of `microsteps`.
void sum_up_microsteps(Foreign& foreign);

// Throws Error(input) where rows * columns is beyond the limits.
void check_foreign_size(const std::string& what, std::size_t rows, std::size_t columns);
// The same for the product of any number of sizes.
void check_foreign_cells(const std::string& what, std::initializer_list<std::size_t> sizes);

}  // namespace plimsoll::experts
