#include "planner/experts/step/bounds/coupling.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <set>

#include "planner/experts/step/bounds/layer_coupling.hpp"
#include "support/rounding.hpp"
#include "support/threads.hpp"

namespace plimsoll::experts::step {
namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();
// A larger program of one layer is not worth its time.
constexpr double most_pairs = 2e4;  // micro-steps * experts
constexpr int price_steps = 7;

// Links of a kind, and what a transfer takes on one of them.
struct Kind {
  double links = 0;
  double weights = infinite;   // seconds
  double gradient = infinite;  // infinite: gradients do not go that way
};

std::vector<Kind> kinds_of(const Prepared& prepared) {
  const ExpertInstance& experts = prepared.instance.experts;
  const Link& rates = *experts.cluster.link;
  std::set<int> nics;
  double live = 0;
  for (int device = 0; device < prepared.devices; ++device) {
    const auto d = static_cast<std::size_t>(device);
    if (!prepared.columns.alive[d]) continue;
    live += 1;
    nics.insert(experts.cluster.nic_of_device.empty() ? device : experts.cluster.nic_of_device[d]);
  }
  std::vector<Kind> kinds;
  const auto add = [&](double links, double rate, bool gradients) {
    if (!(rate > 0)) return;
    Kind kind{links, rates.latency_seconds + experts.model.expert_bytes / rate, infinite};
    if (gradients) kind.gradient = rates.latency_seconds + experts.model.gradient_bytes / rate;
    kinds.push_back(kind);
  };
  if (experts.cluster.devices_per_node > 1) add(live, rates.intra_bytes_per_second, true);
  if (experts.cluster.nodes > 1) add(static_cast<double>(nics.size()), rates.nic_bytes_per_second, true);
  add(live, rates.host_bytes_per_second, false);
  return kinds;
}

// For 0 <= a <= 1 let u_k = max(a / weights_k, (1 - a) / gradient_k): then a transient replica uses links worth 1 at
// these prices at least, so that no more than sum_k u_k links_k arrive per second. The least over a is at a breakpoint.
double capacity(const std::vector<Kind>& kinds, bool gradients) {
  const auto at = [&](double a) {
    double sum = 0;
    for (const Kind& kind : kinds) {
      const double price = std::max(a / kind.weights, std::isinf(kind.gradient) ? 0.0 : (1 - a) / kind.gradient);
      sum += kind.links * price;
    }
    return sum;
  };
  double least = at(1.0);
  for (const Kind& kind : kinds) {
    if (!gradients || std::isinf(kind.gradient) || !(kind.weights > 0)) continue;
    least = std::min(least, at(kind.weights / (kind.weights + kind.gradient)));
  }
  return least;
}

// Every micro-step with a backward pass returns gradients; the price of links counts both ways only if all do.
bool all_return(const Prepared& prepared) {
  if (!prepared.instance.gradient_return) return false;
  for (int m = 0; m < prepared.microsteps; ++m) {
    if (prepared.passes(m, 0) == 1.0) return false;
  }
  return true;
}

// From the forward window to the last one of a (micro-step, layer): a transient slot is taken at least so long.
double held_seconds(const Prepared& prepared, const Matrix<double>& seconds, int microstep, int layer) {
  const auto m = static_cast<std::size_t>(microstep);
  const auto l = static_cast<std::size_t>(layer);
  double sum = 0;
  for (int w = prepared.forward_window.at(m, l); w <= prepared.last_window.at(m, l); ++w) {
    const Window& window = prepared.windows[static_cast<std::size_t>(w)];
    const double least =
        seconds.at(static_cast<std::size_t>(window.microstep), static_cast<std::size_t>(window.layer)) +
        prepared.instance.experts.cost.other_seconds;
    sum += window.pass == Pass::forward ? least : prepared.instance.backward_ratio * least;
  }
  return sum;
}

class Coupling {
 public:
  Coupling(const Prepared& prepared, const Matrix<double>& seconds, double rest, int threads, support::Meter& meter)
      : prepared_(prepared), seconds_(seconds), threads_(threads), meter_(meter), rest_(rest) {
    for (int m = 0; m < prepared.microsteps; ++m) {
      for (int l = 0; l < prepared.layers; ++l) {
        floor_ += prepared.passes(m, l) * seconds.at(static_cast<std::size_t>(m), static_cast<std::size_t>(l));
        largest_ = std::max(largest_, seconds.at(static_cast<std::size_t>(m), static_cast<std::size_t>(l)));
      }
    }
    floor_ += rest_;
  }

