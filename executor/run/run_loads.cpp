#include "executor/run/run_loads.hpp"

#include <cmath>
#include <numeric>
#include <string>

#include "executor/routing/apportion.hpp"
#include "plimsoll/error.hpp"

namespace plimsoll::executor {

PartBounds bounds_of(const RunPart& part, int layers, int microsteps) {
  if (part.first_layer < 0 || part.first_layer >= layers) {
    throw Error(ErrorCode::usage, "layer " + std::to_string(part.first_layer) + " is none of the instance's " +
                                      std::to_string(layers));
  }
  const int left = layers - part.first_layer;
  if (part.layers < 0 || part.layers > left) {
    throw Error(ErrorCode::usage, std::to_string(part.layers) + " layers from layer " +
                                      std::to_string(part.first_layer) + " on are more than the " +
                                      std::to_string(left) + " that are left");
  }
  if (part.microsteps < 0 || part.microsteps > microsteps) {
    throw Error(ErrorCode::usage, std::to_string(part.microsteps) + " micro-steps are more than the instance's " +
                                      std::to_string(microsteps));
  }
  return {part.first_layer, part.layers == 0 ? left : part.layers, part.microsteps == 0 ? microsteps : part.microsteps};
}

double load_scale(const RunPart& part, double largest_sum) {
  return part.tokens > 0 && largest_sum > 0 ? part.tokens / largest_sum : 1.0;
}

std::vector<std::int64_t> whole_loads(std::span<const double> load, double scale) {
  const double sum = std::accumulate(load.begin(), load.end(), 0.0) * scale;
  return apportion(static_cast<std::int64_t>(std::llround(sum)), load);
}

std::vector<std::vector<RunReplica>> replicas_of(std::span<const int> slots, std::span<const double> shares,
                                                 std::span<const int> columns_of_device) {
  std::vector<std::vector<RunReplica>> replicas(columns_of_device.size());
  std::size_t column = 0;
  for (std::size_t device = 0; device < columns_of_device.size(); ++device) {
    for (int slot = 0; slot < columns_of_device[device]; ++slot, ++column) {
      if (slots[column] >= 0) replicas[device].push_back({slots[column], slot, shares[column], 0, 0, -1});
    }
  }
  return replicas;
}

void hand_out_tokens(std::vector<std::vector<RunReplica>>& replicas, std::span<const std::int64_t> load) {
  std::vector<std::vector<RunReplica*>> of_expert(load.size());
  for (auto& on_device : replicas) {
    for (RunReplica& replica : on_device) of_expert[static_cast<std::size_t>(replica.expert)].push_back(&replica);
  }
  std::vector<double> shares;
  for (std::size_t expert = 0; expert < load.size(); ++expert) {
    shares.clear();
    for (const RunReplica* replica : of_expert[expert]) shares.push_back(replica->share);
    if (shares.empty()) {
      if (load[expert] == 0) continue;
      throw Error(ErrorCode::internal, "expert " + std::to_string(expert) + " has tokens and no replica");
    }
    const std::vector<std::int64_t> tokens = apportion(load[expert], shares);
    std::int64_t first = 0;
    for (std::size_t k = 0; k < shares.size(); ++k) {
      of_expert[expert][k]->first = first;
      of_expert[expert][k]->tokens = tokens[k];
      first += tokens[k];
    }
  }
}

}  // namespace plimsoll::executor
