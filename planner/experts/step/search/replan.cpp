#include "planner/experts/step/search/replan.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

#include "planner/experts/step/search/base_placement.hpp"
#include "planner/experts/step/search/layer_risk.hpp"
#include "planner/experts/step/search/standing_base.hpp"
#include "support/threads.hpp"

namespace plimsoll::experts::step {
namespace {

constexpr std::size_t most_experts = 8;    // of those that bind, tried as newcomers
constexpr std::size_t most_receivers = 5;  // devices that end first
constexpr double binds = 1 - 1e-6;         // of the largest device time

std::size_t index(int number) { return static_cast<std::size_t>(number); }

struct Change {
  int column = -1;
  int expert = -1;
  double risk = 0;
};

class Layer {
 public:
  Layer(const Prepared& prepared, int layer, double deviations, std::span<int> row)
      : prepared_(prepared), layer_(layer), risk_(prepared, layer, deviations), row_(row), now_(risk_(row)) {}

  [[nodiscard]] double now() const { return now_; }
  [[nodiscard]] std::uint64_t work() const { return risk_.work(); }

  // The change that lowers the risk most; column -1 where none does.
  Change best(const std::vector<std::int64_t>& device_moves_left) {
    static_cast<void>(risk_(row_));
    const std::vector<double> seconds = risk_.worst_device_seconds();
    Change best{-1, -1, now_ * (1 - 1e-9)};
    const auto experts = binding_experts(seconds);
    for (const int device : receivers(seconds)) {
      if (device_moves_left[index(device)] <= 0) continue;
      for (const int expert : experts) {
        if (holds(device, expert) || !at_home(device, expert)) continue;
        for (int column = prepared_.columns.first_slot[index(device)];
             column < prepared_.columns.first_slot[index(device) + 1]; ++column) {
          const int leaves = row_[index(column)];
          if (leaves < 0 || replicas(leaves) < 2) continue;
          row_[index(column)] = expert;
          const double value = risk_(row_);
          row_[index(column)] = leaves;
          if (value < best.risk) best = {column, expert, value};
        }
      }
    }
    return best;
  }

  void apply(const Change& change) {
    row_[index(change.column)] = change.expert;
    now_ = change.risk;
  }

 private:
  // Those on devices that end last, the largest first.
  [[nodiscard]] std::vector<int> binding_experts(const std::vector<double>& seconds) const {
    const double largest = *std::max_element(seconds.begin(), seconds.end());
    std::vector<int> experts;
    for (int column = 0; column < prepared_.total_columns(); ++column) {
      const int expert = row_[index(column)];
      if (expert < 0 || seconds[index(prepared_.columns.device_of_slot(column))] < largest * binds) continue;
      if (std::find(experts.begin(), experts.end(), expert) == experts.end()) experts.push_back(expert);
    }
    const auto load = prepared_.columns.load(layer_);
    const auto piece = [&](int expert) { return load[index(expert)] / replicas(expert); };
    std::stable_sort(experts.begin(), experts.end(), [&](int a, int b) { return piece(a) > piece(b); });
    if (experts.size() > most_experts) experts.resize(most_experts);
    return experts;
  }

  [[nodiscard]] std::vector<int> receivers(const std::vector<double>& seconds) const {
    std::vector<int> devices;
    for (int device = 0; device < prepared_.devices; ++device) {
      if (prepared_.columns.alive[index(device)]) devices.push_back(device);
    }
    std::stable_sort(devices.begin(), devices.end(),
                     [&](int a, int b) { return seconds[index(a)] < seconds[index(b)]; });
    if (devices.size() > most_receivers) devices.resize(most_receivers);
    return devices;
  }

  [[nodiscard]] bool holds(int device, int expert) const {
    const auto first = row_.begin() + prepared_.columns.first_slot[index(device)];
    const auto last = row_.begin() + prepared_.columns.first_slot[index(device) + 1];
    return std::find(first, last, expert) != last;
  }

  [[nodiscard]] int replicas(int expert) const {
    return static_cast<int>(std::count(row_.begin(), row_.end(), expert));
  }

