// Seeded random steps with every feature of the format mixed, for tests that compare methods with each other, with an
// exhaustive search or with a second opinion. Valid plans for them: random_step_plan.hpp.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include "planner/experts/step/windows.hpp"
#include "plimsoll/step.hpp"
#include "support/random.hpp"
#include "tests/planner/experts/random_instance.hpp"

namespace plimsoll::testing {

struct StepSize {
  InstanceSize rows;  // of the static part; its loads are those of one micro-step
  int most_microsteps = 3;
  int most_transient = 2;     // columns of a device
  int most_tokens = 12;       // of a micro-step, where tokens have routes
  bool communication = true;  // some instances have `sources`
  bool backward = true;       // some instances have backward passes
};

class StepMaker {
 public:
  StepMaker(std::uint64_t seed, const StepSize& size) : seed_(seed), random_(seed, 78), size_(size) {}

  StepInstance make() {
    step_.experts = InstanceMaker(seed_, size_.rows).make();
    step_.experts.name = "random step";
    make_transient();
    make_bytes();
    make_link();
    make_schedule(between(1, size_.most_microsteps));
    const bool talks = size_.communication && chance(0.4);
    if (talks && chance(0.6)) {
      make_routes();
    } else {
      make_load();
      if (talks) make_sources();
    }
    if (talks) step_.communication.overlap = chance(0.5) ? Overlap::none : Overlap::full;
    sum_load();
    return step_;
  }

 private:
  bool chance(double probability) { return random_.uniform() < probability; }
  // Uniform in [low, high].
  int between(int low, int high) {
    return low + static_cast<int>(random_.below(static_cast<std::size_t>(high - low + 1)));
  }
  template <class T>
  T any_of(const std::vector<T>& values) {
    return values[random_.below(values.size())];
  }
  [[nodiscard]] std::size_t layers() const { return static_cast<std::size_t>(step_.experts.model.layers); }
  [[nodiscard]] std::size_t experts() const { return static_cast<std::size_t>(step_.experts.model.experts); }
  [[nodiscard]] std::size_t devices() const { return static_cast<std::size_t>(step_.experts.cluster.devices()); }
  [[nodiscard]] double most_load() const {
    const double tile = static_cast<double>(step_.experts.cost.tile_tokens);
    return tile > 0 ? std::min(size_.rows.most_load, tile * size_.rows.most_tiles) : size_.rows.most_load;
  }

  void make_transient() {
    if (size_.most_transient == 0 || chance(0.1)) return;
    if (chance(0.5)) {
      step_.transient_slots = between(1, size_.most_transient);
    } else {
      step_.transient_pool_slots = between(1, size_.most_transient);
    }
  }

  void make_bytes() {
    ExpertModel& model = step_.experts.model;
    if (model.expert_bytes <= 0 && chance(0.95)) model.expert_bytes = 100;
    model.gradient_bytes = any_of<double>({200, 100, 0});
    model.dispatch_token_bytes = any_of<double>({1, 5, 5, 0});
    model.combine_token_bytes = any_of<double>({2, 2, 10, 0});
    auto& memory = step_.experts.cluster.memory_bytes;
    if (memory && chance(0.9)) {
      *memory += model.expert_bytes * (step_.transient_slots * step_.experts.model.layers + step_.transient_pool_slots);
    }
  }

  void make_link() {
    auto& cluster = step_.experts.cluster;
    if (chance(0.12)) return;
    Link link{any_of<double>({100, 40, 400}), any_of<double>({50, 20}), any_of<double>({25, 60}),
              any_of<double>({0.0, 0.25})};
    if (chance(0.25)) {  // slow
      link.intra_bytes_per_second /= 10;
      link.nic_bytes_per_second /= 10;
      link.host_bytes_per_second /= 10;
    }
    for (double* rate : {&link.intra_bytes_per_second, &link.nic_bytes_per_second, &link.host_bytes_per_second}) {
      if (chance(0.12)) *rate = 0;
    }
    cluster.link = link;
    if (!chance(0.3)) return;
    for (int device = 0; device < cluster.devices(); ++device) {
      cluster.nic_of_device.push_back(device - device % cluster.devices_per_node);  // one for the node
    }
  }

  void make_schedule(int microsteps) {
    step_.load.resize(static_cast<std::size_t>(microsteps));
    step_.schedule = experts::step::default_schedule(microsteps, false);
    if (!size_.backward || chance(0.5)) return;
    switch (between(0, 3)) {
      case 0:  // each followed by its backward pass
        step_.schedule = experts::step::default_schedule(microsteps, true);
        break;
      case 1:  // all forward, then all backward
        for (int m = microsteps; m-- > 0;) step_.schedule.push_back({Pass::backward, m});
        break;
      case 2:  // two in flight
        step_.schedule.clear();
        for (int m = 0; m < microsteps; ++m) {
          step_.schedule.push_back({Pass::forward, m});
          if (m > 0) step_.schedule.push_back({Pass::backward, m - 1});
        }
        step_.schedule.push_back({Pass::backward, microsteps - 1});
        break;
      default:  // micro-steps in another order, the first of them without a backward pass
        std::reverse(step_.schedule.begin(), step_.schedule.end());
        for (int m = 0; m + 1 < microsteps; ++m) step_.schedule.push_back({Pass::backward, m});
    }
    step_.gradient_return = chance(0.6);
    step_.backward_ratio = any_of<double>({2.0, 1.0, 0.5});
  }