  // `charge` [microsteps][layers]: what each transient replica uses of a resource that offers `rate` a second.
  double bound(const Matrix<double>& charge, double rate) {
    if (!(largest_ > 0)) return 0;
    const double unit = std::ldexp(1.0, std::ilogb(largest_) - 7);
    layers_.clear();
    layers_.resize(static_cast<std::size_t>(prepared_.layers));
    std::vector<double> least(layers_.size(), 0.0);
    support::for_each_index(layers_.size(), threads_, [&](std::size_t l) {
      std::vector<double> seconds;
      std::vector<double> charges;
      for (std::size_t m = 0; m < seconds_.rows(); ++m) {
        seconds.push_back(seconds_.at(m, l));
        charges.push_back(charge.at(m, l));
      }
      layers_[l] = std::make_unique<LayerCoupling>(prepared_, static_cast<int>(l), seconds, charges,
                                                   rate > 0 && prepared_.transient > 0, unit);
      least[l] = layers_[l]->least_use();
    });
    double use = 0;
    for (const double each : least) use += each;
    if (use <= rate * floor_) return finish(0);
    if (!(rate > 0)) return finish(evaluate(0, 0).seconds);
    // The bound rises with the price while more is used than there is, and falls after that.
    double best = 0;
    double low = -10;
    double high = 2;
    for (int step = 0; step < price_steps && !meter_.urgent(); ++step) {
      const double middle = 0.5 * (low + high);
      const double price = largest_ * std::exp2(middle);
      const LayerCoupling::Value value = evaluate(price, rate);
      best = std::max(best, value.seconds);
      (value.use > rate * value.seconds ? low : high) = middle;
    }
    return finish(best);
  }

 private:
  LayerCoupling::Value evaluate(double price, double rate) {
    std::vector<LayerCoupling::Value> values(layers_.size());
    support::for_each_index(layers_.size(), threads_,
                            [&](std::size_t l) { values[l] = layers_[l]->solve(price, meter_); });
    LayerCoupling::Value sum{rest_, 0};
    for (const LayerCoupling::Value& value : values) {
      sum.seconds += value.seconds;
      sum.use += value.use;
    }
    sum.seconds = support::rounded_down(sum.seconds / (1 + price * rate));
    return sum;
  }

  double finish(double value) {
    for (const auto& layer : layers_) meter_.add_work(layer->work());
    return value;
  }

  const Prepared& prepared_;
  const Matrix<double>& seconds_;
  int threads_;
  support::Meter& meter_;
  double rest_;
  double floor_ = 0;
  double largest_ = 0;
  std::vector<std::unique_ptr<LayerCoupling>> layers_;
};

}  // namespace

double arrivals_per_second(const Prepared& prepared) {
  if (prepared.transient == 0) return 0;
  if (!prepared.instance.experts.cluster.link) return infinite;
  const std::vector<Kind> kinds = kinds_of(prepared);
  for (const Kind& kind : kinds) {
    if (!(kind.weights > 0)) return infinite;
  }
  return capacity(kinds, all_return(prepared));
}

double coupled_bound(const Prepared& prepared, const Matrix<double>& seconds, double rest, int threads,
                     support::Meter& meter) {
  if (!solvers::lp::available() || prepared.microsteps < 2 || !prepared.impossible.empty()) return 0;
  if (static_cast<double>(prepared.microsteps) * prepared.experts > most_pairs) return 0;
  Coupling coupling(prepared, seconds, rest, threads, meter);
  double best = 0;
  const double rate = arrivals_per_second(prepared);
  if (std::isfinite(rate)) {
    const Matrix<double> one(seconds.rows(), seconds.columns(), 1.0);
    best = coupling.bound(one, support::rounded_up(rate));
  }
  if (prepared.pool) {
    Matrix<double> held(seconds.rows(), seconds.columns(), 0.0);
    for (int m = 0; m < prepared.microsteps; ++m) {
      for (int l = 0; l < prepared.layers; ++l) {
        held.at(static_cast<std::size_t>(m), static_cast<std::size_t>(l)) =
            support::rounded_down(held_seconds(prepared, seconds, m, l));
      }
    }
    const auto live = std::count(prepared.columns.alive.begin(), prepared.columns.alive.end(), true);
    best = std::max(best, coupling.bound(held, static_cast<double>(live * prepared.transient)));
  }
  return best;
}

}  // namespace plimsoll::experts::step
