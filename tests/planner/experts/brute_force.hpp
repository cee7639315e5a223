// The best plan of a tiny instance by looking at all of them. Written from docs/formats.md alone: it shares nothing
// with the methods, the bounds or the evaluation but the instance.
//
// Per layer: every way to fill the devices, with the least layer time for it. Layers are then joined under the budgets.
//   even      the time follows from the placement
//   weighted  tokens real: T fits where rate * load(X) <= sum over N(X) of (T * speed - charges) for every set X of
//             experts (minimum cut); fixed charges by trying every set of replicas that carry tokens
//             in tiles: every distribution of whole tiles
//             tables: tokens on a grid, so only an upper bound on the optimum
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <vector>

#include "plimsoll/experts.hpp"

namespace plimsoll::testing {

struct BruteForceResult {
  std::optional<double> objective;                      // nothing: no plan exists
  bool exact = true;                                    // else the optimum may lie below
  std::vector<std::vector<std::vector<int>>> contents;  // [layers][devices] experts of a best plan
};

class BruteForce {
 public:
  explicit BruteForce(const ExpertInstance& instance)
      : instance_(instance),
        devices_(static_cast<std::size_t>(instance.cluster.devices())),
        experts_(static_cast<std::size_t>(instance.model.experts)),
        table_(!instance.cost.expert_seconds.empty()),
        tile_(table_ ? 0 : instance.cost.tile_tokens),
        even_(instance.dispatch == Dispatch::even),
        alive_(devices_, true) {
    for (const int device : instance.cluster.dead) alive_[static_cast<std::size_t>(device)] = false;
  }

  BruteForceResult run() {
    for (std::size_t layer = 0; layer < static_cast<std::size_t>(instance_.model.layers); ++layer) {
      layer_ = layer;
      if (!even_ && !table_) solve_supports();
      options_.emplace_back();
      Contents contents(devices_);
      fill(0, contents);
    }
    BruteForceResult result;
    result.exact = even_ || !table_;
    join(result);
    return result;
  }

 private:
  using Contents = std::vector<std::vector<int>>;  // [devices] experts, ascending
  // Replicas per device, arrivals per device, moves: all that the layers share. Left out where nothing depends on it.
  using Use = std::vector<int>;
  struct Option {
    double seconds = 0;
    int moves = 0;
    Contents contents;
  };

  [[nodiscard]] double seconds(double tokens) const {
    const auto& cost = instance_.cost;
    if (table_) {
      const auto& points = cost.expert_seconds;
      std::size_t k = 1;
      while (k + 1 < points.size() && tokens > points[k].tokens) ++k;
      const double part = (tokens - points[k - 1].tokens) / (points[k].tokens - points[k - 1].tokens);
      return points[k - 1].seconds + part * (points[k].seconds - points[k - 1].seconds);
    }
    if (tokens <= 0) return 0;
    const double tile = static_cast<double>(tile_);
    return cost.token_seconds * (tile_ > 0 ? std::ceil(tokens / tile) * tile : tokens) + cost.replica_seconds;
  }

  [[nodiscard]] double load(std::size_t expert) const { return instance_.load.at(layer_, expert); }
  [[nodiscard]] double speed(std::size_t device) const { return instance_.cluster.speed[device]; }

  void fill(std::size_t device, Contents& contents) {
    if (device == devices_) {
      judge(contents);
      return;
    }
    const int slots = alive_[device] ? instance_.cluster.slots[device] : 0;
    const int fewest = instance_.cluster.fill_slots ? slots : 0;
    std::vector<int>& held = contents[device];
    const std::function<void(int)> add = [&](int from) {
      const int size = static_cast<int>(held.size());
      if (size >= fewest) fill(device + 1, contents);
      if (size == slots) return;
      for (int expert = from; expert < static_cast<int>(experts_); ++expert) {
        held.push_back(expert);
        add(instance_.cluster.duplicates ? expert : expert + 1);
        held.pop_back();
      }
    };
    add(0);
  }

  void judge(const Contents& contents) {
    std::vector<int> replicas(experts_, 0);
    std::vector<int> home(static_cast<std::size_t>(instance_.model.groups), -1);
    const int group_size = instance_.model.experts / instance_.model.groups;
    for (std::size_t device = 0; device < devices_; ++device) {
      for (const int expert : contents[device]) {
        ++replicas[static_cast<std::size_t>(expert)];
        if (!instance_.keep_groups_on_a_node) continue;
        const int node = static_cast<int>(device) / instance_.cluster.devices_per_node;
        int& known = home[static_cast<std::size_t>(expert / group_size)];
        if (known >= 0 && known != node) return;
        known = node;
      }
    }
    if (std::count(replicas.begin(), replicas.end(), 0) > 0) return;
    Option option{even_    ? even_time(contents, replicas)
                  : table_ ? table_time(contents)
                           : weighted_time(contents),
                  0, contents};
    Use use;
    for (std::size_t device = 0; device < devices_ && instance_.cluster.memory_bytes; ++device) {
      use.push_back(static_cast<int>(contents[device].size()));
    }
    for (std::size_t device = 0; device < devices_ && instance_.placement; ++device) {
      const int arrivals = arrivals_on(device, contents[device]);
      option.moves += arrivals;
      if (instance_.limits.max_moves_per_device) use.push_back(arrivals);
    }
    use.push_back(option.moves);
    const auto [place, added] = options_.back().emplace(use, option);
    if (!added && option.seconds < place->second.seconds) place->second = option;
  }

