// Small random instances with plans of both kinds, and a run of one in one call, for the tests beside this file.
//
// Time in the plans made here goes in windows of two units: window w is planned to begin at 2 w + 1 and to last 1;
// before it lies a gap of 1, in which what it needs can still arrive.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "executor/kernels/isa.hpp"
#include "executor/run/run_loads.hpp"
#include "executor/run/runner.hpp"
#include "support/random.hpp"

namespace plimsoll::executor {

inline constexpr double unit = 1e-5;  // seconds

struct Sizes {
  int nodes = 1;
  int devices_per_node = 4;
  int base_slots = 3;
  int transient_slots = 0;
  int transient_pool_slots = 0;
  int layers = 2;
  int experts = 8;
  int top_k = 2;
  int microsteps = 3;
};

inline ModelShape small_shape(const Sizes& sizes, NumberType type = NumberType::bf16) {
  ModelShape shape;
  shape.name = "small";
  shape.expert = {.width = 48, .inner = 40};
  shape.router = {.experts = sizes.experts, .top_k = sizes.top_k, .renormalise = true};
  shape.type = type;
  shape.attention = ModelAttention{.sizes = {4, 2, 16, 16, type}, .selection = {.blocks = 2}};
  return shape;
}

inline Cluster cluster_of(const Sizes& sizes) {
  Cluster cluster;
  cluster.nodes = sizes.nodes;
  cluster.devices_per_node = sizes.devices_per_node;
  cluster.slots.assign(static_cast<std::size_t>(cluster.devices()), sizes.base_slots);
  cluster.speed.assign(static_cast<std::size_t>(cluster.devices()), 1.0);
  return cluster;
}

inline Matrix<double> random_load(const Sizes& sizes, support::Random& random) {
  Matrix<double> load(static_cast<std::size_t>(sizes.layers), static_cast<std::size_t>(sizes.experts));
  for (std::size_t layer = 0; layer < load.rows(); ++layer) {
    for (double& tokens : load.row(layer)) tokens = random.below(5) == 0 ? 0 : 12 * random.uniform();
  }
  return load;
}

inline std::size_t at(int index) { return static_cast<std::size_t>(index); }

// Every expert somewhere, the other columns at random; -1 now and then.
inline void place(std::span<int> slots, const std::vector<std::size_t>& columns, int experts, support::Random& random) {
  std::vector<std::size_t> order = columns;
  for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random.below(i)]);
  for (std::size_t i = 0; i < order.size(); ++i) {
    const auto any = static_cast<int>(random.below(at(experts) + 1)) - 1;
    slots[order[i]] = i < at(experts) ? static_cast<int>(i) : any;
  }
}

// Shares of each expert's replicas in a row that sum to 1; some of them 0.
inline void share_out(std::span<const int> slots, std::span<double> shares, support::Random& random) {
  std::map<int, double> sum;
  for (std::size_t c = 0; c < slots.size(); ++c) {
    shares[c] = slots[c] < 0 ? 0 : random.below(4) == 0 ? 0 : 0.1 + random.uniform();
    sum[slots[c]] += shares[c];
  }
  for (std::size_t c = 0; c < slots.size(); ++c) {
    if (slots[c] < 0) continue;
    if (sum[slots[c]] == 0) sum[slots[c]] = shares[c] = 1;
  }
  for (std::size_t c = 0; c < slots.size(); ++c) {
    if (slots[c] >= 0) shares[c] /= sum[slots[c]];
  }
}

inline Prediction prediction_of(int windows, int layers, int devices) {
  Prediction prediction;
  for (int w = 0; w < windows; ++w) {
    prediction.windows.push_back({w / layers, w % layers, true});
    prediction.window_start.push_back((2 * w + 1) * unit);
    prediction.window_seconds.push_back(unit);
    prediction.waited.push_back(0);
    prediction.device_seconds.emplace_back(at(devices), 0.5 * unit);
  }
  return prediction;
}

// Without loads.
inline ExpertInstance instance_of(const Sizes& sizes) {
  ExpertInstance instance;
  instance.name = "small";
  instance.model = {.layers = sizes.layers, .experts = sizes.experts, .top_k = sizes.top_k, .expert_bytes = 1e6};
  instance.cluster = cluster_of(sizes);
  return instance;
}

inline ExpertInstance static_instance(const Sizes& sizes, support::Random& random) {
  ExpertInstance instance = instance_of(sizes);
  instance.load = random_load(sizes, random);
  return instance;
}