  // Groups stay on the node where they stand.
  [[nodiscard]] bool at_home(int device, int expert) const {
    if (!prepared_.whole.keep_groups_on_a_node) return true;
    for (int column = 0; column < prepared_.total_columns(); ++column) {
      if (row_[index(column)] < 0) continue;
      if (prepared_.columns.group[index(row_[index(column)])] != prepared_.columns.group[index(expert)]) continue;
      return prepared_.columns.node[index(prepared_.columns.device_of_slot(column))] ==
             prepared_.columns.node[index(device)];
    }
    return true;
  }

  const Prepared& prepared_;
  int layer_;
  LayerRisk risk_;
  std::span<int> row_;
  double now_;
};

}  // namespace

std::optional<Matrix<int>> standing_rows(const Prepared& prepared) {
  const ExpertInstance& instance = prepared.instance.experts;
  const bool matters = instance.limits.max_moves || instance.limits.max_moves_per_device || instance.move_seconds > 0;
  if (!instance.placement || !matters) return std::nullopt;
  Matrix<int> rows = widened(prepared, *instance.placement);
  for (std::size_t layer = 0; layer < rows.rows(); ++layer) {
    std::vector<bool> held(index(prepared.experts), false);
    for (int column = 0; column < prepared.total_columns(); ++column) {
      const int expert = rows.at(layer, index(column));
      const bool alive = prepared.columns.alive[index(prepared.columns.device_of_slot(column))];
      if (expert >= 0 && !alive) rows.at(layer, index(column)) = -1;
      if (expert >= 0 && alive) held[index(expert)] = true;
      const bool empty = expert < 0 && alive && !prepared.transient_column[index(column)];
      if (empty && instance.cluster.fill_slots) return std::nullopt;
    }
    if (std::find(held.begin(), held.end(), false) != held.end()) return std::nullopt;
  }
  return rows;
}

void replan(const Prepared& prepared, double deviations, int threads, support::Meter& meter, Matrix<int>& base) {
  constexpr std::int64_t unlimited = std::numeric_limits<std::int64_t>::max();
  const ExpertInstance& instance = prepared.instance.experts;
  std::int64_t left = instance.limits.max_moves.value_or(unlimited);
  std::vector<std::int64_t> device_left(index(prepared.devices),
                                        instance.limits.max_moves_per_device.value_or(unlimited));
  const auto layers = index(prepared.layers);
  std::vector<std::optional<Layer>> states(layers);
  support::for_each_index(layers, threads, [&](std::size_t layer) {
    states[layer].emplace(prepared, static_cast<int>(layer), deviations, base.row(layer));
  });
  // In a round each layer names its best change; those that win most are made while moves are left.
  std::vector<Change> changes(layers);
  std::vector<char> open(layers, 1);
  while (left > 0 && !meter.exhausted()) {
    support::for_each_index(layers, threads, [&](std::size_t layer) {
      if (open[layer]) changes[layer] = states[layer]->best(device_left);
    });
    std::vector<std::size_t> order(layers);
    std::iota(order.begin(), order.end(), std::size_t{0});
    const auto gain = [&](std::size_t layer) {
      return changes[layer].column < 0 ? 0.0 : states[layer]->now() - changes[layer].risk;
    };
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return gain(a) > gain(b); });
    // Half of the layers at most, so that a second change of one may come before the first of another.
    std::size_t made = 0;
    std::fill(open.begin(), open.end(), 0);
    for (const std::size_t layer : order) {
      const Change change = changes[layer];
      if (left <= 0 || made * 2 > layers || change.column < 0) break;
      if (gain(layer) * prepared.microsteps <= instance.move_seconds) break;
      auto& device = device_left[index(prepared.columns.device_of_slot(change.column))];
      if (device <= 0) {
        open[layer] = 1;
        continue;
      }
      --device;
      --left;
      ++made;
      states[layer]->apply(change);
      open[layer] = 1;
    }
    if (made == 0) break;
  }
  for (auto& state : states) meter.add_work(state->work());
}

}  // namespace plimsoll::experts::step