  [[nodiscard]] int arrivals_on(std::size_t device, const std::vector<int>& held) const {
    std::size_t first = 0;
    for (std::size_t before = 0; before < device; ++before)
      first += static_cast<std::size_t>(instance_.cluster.slots[before]);
    int arrivals = 0;
    for (std::size_t k = 0; k < held.size(); ++k) {
      if (k > 0 && held[k] == held[k - 1]) continue;
      bool stood = false;
      for (int slot = 0; slot < instance_.cluster.slots[device]; ++slot) {
        stood = stood || instance_.placement->at(layer_, first + static_cast<std::size_t>(slot)) == held[k];
      }
      arrivals += stood ? 0 : 1;
    }
    return arrivals;
  }

  [[nodiscard]] double even_time(const Contents& contents, const std::vector<int>& replicas) const {
    std::vector<int> seen(experts_, 0);
    double latest = 0;
    for (std::size_t device = 0; device < devices_; ++device) {
      double sum = 0;
      for (const int held : contents[device]) {
        const auto expert = static_cast<std::size_t>(held);
        const auto whole = static_cast<std::int64_t>(load(expert));
        const double part =
            tile_ == 0
                ? load(expert) / replicas[expert]
                : static_cast<double>(whole / replicas[expert] + (seen[expert] < whole % replicas[expert] ? 1 : 0));
        ++seen[expert];
        sum += seconds(part);
      }
      latest = std::max(latest, sum / speed(device));
    }
    return latest;
  }

  // supports_[mask]: the least layer time where tokens may stand on the (device, expert) pairs of the mask only.
  void solve_supports() {
    const std::size_t pairs = devices_ * experts_;
    supports_.assign(std::size_t{1} << pairs, std::numeric_limits<double>::infinity());
    if (tile_ > 0) {
      std::vector<std::int64_t> tiles(devices_, 0);
      std::vector<int> active(devices_, 0);
      distribute(0, 0, -1, 0, tiles, active);
    } else {
      for (std::size_t mask = 0; mask < supports_.size(); ++mask) supports_[mask] = cut_time(mask);
    }
    for (std::size_t pair = 0; pair < pairs; ++pair) {
      const std::size_t bit = std::size_t{1} << pair;
      for (std::size_t mask = 0; mask < supports_.size(); ++mask) {
        if ((mask & bit) != 0) supports_[mask] = std::min(supports_[mask], supports_[mask ^ bit]);
      }
    }
  }

  [[nodiscard]] std::size_t pair(std::size_t device, std::size_t expert) const { return device * experts_ + expert; }

  // The layer time where exactly these pairs pay the fixed charge, by the formula for minimum cuts.
  [[nodiscard]] double cut_time(std::size_t mask) const {
    const double charge = instance_.cost.replica_seconds;
    std::vector<std::size_t> holders(experts_, 0);
    std::vector<int> active(devices_, 0);
    double time = 0;
    for (std::size_t device = 0; device < devices_; ++device) {
      for (std::size_t expert = 0; expert < experts_; ++expert) {
        if ((mask >> pair(device, expert) & 1) == 0 || load(expert) <= 0) continue;
        holders[expert] |= std::size_t{1} << device;
        ++active[device];
      }
      time = std::max(time, charge * active[device] / speed(device));
    }
    for (std::size_t set = 1; set < std::size_t{1} << experts_; ++set) {
      double work = 0;
      double speeds = 0;
      std::size_t on = 0;
      for (std::size_t expert = 0; expert < experts_; ++expert) {
        if ((set >> expert & 1) == 0) continue;
        work += instance_.cost.token_seconds * load(expert);
        on |= holders[expert];
      }
      if (work <= 0) continue;
      for (std::size_t device = 0; device < devices_; ++device) {
        if ((on >> device & 1) == 0) continue;
        work += charge * active[device];
        speeds += speed(device);
      }
      if (speeds <= 0) return std::numeric_limits<double>::infinity();
      time = std::max(time, work / speeds);
    }
    return time;
  }

