// bench_balancer: how much balance does how much moving buy, when nobody knows the next load?
//
// Loads of many iterations are replayed. Each planner sees the past alone, plans, and its placement is scored on the
// next iteration under even dispatch: the largest device load over the mean, averaged over layers. Compared: EPLB from
// scratch on the last iteration or the mean of the last few (devices relabelled so that as little as possible moves),
// the first placement left alone, plimsoll::Balancer under several limits, and `local` with the next iteration known,
// moves free. Every delta of the balancer is played move by move, and what breaks a promise is counted.
//
// Loads: a .npy of [iterations][layers][experts], or a random walk of log-normal popularity.
#include "plimsoll/balancer.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <exception>
#include <fstream>
#include <functional>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bench/table.hpp"
#include "planner/experts/evaluate.hpp"
#include "planner/experts/prepare.hpp"
#include "planner/experts/search/assemble.hpp"
#include "plimsoll/solve.hpp"
#include "support/npy.hpp"
#include "support/random.hpp"

namespace plimsoll::bench {
namespace {

constexpr const char* usage =
    "bench_balancer [FILE.npy] [--devices N] [--slots PER_DEVICE] [--past ITERATIONS] [--layers N] [--experts N]"
    " [--iterations N]\n";

struct Arguments {
  std::string path;
  int devices = 16;
  int slots = 3;
  int past = 3;  // iterations that the first placement is made for
  int layers = 24;
  int experts = 32;
  int iterations = 60;
};

using Loads = std::vector<Matrix<double>>;

[[noreturn]] void bad_usage(const std::string& what) {
  throw Error(ErrorCode::usage, what, {}, std::string("Usage: ") + usage);
}

int whole(std::string_view word, std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < 1) {
    bad_usage(std::string(word) + ": expected a whole number of at least 1, got \"" + std::string(text) + "\"");
  }
  return value;
}

Arguments parse(int count, char** values) {
  Arguments arguments;
  const std::vector<std::pair<std::string_view, int*>> options = {
      {"--devices", &arguments.devices}, {"--slots", &arguments.slots},     {"--past", &arguments.past},
      {"--layers", &arguments.layers},   {"--experts", &arguments.experts}, {"--iterations", &arguments.iterations}};
  for (int index = 1; index < count; ++index) {
    const std::string_view word = values[index];
    const auto option =
        std::find_if(options.begin(), options.end(), [&](const auto& entry) { return entry.first == word; });
    if (option == options.end()) {
      if (word.substr(0, 2) == "--" || !arguments.path.empty()) bad_usage("there is no " + std::string(word));
      arguments.path = word;
    } else if (++index == count) {
      bad_usage(std::string(word) + " needs a value");
    } else {
      *option->second = whole(word, values[index]);
    }
  }
  return arguments;
}

Loads measured_loads(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw Error(ErrorCode::file, path + ": cannot be read");
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  const support::NpyArray array = support::NpyArray::parse(bytes, path, "");
  const auto& shape = array.shape();
  if (shape.size() != 3) bad_usage(path + ": expected [iterations][layers][experts], got " + array.shape_text());
  Loads loads(shape[0], Matrix<double>(shape[1], shape[2]));
  std::size_t next = 0;
  for (Matrix<double>& load : loads) {
    for (std::size_t layer = 0; layer < shape[1]; ++layer) {
      for (double& tokens : load.row(layer)) tokens = array.number(next++);
    }
  }
  return loads;
}

// The logarithm of each expert's popularity takes a step at every iteration; tokens of a layer sum up alike.
Loads random_walk(const Arguments& arguments) {
  support::Random random(1);
  const auto layers = static_cast<std::size_t>(arguments.layers);
  const auto experts = static_cast<std::size_t>(arguments.experts);
  Matrix<double> popularity(layers, experts);
  Loads loads;
  for (int iteration = 0; iteration < arguments.iterations; ++iteration) {
    Matrix<double>& load = loads.emplace_back(layers, experts);
    for (std::size_t layer = 0; layer < layers; ++layer) {
      double sum = 0;
      for (std::size_t expert = 0; expert < experts; ++expert) {
        popularity.at(layer, expert) += (iteration == 0 ? 0.5 : 0.05) * random.normal();
        load.at(layer, expert) = std::exp(popularity.at(layer, expert) + 0.1 * random.normal());
        sum += load.at(layer, expert);
      }
      for (double& tokens : load.row(layer)) tokens = std::round(tokens / sum * 262144);
    }
  }
  return loads;
}

ExpertInstance instance_of(const Matrix<double>& load, const Arguments& arguments) {
  ExpertInstance instance;
  instance.model.layers = static_cast<int>(load.rows());
  instance.model.experts = static_cast<int>(load.columns());
  instance.cluster.devices_per_node = arguments.devices;
  instance.cluster.slots.assign(static_cast<std::size_t>(arguments.devices), arguments.slots);
  instance.cluster.speed.assign(static_cast<std::size_t>(arguments.devices), 1.0);
  instance.dispatch = Dispatch::even;
  instance.load = load;
  return instance;
}

// Imbalance of a placement on a load, and moves against what stood.
struct Score {
  double imbalance = 0;
  double worst = 0;
  std::int64_t moves = 0;
};

class Replay {
 public:
  Replay(Loads loads, const Arguments& arguments)
      : loads_(std::move(loads)), arguments_(arguments), first_(static_cast<std::size_t>(arguments.past)) {
    if (loads_.size() <= first_ + 1) bad_usage("there are too few iterations");
    past_ = mean_before(first_);
  }

