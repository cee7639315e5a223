#include "planner/experts/step/search/base_placement.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>
#include <vector>

#include "support/random.hpp"
#include "support/threads.hpp"

namespace plimsoll::experts::step {
namespace {

// What a node's load counts beside those of its devices.
constexpr double node_weight = 4.0;

std::size_t index(int number) { return static_cast<std::size_t>(number); }

class BasePlacement {
 public:
  BasePlacement(const Prepared& prepared, int layer, const BaseOptions& options, std::uint64_t& work)
      : prepared_(prepared),
        scenarios_(index(prepared.microsteps)),
        load_(index(prepared.experts), scenarios_),
        on_device_(index(prepared.devices), scenarios_),
        on_node_(index(prepared.columns.nodes), scenarios_),
        node_speed_(index(prepared.columns.nodes), 0.0),
        claim_(index(prepared.experts), 0.0),
        row_(index(prepared.total_columns()), -1),
        work_(work) {
    for (int device = 0; device < prepared.devices; ++device) {
      const auto d = index(device);
      const int slots = prepared.base_slots[d] +
                        (options.use_transient_columns && prepared.columns.alive[d] ? prepared.transient : 0);
      slots_.push_back(slots);
      if (slots > 0) node_speed_[index(prepared.columns.node[d])] += prepared.columns.speed(device);
    }
    for (int microstep = 0; microstep < prepared.microsteps; ++microstep) {
      const auto load = prepared.load(microstep, layer);
      for (std::size_t expert = 0; expert < load.size(); ++expert) {
        load_.at(expert, index(microstep)) = load[expert];
      }
    }
    for (std::size_t expert = 0; expert < claim_.size(); ++expert) {
      double sum = 0;
      double squares = 0;
      for (const double tokens : load_.row(expert)) {
        sum += tokens;
        squares += tokens * tokens;
      }
      const double mean = sum / static_cast<double>(scenarios_);
      const double variance = std::max(0.0, squares / static_cast<double>(scenarios_) - mean * mean);
      claim_[expert] = mean + options.deviations * std::sqrt(variance);
    }
  }

  void construct() {
    count_replicas();
    std::vector<int> order;
    for (int expert = 0; expert < prepared_.experts; ++expert) {
      for (int k = 0; k < count_[index(expert)]; ++k) order.push_back(expert);
    }
    std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return piece(a) > piece(b); });
    for (const int expert : order) {
      const int device = best_device(expert);
      if (device >= 0) put(expert, device);
    }
    fill_base_slots();
  }

  void improve(std::uint64_t swaps, support::Random& random) {
    std::vector<int> filled;
    for (int column = 0; column < prepared_.total_columns(); ++column) {
      if (row_[index(column)] >= 0) filled.push_back(column);
    }
    if (filled.size() < 2) return;
    for (std::uint64_t k = 0; k < swaps; ++k) {
      const int a = filled[random.below(filled.size())];
      const int b = filled[random.below(filled.size())];
      try_swap(a, b);
    }
    work_ += swaps * scenarios_;
  }

  [[nodiscard]] std::vector<int> take() { return std::move(row_); }
  [[nodiscard]] bool complete() const {
    std::vector<bool> held(index(prepared_.experts), false);
    for (const int expert : row_) {
      if (expert >= 0) held[index(expert)] = true;
    }
    return std::find(held.begin(), held.end(), false) == held.end();
  }

 private:
  [[nodiscard]] double piece(int expert) const { return claim_[index(expert)] / count_[index(expert)]; }

  // Each expert one replica, then always one more for the largest piece.
  void count_replicas() {
    int left = std::accumulate(slots_.begin(), slots_.end(), 0) - prepared_.experts;
    const int most = static_cast<int>(std::count_if(slots_.begin(), slots_.end(), [](int s) { return s > 0; }));
    count_.assign(index(prepared_.experts), 1);
    std::vector<std::pair<double, int>> heap;
    for (int expert = 0; expert < prepared_.experts; ++expert) heap.emplace_back(piece(expert), -expert);
    std::make_heap(heap.begin(), heap.end());
    for (; left > 0 && !heap.empty(); --left) {
      std::pop_heap(heap.begin(), heap.end());
      const int expert = -heap.back().second;
      ++count_[index(expert)];
      if (count_[index(expert)] >= most) {
        heap.pop_back();
      } else {
        heap.back().first = piece(expert);
        std::push_heap(heap.begin(), heap.end());
      }
    }
  }

