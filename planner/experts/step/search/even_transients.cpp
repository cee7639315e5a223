#include "planner/experts/step/search/even_transients.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace plimsoll::experts::step {
namespace {

std::size_t index(int number) { return static_cast<std::size_t>(number); }

class EvenTransients {
 public:
  EvenTransients(const Prepared& prepared, const EvenTask& task)
      : prepared_(prepared),
        task_(task),
        holders_(index(prepared.experts)),
        held_(index(prepared.devices)),
        seconds_(index(prepared.devices), 0.0),
        columns_(task.free_columns) {
    for (const auto& [expert, device] : task.standing) {
      holders_[index(expert)].push_back(device);
      held_[index(device)].push_back(expert);
    }
    for (int device = 0; device < prepared.devices; ++device) retime(device);
  }

  std::vector<std::pair<int, int>> run() {
    std::vector<std::pair<int, int>> added;
    const int most = std::accumulate(columns_.begin(), columns_.end(), 0);
    while (static_cast<int>(added.size()) < most) {
      const auto pair = best_pair();
      if (pair.first < 0) break;
      add(pair.first, pair.second);
      added.push_back(pair);
    }
    return added;
  }

  [[nodiscard]] double seconds() const { return *std::max_element(seconds_.begin(), seconds_.end()); }
  [[nodiscard]] std::uint64_t work() const { return work_; }

 private:
  [[nodiscard]] double piece(int expert, std::size_t replicas) const {
    const double tokens = task_.load[index(expert)] / static_cast<double>(replicas);
    const CostCurve& curve = prepared_.columns.curve;
    return curve.seconds(curve.tiled() ? std::ceil(tokens) : tokens);
  }

  void retime(int device) {
    double sum = 0;
    for (const int expert : held_[index(device)]) sum += piece(expert, holders_[index(expert)].size());
    seconds_[index(device)] = sum / prepared_.columns.speed(device);
  }

  void add(int expert, int device) {
    holders_[index(expert)].push_back(device);
    held_[index(device)].push_back(expert);
    --columns_[index(device)];
    for (const int holder : holders_[index(expert)]) retime(holder);
  }

  // For the device that ends last: which of its experts, and where to, so that it and the receiver end earliest.
  std::pair<int, int> best_pair() {
    const int last = static_cast<int>(std::max_element(seconds_.begin(), seconds_.end()) - seconds_.begin());
    const double before = seconds_[index(last)];
    std::pair<int, int> best{-1, -1};
    double best_seconds = before * (1 - 1e-12);
    for (const int expert : held_[index(last)]) {
      const auto& holders = holders_[index(expert)];
      const double smaller = piece(expert, holders.size() + 1);
      const double here = before - (piece(expert, holders.size()) - smaller) / prepared_.columns.speed(last);
      for (int device = 0; device < prepared_.devices; ++device) {
        ++work_;
        if (columns_[index(device)] <= 0) continue;
        if (!task_.home.empty() && task_.home[index(expert)] != prepared_.columns.node[index(device)]) continue;
        const double there = seconds_[index(device)] + smaller / prepared_.columns.speed(device);
        const double value = std::max(here, there);
        if (value >= best_seconds) continue;
        if (std::find(holders.begin(), holders.end(), device) != holders.end()) continue;
        if (std::binary_search(task_.forbidden.begin(), task_.forbidden.end(), std::pair(expert, device))) continue;
        best = {expert, device};
        best_seconds = value;
      }
    }
    return best;
  }

  const Prepared& prepared_;
  const EvenTask& task_;
  std::vector<std::vector<int>> holders_;  // [experts] devices
  std::vector<std::vector<int>> held_;     // [devices] experts
  std::vector<double> seconds_;            // [devices]
  std::vector<int> columns_;
  std::uint64_t work_ = 0;
};

}  // namespace

std::vector<std::pair<int, int>> even_transients(const Prepared& prepared, const EvenTask& task, double& seconds,
                                                 std::uint64_t& work) {
  EvenTransients search(prepared, task);
  const auto added = search.run();
  seconds = search.seconds();
  work += search.work();
  return added;
}

}  // namespace plimsoll::experts::step