  // Every way to hand out whole tiles. An expert's tiles are ceil(load / tile): with fewer its tokens do not fit, and
  // more help nobody.
  void distribute(std::size_t expert, std::size_t device, std::int64_t left, std::size_t mask,
                  std::vector<std::int64_t>& tiles, std::vector<int>& active) {
    if (expert == experts_) {
      double time = 0;
      for (std::size_t d = 0; d < devices_; ++d) {
        time = std::max(time, (instance_.cost.token_seconds * static_cast<double>(tile_ * tiles[d]) +
                               instance_.cost.replica_seconds * active[d]) /
                                  speed(d));
      }
      supports_[mask] = std::min(supports_[mask], time);
      return;
    }
    if (left < 0) left = (static_cast<std::int64_t>(load(expert)) + tile_ - 1) / tile_;
    if (left == 0) {
      distribute(expert + 1, 0, -1, mask, tiles, active);
      return;
    }
    if (device == devices_) return;
    distribute(expert, device + 1, left, mask, tiles, active);
    ++active[device];
    for (std::int64_t take = 1; take <= left; ++take) {
      tiles[device] += take;
      distribute(expert, device + 1, left - take, mask | std::size_t{1} << pair(device, expert), tiles, active);
      tiles[device] -= take;
    }
    --active[device];
  }

  [[nodiscard]] double weighted_time(const Contents& contents) const {
    std::size_t mask = 0;
    for (std::size_t device = 0; device < devices_; ++device) {
      for (const int expert : contents[device])
        mask |= std::size_t{1} << pair(device, static_cast<std::size_t>(expert));
    }
    return supports_[mask];
  }

  // Tokens in quarters of an expert's load: the best of what was tried.
  [[nodiscard]] double table_time(const Contents& contents) const {
    constexpr int quarters = 4;
    struct Spot {
      std::size_t device;
      std::size_t expert;
      bool last;
    };
    std::vector<Spot> spots;
    for (std::size_t expert = 0; expert < experts_; ++expert) {
      for (std::size_t device = 0; device < devices_; ++device) {
        for (const int held : contents[device]) {
          if (held == static_cast<int>(expert)) spots.push_back({device, expert, false});
        }
      }
      spots.back().last = true;
    }
    std::vector<double> sum(devices_, 0.0);
    double best = std::numeric_limits<double>::infinity();
    const std::function<void(std::size_t, int)> walk = [&](std::size_t index, int left) {
      if (index == spots.size()) {
        double latest = 0;
        for (std::size_t device = 0; device < devices_; ++device)
          latest = std::max(latest, sum[device] / speed(device));
        best = std::min(best, latest);
        return;
      }
      const Spot& spot = spots[index];
      for (int take = spot.last ? left : 0; take <= left; ++take) {
        const double before = sum[spot.device];
        sum[spot.device] += seconds(load(spot.expert) * take / quarters);
        if (sum[spot.device] / speed(spot.device) < best) walk(index + 1, spot.last ? quarters : left - take);
        sum[spot.device] = before;
      }
    };
    walk(0, quarters);
    return best;
  }

  [[nodiscard]] bool within(const Use& use, int moves) const {
    std::size_t next = 0;
    for (std::size_t device = 0; device < devices_ && instance_.cluster.memory_bytes; ++device, ++next) {
      if (use[next] * instance_.model.expert_bytes > *instance_.cluster.memory_bytes) return false;
    }
    if (instance_.limits.max_moves && moves > *instance_.limits.max_moves) return false;
    for (std::size_t device = 0; device < devices_ && instance_.limits.max_moves_per_device; ++device, ++next) {
      if (use[next] > *instance_.limits.max_moves_per_device) return false;
    }
    return true;
  }

  // One or two layers: every pair of options.
  void join(BruteForceResult& result) const {
    const auto consider = [&](const Use& use, const std::vector<const Option*>& chosen) {
      int moves = 0;
      double objective = 0;
      for (const Option* option : chosen) {
        moves += option->moves;
        objective += option->seconds + instance_.cost.other_seconds;
      }
      objective += instance_.move_seconds * moves;
      if (result.objective && objective >= *result.objective) return;
      if (!within(use, moves)) return;
      result.objective = objective;
      result.contents.clear();
      for (const Option* option : chosen) result.contents.push_back(option->contents);
    };
    for (const auto& [first_use, first] : options_[0]) {
      if (options_.size() == 1) {
        consider(first_use, {&first});
        continue;
      }
      for (const auto& [second_use, second] : options_[1]) {
        Use use = first_use;
        for (std::size_t k = 0; k < use.size(); ++k) use[k] += second_use[k];
        consider(use, {&first, &second});
      }
    }
  }

  const ExpertInstance& instance_;
  std::size_t devices_;
  std::size_t experts_;
  bool table_;
  std::int64_t tile_;
  bool even_;
  std::vector<bool> alive_;
  std::size_t layer_ = 0;
  std::vector<double> supports_;
  std::vector<std::map<Use, Option>> options_;  // [layers]
};

inline BruteForceResult brute_force(const ExpertInstance& instance) { return BruteForce(instance).run(); }

}  // namespace plimsoll::testing