  [[nodiscard]] bool holds(int device, int expert) const {
    const auto first = row_.begin() + prepared_.columns.first_slot[index(device)];
    return std::find(first, first + slots_[index(device)], expert) != first + slots_[index(device)];
  }

  // Where every expert stands on every device that has room, slots that must not stay empty hold one twice.
  void fill_base_slots() {
    const Cluster& cluster = prepared_.instance.experts.cluster;
    if (!cluster.fill_slots) return;
    for (int device = 0; device < prepared_.devices; ++device) {
      const int first = prepared_.columns.first_slot[index(device)];
      for (int column = first; column < first + prepared_.base_slots[index(device)]; ++column) {
        if (row_[index(column)] >= 0) continue;
        int chosen = -1;
        for (int expert = 0; expert < prepared_.experts; ++expert) {
          if (holds(device, expert)) continue;
          if (chosen < 0 || piece(expert) > piece(chosen)) chosen = expert;
        }
        if (chosen < 0 && cluster.duplicates) chosen = 0;
        if (chosen >= 0) row_[index(column)] = chosen;
      }
    }
  }

  // Whose load points least in the direction of the replica; other nodes than those that hold the expert first.
  int best_device(int expert) {
    std::vector<bool> known(index(prepared_.columns.nodes), false);
    for (int device = 0; device < prepared_.devices; ++device) {
      if (slots_[index(device)] > 0 && holds(device, expert))
        known[index(prepared_.columns.node[index(device)])] = true;
    }
    const auto demand = load_.row(index(expert));
    int best = -1;
    std::pair<bool, double> best_key;
    for (int device = 0; device < prepared_.devices; ++device) {
      const auto d = index(device);
      const auto node = index(prepared_.columns.node[d]);
      if (free_column(device) < 0 || holds(device, expert)) continue;
      const double value = dot(on_device_.row(d), demand) / prepared_.columns.speed(device) +
                           node_weight * dot(on_node_.row(node), demand) / node_speed_[node];
      const std::pair<bool, double> key{known[node], value};
      if (best < 0 || key < best_key) {
        best = device;
        best_key = key;
      }
    }
    work_ += index(prepared_.devices) * scenarios_ / 4;
    return best;
  }

  [[nodiscard]] int free_column(int device) const {
    const int first = prepared_.columns.first_slot[index(device)];
    for (int column = first; column < first + slots_[index(device)]; ++column) {
      if (row_[index(column)] < 0) return column;
    }
    return -1;
  }

  static double dot(std::span<const double> a, std::span<const double> b) {
    double sum = 0;
    for (std::size_t k = 0; k < a.size(); ++k) sum += a[k] * b[k];
    return sum;
  }

  void shift(int expert, int device, double sign) {
    const double part = sign / count_[index(expert)];
    const auto demand = load_.row(index(expert));
    const auto here = on_device_.row(index(device));
    const auto around = on_node_.row(index(prepared_.columns.node[index(device)]));
    for (std::size_t k = 0; k < scenarios_; ++k) {
      here[k] += part * demand[k];
      around[k] += part * demand[k];
    }
  }

  void put(int expert, int device) {
    row_[index(free_column(device))] = expert;
    shift(expert, device, 1.0);
  }

  // The change of the sum of squares when the load of a device (or node) changes by `change`.
  static double growth(std::span<const double> load, std::span<const double> change, double sign, double speed) {
    double sum = 0;
    for (std::size_t k = 0; k < load.size(); ++k) sum += change[k] * (2 * sign * load[k] + change[k]);
    return sum / speed;
  }

