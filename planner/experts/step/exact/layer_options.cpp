#include "planner/experts/step/exact/layer_options.hpp"

#include <algorithm>
#include <bit>
#include <limits>

namespace plimsoll::experts::step {
namespace {

constexpr int most_experts = 12;
constexpr int most_devices = 6;
constexpr double infinite = std::numeric_limits<double>::infinity();
// Times this close are equal.
constexpr double same = 1e-12;

// All sets of so many of the experts that `from` allows.
void subsets(ExpertSet from, int count, ExpertSet chosen, std::vector<ExpertSet>& list) {
  if (count == 0) {
    list.push_back(chosen);
    return;
  }
  while (from != 0) {
    const auto lowest = static_cast<ExpertSet>(from & -from);
    from = static_cast<ExpertSet>(from ^ lowest);
    subsets(from, count - 1, static_cast<ExpertSet>(chosen | lowest), list);
  }
}

std::vector<ExpertSet> subsets(ExpertSet from, int count) {
  std::vector<ExpertSet> list;
  subsets(from, std::min(count, std::popcount(from)), 0, list);
  return list;
}

}  // namespace

bool LayerOptions::applies(const Prepared& prepared) {
  const ExpertInstance& experts = prepared.instance.experts;
  const auto live = std::count(prepared.columns.alive.begin(), prepared.columns.alive.end(), true);
  return !prepared.columns.even && prepared.columns.curve.proportional() && !prepared.columns.curve.tiled() &&
         prepared.instance.sources.empty() && !experts.keep_groups_on_a_node && prepared.experts <= most_experts &&
         live <= most_devices;
}

LayerOptions::LayerOptions(const Prepared& prepared, int layer, std::vector<double> lower, std::uint64_t work_limit)
    : prepared_(prepared), layer_(layer), lower_(std::move(lower)), work_limit_(work_limit) {
  const auto experts = static_cast<std::size_t>(prepared.experts);
  for (int device = 0; device < prepared.devices; ++device) {
    if (prepared.columns.slots[static_cast<std::size_t>(device)] > 0) devices_.push_back(device);
  }
  // Devices that are alike stand side by side.
  const auto kind = [&](int device) {
    const auto d = static_cast<std::size_t>(device);
    return std::pair(prepared.columns.speed(device), prepared.base_slots[d]);
  };
  std::stable_sort(devices_.begin(), devices_.end(), [&](int a, int b) { return kind(a) > kind(b); });
  const auto all = static_cast<ExpertSet>((1U << experts) - 1);
  for (const int device : devices_) {
    fillings_.push_back(subsets(all, prepared.base_slots[static_cast<std::size_t>(device)]));
  }
  for (int m = 0; m < prepared.microsteps; ++m) {
    const auto load = prepared.load(m, layer);
    std::vector<double> seconds(std::size_t{1} << experts, 0.0);
    for (std::size_t set = 1; set < seconds.size(); ++set) {
      const auto lowest = static_cast<std::size_t>(std::countr_zero(set));
      seconds[set] = seconds[set & (set - 1)] + prepared.columns.curve.rate() * load[lowest];
    }
    tokens_.push_back(std::move(seconds));
  }
  inverse_speed_.assign(std::size_t{1} << devices_.size(), infinite);
  for (std::size_t set = 1; set < inverse_speed_.size(); ++set) {
    double speed = 0;
    for (std::size_t k = 0; k < devices_.size(); ++k) {
      if ((set >> k & 1) != 0) speed += prepared.columns.speed(devices_[k]);
    }
    inverse_speed_[set] = 1 / speed;
  }
  base_.assign(devices_.size(), 0);
  content_.assign(devices_.size(), 0);
}

double LayerOptions::content_seconds(std::size_t microstep, const std::vector<ExpertSet>& content) const {
  const std::vector<double>& tokens = tokens_[microstep];
  const std::size_t sets = inverse_speed_.size();
  const std::size_t all = tokens.size() - 1;
  ExpertSet held[1 << most_devices];  // by any device of a set
  held[0] = 0;
  double seconds = 0;
  for (std::size_t set = 0; set < sets; ++set) {
    if (set > 0) held[set] = held[set & (set - 1)] | content[static_cast<std::size_t>(std::countr_zero(set))];
    // Experts that no device of this set holds stand inside its complement only.
    const double load = tokens[all & ~std::size_t{held[set]}];
    const double inverse = inverse_speed_[sets - 1 - set];
    if (load > 0) seconds = std::max(seconds, load * inverse);
  }
  return seconds;
}

template <class Visit>
bool LayerOptions::each_base(std::size_t device, Visit&& visit) {
  if (device == devices_.size()) return visit();
  // Devices that are alike hold sets in order.
  const bool alike = device > 0 && fillings_[device].size() == fillings_[device - 1].size() &&
                     prepared_.columns.speed(devices_[device]) == prepared_.columns.speed(devices_[device - 1]) &&
                     prepared_.base_slots[static_cast<std::size_t>(devices_[device])] ==
                         prepared_.base_slots[static_cast<std::size_t>(devices_[device - 1])];
  for (const ExpertSet filling : fillings_[device]) {
    if (alike && filling < base_[device - 1]) continue;
    base_[device] = filling;
    if (!each_base(device + 1, visit)) return false;
  }
  return true;
}

double LayerOptions::best_seconds(std::size_t microstep, std::size_t device, double enough, double best) {
  if (device == devices_.size()) {
    ++work_;
    return std::min(best, content_seconds(microstep, content_));
  }
  const auto all = static_cast<ExpertSet>(tokens_[microstep].size() - 1);
  const auto free = static_cast<ExpertSet>(all & ~base_[device]);
  if (prepared_.transient == 0 || free == 0) {
    content_[device] = base_[device];
    return best_seconds(microstep, device + 1, enough, best);
  }
  // One transient replica each is what small instances have: no list is made for it.
  if (prepared_.transient == 1) {
    for (ExpertSet left = free; left != 0 && best > enough; left = static_cast<ExpertSet>(left & (left - 1))) {
      content_[device] = static_cast<ExpertSet>(base_[device] | (left & -left));
      best = best_seconds(microstep, device + 1, enough, best);
    }
    return best;
  }
  for (const ExpertSet more : subsets(free, prepared_.transient)) {
    if (best <= enough) break;
    content_[device] = static_cast<ExpertSet>(base_[device] | more);
    best = best_seconds(microstep, device + 1, enough, best);
  }
  return best;
}

std::optional<double> LayerOptions::least() {
  std::vector<double> rest(lower_.size() + 1, 0.0);  // bounds of later micro-steps
  for (std::size_t m = lower_.size(); m-- > 0;) {
    rest[m] = rest[m + 1] + prepared_.passes(static_cast<int>(m), layer_) * lower_[m];
  }
  double best = infinite;
  const bool complete = each_base(0, [&] {
    double sum = 0;
    for (std::size_t m = 0; m < lower_.size() && sum + rest[m] < best * (1 - same); ++m) {
      const double passes = prepared_.passes(static_cast<int>(m), layer_);
      sum += passes * std::max(lower_[m], best_seconds(m, 0, lower_[m] * (1 + same), infinite));
      if (m + 1 == lower_.size()) best = std::min(best, sum);
    }
    return !spent() && best > rest[0] * (1 + 2 * same);
  });
  if (!complete && spent()) return std::nullopt;
  return best;
}

void LayerOptions::need(std::size_t microstep, std::size_t device, double limit, std::vector<Option>& found) {
  if (device == devices_.size()) {
    ++work_;
    const double seconds = content_seconds(microstep, content_);
    if (seconds > limit) return;
    Option option{seconds, std::vector<ExpertSet>(static_cast<std::size_t>(prepared_.devices), 0)};
    for (std::size_t k = 0; k < devices_.size(); ++k) {
      option.needed[static_cast<std::size_t>(devices_[k])] = static_cast<ExpertSet>(content_[k] & ~base_[k]);
    }
    found.push_back(std::move(option));
    return;
  }
  const auto all = static_cast<ExpertSet>(tokens_[microstep].size() - 1);
  const auto free = static_cast<ExpertSet>(all & ~base_[device]);
  for (int count = 0; count <= std::min(prepared_.transient, std::popcount(free)); ++count) {
    for (const ExpertSet more : subsets(free, count)) {
      content_[device] = static_cast<ExpertSet>(base_[device] | more);
      need(microstep, device + 1, limit, found);
    }
  }
}

// All contents within the limit but those from which a replica can be taken at no loss.
bool LayerOptions::list_options(std::size_t microstep, double limit, std::size_t most, std::vector<Option>& options) {
  std::vector<Option> found;
  need(microstep, 0, limit, found);
  const auto size = [](const Option& option) {
    int sum = 0;
    for (const ExpertSet set : option.needed) sum += std::popcount(set);
    return sum;
  };
  std::stable_sort(found.begin(), found.end(), [&](const Option& a, const Option& b) { return size(a) < size(b); });
  for (Option& option : found) {
    option.seconds = std::max(option.seconds, lower_[microstep]);
    const bool dominated = std::any_of(options.begin(), options.end(), [&](const Option& other) {
      if (other.seconds > option.seconds * (1 + same)) return false;
      for (std::size_t d = 0; d < other.needed.size(); ++d) {
        if ((other.needed[d] & ~option.needed[d]) != 0) return false;
      }
      return true;
    });
    work_ += options.size() / 8;
    if (!dominated) options.push_back(std::move(option));
    if (options.size() > most) return false;
  }
  return true;
}

std::optional<std::vector<BaseOption>> LayerOptions::within(double limit, std::size_t most) {
  std::vector<double> rest(lower_.size() + 1, 0.0);
  for (std::size_t m = lower_.size(); m-- > 0;) {
    rest[m] = rest[m + 1] + prepared_.passes(static_cast<int>(m), layer_) * lower_[m];
  }
  std::vector<BaseOption> list;
  std::size_t count = 0;
  const bool complete = each_base(0, [&] {
    std::vector<double> best(lower_.size(), 0.0);
    double sum = 0;
    for (std::size_t m = 0; m < lower_.size() && sum + rest[m] <= limit; ++m) {
      best[m] = std::max(lower_[m], best_seconds(m, 0, lower_[m] * (1 + same), infinite));
      sum += prepared_.passes(static_cast<int>(m), layer_) * best[m];
      if (m + 1 < lower_.size() || sum > limit) continue;
      BaseOption base;
      base.held.assign(static_cast<std::size_t>(prepared_.devices), 0);
      for (std::size_t k = 0; k < devices_.size(); ++k) base.held[static_cast<std::size_t>(devices_[k])] = base_[k];
      base.seconds = sum;
      for (std::size_t each = 0; each < lower_.size(); ++each) {
        const double room = (limit - sum) / prepared_.passes(static_cast<int>(each), layer_);
        base.microsteps.emplace_back();
        if (count > most ||
            !list_options(each, (best[each] + room) * (1 + same), most - count, base.microsteps.back())) {
          return false;
        }
        count += base.microsteps.back().size();
      }
      list.push_back(std::move(base));
    }
    return !spent() && count <= most;
  });
  if (!complete) return std::nullopt;
  return list;
}

}  // namespace plimsoll::experts::step
