#include "planner/experts/balancer/recover.hpp"

#include <algorithm>

#include "planner/experts/balancer/order.hpp"
#include "planner/experts/solve.hpp"

namespace plimsoll::experts::balancer {
namespace {

// Enough for one layer of any published model; only what memory and groups make difficult comes here.
constexpr std::uint64_t layer_work = 20'000'000;

std::vector<LostExpert> busiest_first(const Prepared& prepared, std::vector<LostExpert> lost) {
  std::stable_sort(lost.begin(), lost.end(), [&](const LostExpert& a, const LostExpert& b) {
    return prepared.load(a.layer)[static_cast<std::size_t>(a.expert)] >
           prepared.load(b.layer)[static_cast<std::size_t>(b.expert)];
  });
  return lost;
}

bool place_in_layer(EvenLayer& layer, const std::vector<LostExpert>& lost, Allowance& allowance) {
  for (const LostExpert& expert : lost) {
    const Step step = layer.best_place(expert.expert, allowance);
    if (!step.exists()) return false;
    layer.take(step, allowance);
  }
  return true;
}

// The layer as an instance of its own, from scratch.
std::string plan_anew(const Prepared& prepared, std::size_t layer, std::uint64_t seed, std::span<int> row,
                      Allowance& allowance, std::uint64_t& work) {
  ExpertInstance one = prepared.instance;
  one.model.layers = 1;
  const auto load = prepared.load(static_cast<int>(layer));
  one.load = Matrix<double>(1, load.size(), {load.begin(), load.end()});
  one.placement = Matrix<int>(1, row.size(), {row.begin(), row.end()});
  const std::vector<int> before(row.begin(), row.end());
  one.cluster.memory_bytes.reset();
  if (!allowance.device_room.empty()) {
    // What fits on a device is what the layer holds there and what is free.
    for (int device = 0; device < prepared.devices; ++device) {
      const auto d = static_cast<std::size_t>(device);
      for (int slot = prepared.first_slot[d]; slot < prepared.first_slot[d + 1]; ++slot) {
        allowance.device_room[d] += row[static_cast<std::size_t>(slot)] >= 0 ? 1 : 0;
      }
    }
  }
  SolveOptions options;
  options.method = "local";
  options.work_limit = layer_work;
  options.seed = seed;
  const ExpertSolution solution = solve(one, options, support::Meter::Clock::now());
  work += solution.certificate.work;
  if (!solution.certificate.objective) {
    return "layer " + std::to_string(layer) + ": " +
           (solution.certificate.reason.empty() ? "no plan was found" : solution.certificate.reason);
  }
  const std::vector<int> target = settled(prepared, before, solution.plan.slots.row(0));
  std::copy(target.begin(), target.end(), row.begin());
  for (int device = 0; device < prepared.devices && !allowance.device_room.empty(); ++device) {
    const auto d = static_cast<std::size_t>(device);
    for (int slot = prepared.first_slot[d]; slot < prepared.first_slot[d + 1]; ++slot) {
      allowance.device_room[d] -= row[static_cast<std::size_t>(slot)] >= 0 ? 1 : 0;
    }
    if (allowance.device_room[d] < 0) {
      return "layer " + std::to_string(layer) + ": the memory of device " + std::to_string(device) +
             " has no room for the experts that were lost";
    }
  }
  return {};
}

}  // namespace

std::vector<LostExpert> lost_experts(const Matrix<int>& slots, int experts) {
  std::vector<LostExpert> lost;
  for (std::size_t layer = 0; layer < slots.rows(); ++layer) {
    std::vector<bool> held(static_cast<std::size_t>(experts), false);
    for (const int expert : slots.row(layer)) {
      if (expert >= 0) held[static_cast<std::size_t>(expert)] = true;
    }
    for (int expert = 0; expert < experts; ++expert) {
      if (!held[static_cast<std::size_t>(expert)]) lost.push_back({static_cast<int>(layer), expert});
    }
  }
  return lost;
}

std::vector<std::int64_t> memory_room(const Prepared& prepared, const Matrix<int>& slots) {
  if (!prepared.memory_binds) return {};
  std::vector<std::int64_t> room = prepared.memory_replicas;
  for (std::size_t layer = 0; layer < slots.rows(); ++layer) {
    const auto row = slots.row(layer);
    for (std::size_t slot = 0; slot < row.size(); ++slot) {
      if (row[slot] >= 0) --room[static_cast<std::size_t>(prepared.device_of_slot(static_cast<int>(slot)))];
    }
  }
  return room;
}

std::string recover(const Prepared& prepared, const Scenarios& scenarios, const std::vector<LostExpert>& lost,
                    std::uint64_t seed, Matrix<int>& slots, std::uint64_t& work) {
  const Matrix<int> before = slots;
  Allowance allowance;
  allowance.moves = std::numeric_limits<std::int64_t>::max() / 4;
  allowance.device_room = memory_room(prepared, slots);
  for (std::size_t layer = 0; layer < slots.rows(); ++layer) {
    std::vector<LostExpert> here;
    std::copy_if(lost.begin(), lost.end(), std::back_inserter(here),
                 [&](const LostExpert& expert) { return expert.layer == static_cast<int>(layer); });
    if (here.empty()) continue;
    EvenLayer state(prepared, static_cast<int>(layer), scenarios, slots.row(layer), 0);
    Allowance left = allowance;
    const bool placed = place_in_layer(state, busiest_first(prepared, std::move(here)), left);
    work += state.take_work();
    if (placed) {
      allowance = left;
      std::copy(state.row().begin(), state.row().end(), slots.row(layer).begin());
      continue;
    }
    std::string why = plan_anew(prepared, layer, seed, slots.row(layer), allowance, work);
    if (why.empty()) continue;
    slots = before;
    return why;
  }
  return {};
}

}  // namespace plimsoll::experts::balancer