  int run() {
    std::printf("%zu iterations of %zu layers of %zu experts, %d slots on %d devices, even dispatch\n", loads_.size(),
                past_.rows(), past_.columns(), arguments_.devices * arguments_.slots, arguments_.devices);
    const std::vector<Score> eplb = each([&](std::size_t next, const Matrix<int>& standing) {
      return solved("eplb", next == first_ ? past_ : loads_[next - 1], standing);
    });
    const Matrix<int> first = solved("local", past_, {});
    add("first placement, left alone", each([&](std::size_t, const Matrix<int>&) { return first; }), eplb);
    add("eplb from scratch, relabelled", eplb, eplb);
    add("eplb from scratch, mean of " + std::to_string(first_) + " iterations",
        each(
            [&](std::size_t next, const Matrix<int>& standing) { return solved("eplb", mean_before(next), standing); }),
        eplb);
    add("local, next load known, any moves",
        each([&](std::size_t next, const Matrix<int>& standing) { return solved("local", loads_[next], standing); }),
        eplb);
    for (const double least_gain : {0.5, 0.1, 0.02}) {
      balance("balancer, least gain " + shown("%g", least_gain), least_gain, {}, eplb);
    }
    for (const std::int64_t moves : {2, 5, 10, 20}) {
      balance("balancer, at most " + std::to_string(moves) + " moves", BalancerOptions{}.least_gain, moves, eplb);
    }
    table_.print();
    for (const std::string& fault : faults_) std::printf("WRONG: %s\n", fault.c_str());
    return faults_.empty() ? 0 : 1;
  }

 private:
  using Planner = std::function<Matrix<int>(std::size_t next, const Matrix<int>& standing)>;

  // Of the last iterations before this one, as many as the first placement sees.
  [[nodiscard]] Matrix<double> mean_before(std::size_t next) const {
    Matrix<double> mean = loads_[0];
    for (std::size_t layer = 0; layer < mean.rows(); ++layer) {
      for (std::size_t expert = 0; expert < mean.columns(); ++expert) {
        double sum = 0;
        for (std::size_t k = next - first_; k < next; ++k) sum += loads_[k].at(layer, expert);
        mean.at(layer, expert) = std::round(sum / static_cast<double>(first_));
      }
    }
    return mean;
  }

  std::vector<Score> each(const Planner& planner) {
    std::vector<Score> scores;
    Matrix<int> standing;
    for (std::size_t next = first_; next < loads_.size(); ++next) {
      Matrix<int> slots = planner(next, standing);
      scores.push_back(score(next, slots, standing));
      standing = std::move(slots);
    }
    return scores;
  }

  Score score(std::size_t next, const Matrix<int>& slots, const Matrix<int>& standing) {
    ExpertInstance instance = instance_of(loads_[next], arguments_);
    if (!standing.empty()) instance.placement = standing;
    const experts::Prepared prepared(instance);
    ExpertPlan plan = experts::empty_plan(prepared);
    plan.slots = slots;
    for (int layer = 0; layer < prepared.layers; ++layer) experts::share_evenly(prepared, layer, plan);
    const experts::Evaluation evaluation = experts::evaluate(instance, plan);
    for (const std::string& violation : evaluation.violations) faults_.push_back(violation);
    return {evaluation.metrics.imbalance, evaluation.metrics.worst_imbalance, evaluation.metrics.moves};
  }

