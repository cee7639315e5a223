// Small layers, thing by thing: every way in which the base columns of a layer can be filled, and for each micro-step
// the transient replicas with which it ends early. For weighted dispatch whose cost is in proportion to tokens the best
// shares of given replicas are a formula (minimum cuts: Hall 1935, Gale 1957),
//   T = max over sets U of devices of  rate * (tokens of experts that stand inside U only) / (speeds of U),
// so that millions of contents are looked at in a second. More replicas never take longer, which leaves full base
// columns only. Transfers are left out here: what comes of it is a bound.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "planner/experts/step/prepare.hpp"

namespace plimsoll::experts::step {

using ExpertSet = std::uint16_t;  // one bit for each expert

// Transient replicas that a micro-step needs to end by `seconds`, beyond base columns: no subset does.
struct Option {
  double seconds = 0;             // largest device time
  std::vector<ExpertSet> needed;  // [devices]
};

struct BaseOption {
  std::vector<ExpertSet> held;                  // [devices] in base columns
  double seconds = 0;                           // of all windows with the best transient replicas
  std::vector<std::vector<Option>> microsteps;  // [microsteps] fewest replicas first
};

class LayerOptions {
 public:
  // The formula holds, and the sets fit their bits.
  static bool applies(const Prepared& prepared);

  // `lower` [microsteps]: no plan has a smaller largest device time. `work` counts contents and stops the search at
  // `work_limit`.
  LayerOptions(const Prepared& prepared, int layer, std::vector<double> lower, std::uint64_t work_limit);

  // The least seconds of all windows together over all base replicas; nothing where the work did not suffice.
  std::optional<double> least();
  // All that take at most `limit` seconds, devices that are alike in one order only; nothing where the work did not
  // suffice or there are more than `most` options.
  std::optional<std::vector<BaseOption>> within(double limit, std::size_t most);

  [[nodiscard]] std::uint64_t work() const { return work_; }

 private:
  template <class Visit>
  bool each_base(std::size_t device, Visit&& visit);
  [[nodiscard]] double content_seconds(std::size_t microstep, const std::vector<ExpertSet>& content) const;
  // The least time with any transient replicas, or something at least `enough`.
  double best_seconds(std::size_t microstep, std::size_t device, double enough, double best);
  bool list_options(std::size_t microstep, double limit, std::size_t most, std::vector<Option>& options);
  void need(std::size_t microstep, std::size_t device, double limit, std::vector<Option>& found);
  [[nodiscard]] bool spent() const { return work_ >= work_limit_; }

  const Prepared& prepared_;
  int layer_;
  std::vector<double> lower_;
  std::uint64_t work_limit_;
  std::uint64_t work_ = 0;
  std::vector<int> devices_;                      // live ones with columns
  std::vector<std::vector<ExpertSet>> fillings_;  // [devices_] of base columns
  std::vector<std::vector<double>> tokens_;       // [microsteps][sets of experts] seconds at speed 1
  std::vector<double> inverse_speed_;             // [sets of devices_]
  std::vector<ExpertSet> base_;                   // [devices_] in hand
  std::vector<ExpertSet> content_;                // the same with transient replicas
};

}  // namespace plimsoll::experts::step