inline ExpertPlan static_plan(const ExpertInstance& instance, support::Random& random) {
  std::vector<std::size_t> columns;
  for (const int slots : instance.cluster.slots) {
    for (int slot = 0; slot < slots; ++slot) columns.push_back(columns.size());
  }
  ExpertPlan plan;
  plan.slots = Matrix<int>(at(instance.model.layers), columns.size(), -1);
  plan.shares = Matrix<double>(at(instance.model.layers), columns.size());
  for (std::size_t layer = 0; layer < plan.slots.rows(); ++layer) {
    place(plan.slots.row(layer), columns, instance.model.experts, random);
    share_out(plan.slots.row(layer), plan.shares.row(layer), random);
  }
  return plan;
}

inline RunPlan static_run(const ExpertInstance& instance, const ExpertPlan& plan, const RunPart& part = {}) {
  return run_plan(instance, plan,
                  prediction_of(instance.model.layers, instance.model.layers, instance.cluster.devices()), part);
}

struct Step {
  StepInstance instance;
  StepPlan plan;
  [[nodiscard]] Prediction prediction() const {
    const int layers = instance.experts.model.layers;
    return prediction_of(instance.microsteps() * layers, layers, instance.experts.cluster.devices());
  }
};

// A step whose transient replicas come from host memory, from base replicas and from other transient ones, early or at
// the last moment.
class StepMaker {
 public:
  StepMaker(const Sizes& sizes, std::uint64_t seed) : sizes_(sizes), random_(seed) {
    StepInstance& instance = step_.instance;
    instance.experts = instance_of(sizes);
    instance.transient_slots = sizes.transient_slots;
    instance.transient_pool_slots = sizes.transient_pool_slots;
    for (int m = 0; m < sizes.microsteps; ++m) instance.load.push_back(random_load(sizes, random_));
  }

  Step make() {
    const int devices = sizes_.nodes * sizes_.devices_per_node;
    const std::size_t columns = at(devices * per_device());
    std::vector<std::size_t> base_columns;
    for (int device = 0; device < devices; ++device) {
      for (int slot = 0; slot < sizes_.base_slots; ++slot) base_columns.push_back(column(device, slot));
    }
    step_.plan.base = Matrix<int>(at(sizes_.layers), columns, -1);
    for (std::size_t layer = 0; layer < at(sizes_.layers); ++layer) {
      place(step_.plan.base.row(layer), base_columns, sizes_.experts, random_);
      // A transient slot that stands for the whole step.
      if (sizes_.transient_slots > 1) step_.plan.base.row(layer)[column(0, sizes_.base_slots)] = 0;
    }
    for (int m = 0; m < sizes_.microsteps; ++m) {
      ExpertPlan& rows = step_.plan.microsteps.emplace_back();
      rows.slots = step_.plan.base;
      rows.shares = Matrix<double>(at(sizes_.layers), columns);
      for (int layer = 0; layer < sizes_.layers; ++layer) {
        fill(m, layer);
        share_out(rows.slots.row(at(layer)), rows.shares.row(at(layer)), random_);
      }
    }
    std::stable_sort(step_.plan.transfers.begin(), step_.plan.transfers.end(),
                     [](const Transfer& a, const Transfer& b) { return a.start_seconds < b.start_seconds; });
    return std::move(step_);
  }

 private:
  struct Slot {
    int expert = -1;
    int layer = -1;
    int window = -1;
    double free_at = 0;  // when it may be written, in units
  };

  [[nodiscard]] int per_device() const {
    return sizes_.base_slots + sizes_.transient_slots + sizes_.transient_pool_slots;
  }
  [[nodiscard]] std::size_t column(int device, int slot) const { return at(device * per_device() + slot); }

  void fill(int microstep, int layer) {
    const int window = microstep * sizes_.layers + layer;
    for (int device = 0; device < sizes_.nodes * sizes_.devices_per_node; ++device) {
      for (int slot = sizes_.base_slots; slot < per_device(); ++slot) {
        int& stands = step_.plan.microsteps.back().slots.at(at(layer), column(device, slot));
        if (stands >= 0 || random_.below(3) == 0) continue;
        Transfer transfer{.microstep = microstep, .layer = layer, .to = device};
        const double latest = 2 * window + 0.5;
        Slot& into = slots_[{sizes_.transient_pool_slots > 0 ? -1 : layer, device, slot}];
        take_from(transfer, window, into, latest);
        // A plan does not say which of two slots with the same expert a transfer is for.
        if (comes_to(device, microstep, layer, transfer.expert)) continue;
        transfer.start_seconds *= unit;
        transfer.end_seconds = transfer.start_seconds + 0.1 * unit;
        into = {transfer.expert, layer, window, 2.0 * window + 2};
        stands = transfer.expert;
        step_.plan.transfers.push_back(transfer);
      }
    }
  }