  void make_load() {
    const bool whole = step_.experts.cost.tile_tokens > 0;
    for (Matrix<double>& load : step_.load) {
      load = Matrix<double>(layers(), experts());
      for (std::size_t layer = 0; layer < layers(); ++layer) {
        const bool skewed = chance(0.6);
        for (double& tokens : load.row(layer)) {
          const double part = random_.uniform();
          tokens = std::floor(most_load() * (skewed ? part * part * part : part) + 0.5);
          if (chance(0.12)) tokens = 0;
          if (!whole && chance(0.2)) tokens *= 0.75;
        }
      }
    }
  }

  // Tokens of an expert from one live device, or in halves from two (exact in binary).
  void make_sources() {
    const std::vector<int> live = live_devices();
    const bool whole = step_.experts.cost.tile_tokens > 0;
    for (const Matrix<double>& load : step_.load) {
      auto& of_layers = step_.sources.emplace_back();
      for (std::size_t layer = 0; layer < layers(); ++layer) {
        auto& sources = of_layers.emplace_back(devices(), experts(), 0.0);
        for (std::size_t expert = 0; expert < experts(); ++expert) {
          const double tokens = load.at(layer, expert);
          const double part = whole ? std::floor(tokens / 2) : tokens / 2;
          sources.at(static_cast<std::size_t>(any_of(live)), expert) += part;
          sources.at(static_cast<std::size_t>(any_of(live)), expert) += tokens - part;
        }
      }
    }
  }

  // Tokens with their experts in each layer; loads and sources are what these add up to.
  void make_routes() {
    StepCommunication& talk = step_.communication;
    talk.copies = any_of<Copies>({Copies::per_device, Copies::per_node, Copies::per_node, Copies::per_replica});
    talk.routes_per_token = between(1, std::min(3, static_cast<int>(experts())));
    const std::vector<int> live = live_devices();
    const int most = std::min(size_.most_tokens, std::max(1, static_cast<int>(most_load())));
    std::vector<int> choice(experts());
    step_.sources.assign(step_.load.size(), {});
    for (std::size_t m = 0; m < step_.load.size(); ++m) {
      step_.load[m] = Matrix<double>(layers(), experts(), 0.0);
      step_.sources[m].assign(layers(), Matrix<double>(devices(), experts(), 0.0));
      for (int token = between(0, most); token-- > 0;) {
        const int source = any_of(live);
        talk.route_source.push_back(source);
        talk.route_microstep.push_back(static_cast<int>(m));
        for (std::size_t layer = 0; layer < layers(); ++layer) {
          for (std::size_t e = 0; e < experts(); ++e) choice[e] = static_cast<int>(e);
          for (int k = 0; k < talk.routes_per_token; ++k) {
            std::swap(choice[static_cast<std::size_t>(k)],
                      choice[static_cast<std::size_t>(between(k, static_cast<int>(experts()) - 1))]);
            const auto expert = static_cast<std::size_t>(choice[static_cast<std::size_t>(k)]);
            talk.routes.push_back(static_cast<int>(expert));
            step_.load[m].at(layer, expert) += 1;
            step_.sources[m][layer].at(static_cast<std::size_t>(source), expert) += 1;
          }
        }
      }
    }
    // Without a token there are no routes, which the other two need.
    if (talk.routes.empty()) talk = {};
  }

  [[nodiscard]] std::vector<int> live_devices() const {
    const auto& cluster = step_.experts.cluster;
    std::vector<int> live;
    for (int device = 0; device < cluster.devices(); ++device) {
      if (std::find(cluster.dead.begin(), cluster.dead.end(), device) == cluster.dead.end()) live.push_back(device);
    }
    return live;
  }

  void sum_load() {
    step_.experts.load = Matrix<double>(layers(), experts(), 0.0);
    for (const Matrix<double>& load : step_.load) {
      for (std::size_t layer = 0; layer < layers(); ++layer) {
        for (std::size_t e = 0; e < experts(); ++e) step_.experts.load.at(layer, e) += load.at(layer, e);
      }
    }
  }

  std::uint64_t seed_;
  support::Random random_;
  StepSize size_;
  StepInstance step_;
};

// At most 2 layers, 4 experts, 4 devices, 3 micro-steps: small enough to look at all plans.
inline StepInstance tiny_step(std::uint64_t seed) { return StepMaker(seed, {}).make(); }

inline StepInstance medium_step(std::uint64_t seed) {
  StepSize size;
  size.rows.most_layers = 3;
  size.rows.fewest_experts = 8;
  size.rows.most_experts = 16;
  size.rows.most_devices = 8;
  size.rows.most_slots = 4;
  size.rows.most_total_slots = 32;
  size.rows.most_load = 500;
  size.rows.most_tiles = 1000;
  size.most_microsteps = 6;
  size.most_tokens = 100;
  return StepMaker(seed, size).make();
}

}  // namespace plimsoll::testing