  void try_swap(int a, int b) {
    const int expert_a = row_[index(a)];
    const int expert_b = row_[index(b)];
    const int device_a = prepared_.columns.device_of_slot(a);
    const int device_b = prepared_.columns.device_of_slot(b);
    if (expert_a == expert_b || device_a == device_b) return;
    if (holds(device_b, expert_a) || holds(device_a, expert_b)) return;
    const int node_a = prepared_.columns.node[index(device_a)];
    const int node_b = prepared_.columns.node[index(device_b)];
    if (node_a != node_b && (node_holds(node_b, expert_a) || node_holds(node_a, expert_b))) return;
    change_.resize(scenarios_);
    const auto load_a = load_.row(index(expert_a));
    const auto load_b = load_.row(index(expert_b));
    const double part_a = 1.0 / count_[index(expert_a)];
    const double part_b = 1.0 / count_[index(expert_b)];
    for (std::size_t k = 0; k < scenarios_; ++k) change_[k] = part_b * load_b[k] - part_a * load_a[k];
    double gain = growth(on_device_.row(index(device_a)), change_, 1.0, prepared_.columns.speed(device_a)) +
                  growth(on_device_.row(index(device_b)), change_, -1.0, prepared_.columns.speed(device_b));
    if (node_a != node_b) {
      gain += node_weight * (growth(on_node_.row(index(node_a)), change_, 1.0, node_speed_[index(node_a)]) +
                             growth(on_node_.row(index(node_b)), change_, -1.0, node_speed_[index(node_b)]));
    }
    if (gain >= 0) return;
    shift(expert_a, device_a, -1.0);
    shift(expert_b, device_b, -1.0);
    shift(expert_a, device_b, 1.0);
    shift(expert_b, device_a, 1.0);
    std::swap(row_[index(a)], row_[index(b)]);
  }

  [[nodiscard]] bool node_holds(int node, int expert) const {
    const int each = prepared_.instance.experts.cluster.devices_per_node;
    for (int device = node * each; device < (node + 1) * each; ++device) {
      if (holds(device, expert)) return true;
    }
    return false;
  }

  const Prepared& prepared_;
  std::size_t scenarios_;
  Matrix<double> load_;       // [experts][micro-steps]
  Matrix<double> on_device_;  // [devices][micro-steps]
  Matrix<double> on_node_;    // [nodes][micro-steps]
  std::vector<double> node_speed_;
  std::vector<double> claim_;  // [experts] mean and deviation of its load
  std::vector<int> slots_;     // [devices] that base replicas may use
  std::vector<int> count_;     // [experts] replicas
  std::vector<int> row_;
  std::vector<double> change_;
  std::uint64_t& work_;
};

}  // namespace

bool base_is_free(const Prepared& prepared) {
  const ExpertInstance& instance = prepared.instance.experts;
  return !instance.keep_groups_on_a_node && !instance.cluster.memory_bytes && !instance.limits.max_moves &&
         !instance.limits.max_moves_per_device && !(instance.move_seconds > 0);
}

Matrix<int> place_base(const Prepared& prepared, const BaseOptions& options, std::uint64_t seed, int threads,
                       std::uint64_t& work) {
  if (!base_is_free(prepared)) return {};
  const auto layers = index(prepared.layers);
  Matrix<int> base(layers, index(prepared.total_columns()), -1);
  std::vector<std::uint64_t> spent(layers, 0);
  std::vector<char> complete(layers, 0);
  support::for_each_index(layers, threads, [&](std::size_t layer) {
    support::Random random(seed, layer);
    BasePlacement placement(prepared, static_cast<int>(layer), options, spent[layer]);
    placement.construct();
    if (!placement.complete()) return;
    placement.improve(options.swaps, random);
    const std::vector<int> row = placement.take();
    std::copy(row.begin(), row.end(), base.row(layer).begin());
    complete[layer] = 1;
  });
  for (const std::uint64_t amount : spent) work += amount;
  return std::find(complete.begin(), complete.end(), 0) == complete.end() ? base : Matrix<int>{};
}

}  // namespace plimsoll::experts::step