  // A plan that knows nothing of what stands, its devices then exchanged so that as little as possible moves.
  Matrix<int> solved(const std::string& method, const Matrix<double>& load, const Matrix<int>& standing) {
    ExpertInstance instance = instance_of(load, arguments_);
    SolveOptions options;
    options.method = method;
    options.work_limit = 20'000'000;
    const ExpertPlan plan = solve(instance, options).plan;
    if (standing.empty()) return plan.slots;
    instance.placement = standing;
    const experts::Prepared prepared(instance);
    std::vector<experts::LayerPlan> layers;
    for (int layer = 0; layer < prepared.layers; ++layer) {
      experts::LayerPlan one;
      const auto row = plan.slots.row(static_cast<std::size_t>(layer));
      for (std::size_t slot = 0; slot < row.size(); ++slot) {
        one.replicas.push_back({row[slot], prepared.device_of_slot(static_cast<int>(slot)), 0.0});
      }
      layers.push_back(experts::relabel(prepared, layer, std::move(one)));
    }
    return experts::assemble(prepared, layers).slots;
  }

  void balance(const std::string& name, double least_gain, std::optional<std::int64_t> moves,
               const std::vector<Score>& eplb) {
    BalancerOptions options;
    options.least_gain = least_gain;
    ExpertInstance instance = instance_of(past_, arguments_);
    instance.limits.max_moves = moves;
    Balancer balancer(instance, options);
    for (std::size_t k = 0; k + 1 < first_; ++k) balancer.observe(loads_[k]);
    std::vector<double> seconds;
    std::int64_t transfers = 0;
    const auto scores = each([&](std::size_t next, const Matrix<int>&) {
      balancer.observe(loads_[next - 1]);
      const auto start = std::chrono::steady_clock::now();
      const Delta delta = balancer.plan();
      seconds.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
      play(balancer, delta);
      // The first plan mends the first placement, whose moves nobody counts.
      if (next > first_) transfers += delta.transfers;
      balancer.commit(delta);
      return balancer.slots();
    });
    std::sort(seconds.begin(), seconds.end());
    add(name, scores, eplb, transfers, seconds);
  }

  void play(const Balancer& balancer, const Delta& delta) {
    Matrix<int> slots = balancer.slots();
    for (const BalancerMove& move : delta.moves) {
      const auto row = slots.row(static_cast<std::size_t>(move.layer));
      apply(move, row);
      for (int expert = 0; expert < static_cast<int>(past_.columns()); ++expert) {
        if (std::find(row.begin(), row.end(), expert) != row.end()) continue;
        faults_.push_back("expert " + std::to_string(expert) + " has no replica after a move");
      }
    }
    if (slots != delta.plan.slots) faults_.push_back("the moves do not lead to the plan");
    if (delta.bound_seconds > delta.seconds_after) faults_.push_back("the bound is above the plan");
  }

  void add(const std::string& name, const std::vector<Score>& scores, const std::vector<Score>& eplb,
           std::optional<std::int64_t> transfers = {}, const std::vector<double>& seconds = {}) {
    double imbalance = 0;
    double worst = 0;
    std::int64_t moves = 0;
    std::int64_t theirs = 0;
    int as_good = 0;
    for (std::size_t k = 0; k < scores.size(); ++k) {
      imbalance += scores[k].imbalance;
      worst = std::max(worst, scores[k].worst);
      moves += scores[k].moves;
      theirs += eplb[k].moves;
      as_good += scores[k].imbalance <= eplb[k].imbalance ? 1 : 0;
    }
    const auto count = static_cast<double>(scores.size());
    table_.add({name, shown("%.4f", imbalance / count), shown("%.3f", worst),
                shown("%.0f", 100.0 * as_good / count) + " %", shown("%.1f", static_cast<double>(moves) / (count - 1)),
                theirs > 0 ? shown("%.1f", 100.0 * static_cast<double>(moves) / static_cast<double>(theirs)) : "-",
                transfers ? std::to_string(*transfers) : "-",
                seconds.empty() ? "-" : shown("%.1f", 1e3 * seconds[seconds.size() / 2]),
                seconds.empty() ? "-" : shown("%.1f", 1e3 * seconds.back())});
  }

  Loads loads_;
  const Arguments& arguments_;
  std::size_t first_;
  Matrix<double> past_;  // mean of the iterations before the first plan
  Table table_{{"planner", "imbalance", "worst layer", "as good as eplb", "moves a plan", "% of eplb's", "transfers",
                "median ms", "worst ms"},
               1};
  std::vector<std::string> faults_;
};

int run(int count, char** values) {
  const Arguments arguments = parse(count, values);
  return Replay(arguments.path.empty() ? random_walk(arguments) : measured_loads(arguments.path), arguments).run();
}

}  // namespace
}  // namespace plimsoll::bench

int main(int count, char** values) {
  try {
    return plimsoll::bench::run(count, values);
  } catch (const plimsoll::Error& error) {
    std::fprintf(stderr, "bench_balancer: %s%s%s\n", error.what(), error.advice().empty() ? "" : " ",
                 error.advice().c_str());
    return error.code() == plimsoll::ErrorCode::internal ? 3 : 2;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_balancer: %s\n", error.what());
    return 3;
  }
}