  void take_from(Transfer& transfer, int window, const Slot& into, double latest) {
    // Out of a slot that was filled for an earlier window; the slot stays until the copy is over.
    for (auto& [key, slot] : slots_) {
      if (&slot == &into || slot.expert < 0 || slot.window >= window || slot.layer != transfer.layer) continue;
      const int from = std::get<1>(key);
      if (from == transfer.to || in_base(from, transfer.layer, slot.expert) || random_.below(2) == 0) continue;
      transfer.expert = slot.expert;
      transfer.from = from;
      transfer.start_seconds = std::max(into.free_at, 2 * window + 0.1);
      slot.free_at = std::max(slot.free_at, transfer.start_seconds + 0.1);
      return;
    }
    transfer.expert = static_cast<int>(random_.below(at(sizes_.experts)));
    transfer.start_seconds = into.free_at + std::max(0.0, latest - into.free_at) * random_.uniform();
    transfer.from_host = random_.below(2) == 0;
    transfer.from = transfer.to / sizes_.devices_per_node;
    if (transfer.from_host) return;
    while (!in_base(transfer.from = static_cast<int>(random_.below(at(sizes_.nodes * sizes_.devices_per_node))),
                    transfer.layer, transfer.expert)) {
    }
  }

  [[nodiscard]] bool comes_to(int device, int microstep, int layer, int expert) const {
    return std::any_of(step_.plan.transfers.begin(), step_.plan.transfers.end(), [&](const Transfer& other) {
      return other.to == device && other.microstep == microstep && other.layer == layer && other.expert == expert;
    });
  }
  [[nodiscard]] bool in_base(int device, int layer, int expert) const {
    for (int slot = 0; slot < per_device(); ++slot) {
      if (step_.plan.base.at(at(layer), column(device, slot)) == expert) return true;
    }
    return false;
  }

  Sizes sizes_;
  support::Random random_;
  Step step_;
  std::map<std::tuple<int, int, int>, Slot> slots_;
};

inline RunPlan step_run(const Step& step, const RunPart& part = {}) {
  return run_plan(step.instance, step.plan, step.prediction(), part);
}

struct Seating {
  int devices = 1;  // at once
  int threads = 1;
};

// Seats, weights and device memory for one plan; attention where it is asked for.
class Rig {
 public:
  Rig(const RunPlan& plan, const ModelShape& shape, const Seating& seating, Isa isa = chosen_isa(),
      const std::optional<AttentionRequest>& request = {})
      : isa_(isa),
        plan_(plan),
        seats_(seating.devices, seating.threads),
        weights_(shape, plan.layers, isa, 1, seats_),
        memory_(plan, weights_, seats_) {
    if (!request) return;
    attention_.emplace(layer_shape(shape, *request), *request, plan.layers,
                       tokens_of_microsteps(plan, shape.router.top_k), isa, 1, seats_);
  }

  RunResult run(const RunOptions& options = {}, Recorder* recorder = nullptr) {
    Runner runner(plan_, weights_, memory_, isa_, seats_, recorder, attention());
    RunResult result = runner.run(options);
    output = runner.output();
    return result;
  }
  // The same windows without the plan.
  std::string unplanned_output(RunOptions options = {}) {
    options.preloaded = true;
    options.links = nullptr;
    const RunPlan alone = unplanned(plan_);
    Runner runner(alone, weights_, memory_, isa_, seats_, nullptr, attention());
    return runner.run(options).output_sha256;
  }

  [[nodiscard]] const ModelWeights& weights() const { return weights_; }
  [[nodiscard]] int seats() const { return seats_.seats(); }
  [[nodiscard]] AttentionWork* attention() { return attention_ ? &*attention_ : nullptr; }
  std::vector<float> output;

 private:
  Isa isa_;
  const RunPlan& plan_;
  Seats seats_;
  ModelWeights weights_;
  DeviceMemory memory_;
  std::optional<AttentionWork> attention_;
};

}  // namespace plimsoll::executor
