#include "planner/experts/formulation/patterns.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <numeric>
#include <string>

namespace plimsoll::experts {

using solvers::mip::Entry;
using solvers::mip::infinity;

namespace {
// Sums of a few numbers are exact to far less; times this close together are one.
constexpr double rounding = 1e-11;
}  // namespace

std::optional<Patterns> Patterns::list(const Prepared& prepared, int layer, double seconds, std::size_t most) {
  Patterns patterns(prepared, layer, seconds);
  patterns.list_classes();
  if (!patterns.list_parts()) {
    patterns.model_.add_row(1, 1, {}, "impossible");
    return patterns;
  }
  for (std::size_t kind = 0; kind < patterns.classes_.size(); ++kind) {
    Pattern pattern{kind, {}, -1};
    if (!patterns.list_patterns(kind, 0, 0.0, pattern, most)) return std::nullopt;
  }
  patterns.build();
  return patterns;
}

void Patterns::list_classes() {
  for (int device = 0; device < prepared_->devices; ++device) {
    const auto d = static_cast<std::size_t>(device);
    const int slots = static_cast<int>(std::min<std::int64_t>(prepared_->slots[d], prepared_->memory_replicas[d]));
    if (slots == 0) continue;
    const int node = prepared_->instance.keep_groups_on_a_node ? prepared_->node[static_cast<std::size_t>(device)] : -1;
    const auto same = std::find_if(classes_.begin(), classes_.end(), [&](const Class& kind) {
      return kind.speed == prepared_->speed(device) && kind.slots == slots && kind.node == node;
    });
    speed_ += prepared_->speed(device);
    if (same == classes_.end()) {
      classes_.push_back({prepared_->speed(device), slots, node, {device}});
    } else {
      same->devices.push_back(device);
    }
  }
}

std::vector<Patterns::Part> Patterns::cut(int expert, int replicas) const {
  const CostCurve& curve = prepared_->curve;
  if (!prepared_->whole_tokens) return {{expert, replicas, replicas, curve.seconds(load(expert) / replicas)}};
  const double small = std::floor(load(expert) / replicas);
  const int larger = static_cast<int>(load(expert) - small * replicas);
  if (larger == 0 || curve.seconds(small) == curve.seconds(small + 1)) {
    return {{expert, replicas, replicas, curve.seconds(std::ceil(load(expert) / replicas))}};
  }
  return {{expert, replicas, larger, curve.seconds(small + 1)},
          {expert, replicas, replicas - larger, curve.seconds(small)}};
}

// The numbers of replicas that an expert can have: its parts fit on the fastest device, the others find their slots,
// and the work fits on all devices.
bool Patterns::list_parts() {
  int slots = 0;
  int places = 0;
  double fastest = 0;
  for (const Class& kind : classes_) {
    const int devices = static_cast<int>(kind.devices.size());
    slots += kind.slots * devices;
    places += prepared_->instance.cluster.duplicates ? kind.slots * devices : devices;
    fastest = std::max(fastest, kind.speed);
  }
  const double longest = limit_ * fastest * (1 + rounding);
  const auto piece = [&](int expert, int replicas) { return cut(expert, replicas).front().seconds; };
  const auto work = [&](int expert, int replicas) {
    double sum = 0;
    for (const Part& part : cut(expert, replicas)) sum += part.copies * part.seconds;
    return sum;
  };
  const int most = std::min(places, slots - (prepared_->experts - 1));
  int taken = 0;
  std::vector<double> least;
  for (int expert = 0; expert < prepared_->experts; ++expert) {
    Expert mine{1, most, false};
    while (mine.fewest <= most && piece(expert, mine.fewest) > longest) ++mine.fewest;
    if (mine.fewest > most) return false;
    least.push_back(infinity);
    for (int replicas = mine.fewest; replicas <= most; ++replicas) {
      least.back() = std::min(least.back(), work(expert, replicas));
    }
    taken += mine.fewest;
    work_ += least.back();
    experts_.push_back(mine);
  }
  if (taken > slots) return false;
  for (int expert = 0; expert < prepared_->experts; ++expert) {
    Expert& mine = experts_[static_cast<std::size_t>(expert)];
    mine.most = std::min(mine.most, slots - (taken - mine.fewest));
    const double first = piece(expert, mine.fewest);
    mine.constant = cut(expert, mine.most).back().seconds == first;
    if (mine.constant) {
      parts_.push_back({expert, 0, mine.most, first});
      continue;
    }
    const double room = limit_ * speed_ * (1 + rounding) - (work_ - least[static_cast<std::size_t>(expert)]);
    for (int replicas = mine.fewest; replicas <= mine.most; ++replicas) {
      if (work(expert, replicas) > room) continue;
      for (const Part& part : cut(expert, replicas)) parts_.push_back(part);
    }
  }
  std::stable_sort(parts_.begin(), parts_.end(), [](const Part& a, const Part& b) { return a.seconds > b.seconds; });
  return true;
}

// Every set of parts that fits; `pattern` holds what was taken so far, from `from` on more may be. False: too many.
bool Patterns::list_patterns(std::size_t kind, std::size_t from, double seconds, Pattern& pattern, std::size_t most) {
  const Class& mine = classes_[kind];
  const auto& cluster = prepared_->instance.cluster;
  const bool full = static_cast<int>(pattern.parts.size()) == mine.slots;
  // What the other devices cannot do by the limit, this one must.
  const double needed = work_ - limit_ * (speed_ - mine.speed) * (1 + rounding);
  if ((full || !cluster.fill_slots) && !pattern.parts.empty() && seconds >= needed - rounding * work_) {
    if (patterns_.size() >= most) return false;
    patterns_.push_back(pattern);
    times_.push_back(seconds / mine.speed);
  }
  if (full) return true;
  for (std::size_t next = from; next < parts_.size(); ++next) {
    const Part& part = parts_[next];
    if (seconds + part.seconds > limit_ * mine.speed * (1 + rounding)) continue;
    if (std::count(pattern.parts.begin(), pattern.parts.end(), next) >= part.copies) continue;
    const bool clashes = std::any_of(pattern.parts.begin(), pattern.parts.end(), [&](std::size_t index) {
      const Part& taken = parts_[index];
      return taken.expert == part.expert && (!cluster.duplicates || taken.replicas != part.replicas);
    });
    if (clashes) continue;
    pattern.parts.push_back(next);
    const bool listed = list_patterns(kind, next, seconds + part.seconds, pattern, most);
    pattern.parts.pop_back();
    if (!listed) return false;
  }
  return true;
}

void Patterns::build() {
  std::sort(times_.begin(), times_.end());
  times_.erase(
      std::unique(times_.begin(), times_.end(), [](double a, double b) { return b - a <= rounding * std::abs(b); }),
      times_.end());
  std::vector<std::vector<Entry>> devices(classes_.size());
  // [parts * nodes] (one node where nodes do not matter): the variables that use a part there, and how often.
  const auto nodes = static_cast<std::size_t>(prepared_->instance.keep_groups_on_a_node ? prepared_->nodes : 1);
  std::vector<std::vector<Entry>> uses(parts_.size() * nodes);
  for (Pattern& pattern : patterns_) {
    const Class& kind = classes_[pattern.kind];
    pattern.variable = model_.add_variable(0, static_cast<double>(kind.devices.size()), 0, true);
    devices[pattern.kind].push_back({pattern.variable, 1.0});
    for (std::size_t k = 0; k < pattern.parts.size(); ++k) {
      auto& entries = uses[pattern.parts[k] * nodes + static_cast<std::size_t>(std::max(kind.node, 0))];
      if (!entries.empty() && entries.back().variable == pattern.variable) {
        entries.back().coefficient += 1;
      } else {
        entries.push_back({pattern.variable, 1.0});
      }
    }
  }
  for (std::size_t kind = 0; kind < classes_.size(); ++kind) {
    const auto count = static_cast<double>(classes_[kind].devices.size());
    model_.add_row(prepared_->instance.cluster.fill_slots ? count : 0, count, devices[kind]);
  }
  if (prepared_->instance.keep_groups_on_a_node) {
    for (int group = 0; group < prepared_->instance.model.groups; ++group) {
      std::vector<Entry> one;
      for (int node = 0; node < prepared_->nodes; ++node) {
        home_.push_back(model_.add_variable(0, 1, 0, true));
        one.push_back({home_.back(), 1.0});
      }
      model_.add_row(1, 1, one);
    }
  }
  for (int expert = 0; expert < prepared_->experts; ++expert) add_expert(expert, uses);
}

void Patterns::add_expert(int expert, const std::vector<std::vector<Entry>>& uses) {
  const Expert& mine = experts_[static_cast<std::size_t>(expert)];
  const bool bound = !home_.empty();
  const auto nodes = static_cast<std::size_t>(bound ? prepared_->nodes : 1);
  for (std::size_t node = 0; node < nodes; ++node) {
    const int group = prepared_->group[static_cast<std::size_t>(expert)];
    const int home = bound ? home_[static_cast<std::size_t>(group) * nodes + node] : -1;
    std::map<int, int> chosen;  // replicas -> the variable that says so
    for (std::size_t part = 0; part < parts_.size(); ++part) {
      if (parts_[part].expert != expert) continue;
      std::vector<Entry> entries = uses[part * nodes + node];
      if (!mine.constant) {
        const auto [known, fresh] = chosen.emplace(parts_[part].replicas, -1);
        if (fresh) known->second = model_.add_variable(0, 1, 0, true);
        entries.push_back({known->second, -static_cast<double>(parts_[part].copies)});
        model_.add_row(0, 0, entries);
      } else if (bound) {
        std::vector<Entry> least = entries;
        least.push_back({home, -static_cast<double>(mine.fewest)});
        model_.add_row(0, infinity, least);
        entries.push_back({home, -static_cast<double>(mine.most)});
        model_.add_row(-infinity, 0, entries);
      } else {
        model_.add_row(mine.fewest, mine.most, entries);
      }
    }
    if (mine.constant) continue;
    std::vector<Entry> one;
    for (const auto& [replicas, variable] : chosen) one.push_back({variable, 1.0});
    if (bound) one.push_back({home, -1.0});
    model_.add_row(bound ? 0 : 1, bound ? 0 : 1, one);
  }
}

LayerPlan Patterns::decode(std::span<const double> point) const {
  LayerPlan plan;
  std::vector<std::size_t> next(classes_.size(), 0);
  for (const Pattern& pattern : patterns_) {
    const auto& devices = classes_[pattern.kind].devices;
    for (auto left = std::lround(point[static_cast<std::size_t>(pattern.variable)]); left > 0; --left) {
      if (next[pattern.kind] == devices.size()) break;
      const int device = devices[next[pattern.kind]++];
      for (const std::size_t part : pattern.parts) plan.replicas.push_back({parts_[part].expert, device, 0.0});
    }
  }
  plan.feasible = true;
  return plan;
}

}  // namespace plimsoll::experts
