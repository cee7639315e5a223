// bench_replan: how few moves does it take to follow a drifting load?
//
// EPLB's placement for the loads of one training iteration stands, the loads of a later one arrive. Compared: keeping
// the placement (even shares, and shares solved anew), EPLB recomputed (moves as its slots come, and with its devices
// relabelled by best matching, layer for layer), and `local` under growing move budgets.
//
// Loads: the SmartMoE gate counts in $PLIMSOLL_DATA/experts/smartmoe/step_loads_every50.csv (columns iter, layer, e0 to
// e31) where that is set, else a drifting instance of the project's own generator.
#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bench/table.hpp"
#include "planner/experts/generate.hpp"
#include "planner/experts/json.hpp"
#include "planner/experts/prepare.hpp"
#include "planner/experts/search/assemble.hpp"
#include "plimsoll/solve.hpp"

namespace plimsoll::bench {
namespace {

constexpr int nodes = 2;
constexpr int devices_per_node = 8;
constexpr const char* usage =
    "bench_replan [--dispatch weighted|even] [--time-limit S] [--work-limit N] [--threads N] [--before ITERATION]"
    " [--after ITERATION]\n";

struct Arguments {
  SolveOptions options;
  Dispatch dispatch = Dispatch::weighted;
  int before = 1001;
  int after = 3001;
};

struct Loads {
  Matrix<double> before;
  Matrix<double> after;
};

[[noreturn]] void bad_usage(const std::string& what) {
  throw Error(ErrorCode::usage, what, {}, std::string("Usage: ") + usage);
}

template <class Number>
Number number(std::string_view what, std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < Number{}) {
    bad_usage(std::string(what) + ": expected a number of at least 0, got \"" + std::string(text) + "\"");
  }
  return value;
}

Arguments parse(int count, char** values) {
  Arguments arguments;
  for (int index = 1; index < count; ++index) {
    const std::string_view word = values[index];
    if (index + 1 == count) bad_usage(std::string(word) + " needs a value, or is no option");
    const std::string_view value = values[++index];
    if (word == "--dispatch" && (value == "weighted" || value == "even")) {
      arguments.dispatch = value == "even" ? Dispatch::even : Dispatch::weighted;
    } else if (word == "--time-limit") {
      arguments.options.time_limit_seconds = number<double>(word, value);
    } else if (word == "--work-limit") {
      arguments.options.work_limit = number<std::uint64_t>(word, value);
    } else if (word == "--threads") {
      arguments.options.threads = std::max(1, number<int>(word, value));
    } else if (word == "--before") {
      arguments.before = number<int>(word, value);
    } else if (word == "--after") {
      arguments.after = number<int>(word, value);
    } else {
      bad_usage("there is no " + std::string(word) + " " + std::string(value));
    }
  }
  return arguments;
}

// Rows of iter, layer, tokens of each expert, by iteration and layer.
std::map<int, std::map<int, std::vector<double>>> read_csv(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw Error(ErrorCode::file, path + ": cannot be read");
  std::map<int, std::map<int, std::vector<double>>> table;
  std::string line;
  std::getline(file, line);  // names of the columns
  while (std::getline(file, line)) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    std::vector<double> cells;
    for (std::string_view rest = line; !rest.empty();) {
      const std::size_t comma = std::min(rest.find(','), rest.size());
      cells.push_back(number<double>(path, rest.substr(0, comma)));
      rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
    if (cells.size() < 3) continue;
    table[static_cast<int>(cells[0])][static_cast<int>(cells[1])] = {cells.begin() + 2, cells.end()};
  }
  return table;
}

Matrix<double> loads_of(const std::map<int, std::vector<double>>& layers) {
  Matrix<double> loads(layers.size(), layers.begin()->second.size());
  std::size_t row = 0;
  for (const auto& [layer, tokens] : layers) {
    if (tokens.size() != loads.columns()) throw Error(ErrorCode::input, "the layers have different numbers of experts");
    std::copy(tokens.begin(), tokens.end(), loads.row(row++).begin());
  }
  return loads;
}

std::optional<Loads> measured_loads(const Arguments& arguments) {
  const char* folder = std::getenv("PLIMSOLL_DATA");
  if (folder == nullptr || *folder == '\0') return std::nullopt;
  const std::string path = std::string(folder) + "/experts/smartmoe/step_loads_every50.csv";
  const auto table = read_csv(path);
  for (const int iteration : {arguments.before, arguments.after}) {
    if (!table.contains(iteration)) {
      throw Error(ErrorCode::input, path + ": has no iteration " + std::to_string(iteration));
    }
  }
  std::printf("loads: SmartMoE gate counts, iterations %d and %d\n", arguments.before, arguments.after);
  return Loads{loads_of(table.at(arguments.before)), loads_of(table.at(arguments.after))};
}

// Two instances of one seed: with a drift, its loads are those of the first after popularity has moved.
Loads generated_loads() {
  std::printf(
      "loads: generated, log-normal(0.3) that drifts by log-normal(0.3); set PLIMSOLL_DATA for measured ones\n");
  std::map<std::string, std::string, std::less<>> values = {{"layers", "24"}, {"experts", "32"},    {"nodes", "2"},
                                                            {"slots", "3"},   {"tokens", "262144"}, {"skew", "0.3"}};
  const auto made = [&] {
    common::Document document;
    document.source = "generated";
    document.text = experts::generate(values, 1);
    document.json = support::parse(document.text);
    return experts::read_instance(document).load;
  };
  Loads loads;
  loads.before = made();
  values["drift"] = "0.3";
  loads.after = made();
  return loads;
}

ExpertInstance instance_of(const Matrix<double>& load, int slots, Dispatch dispatch) {
  ExpertInstance instance;
  instance.name = "replan";
  instance.model.layers = static_cast<int>(load.rows());
  instance.model.experts = static_cast<int>(load.columns());
  instance.cluster.nodes = nodes;
  instance.cluster.devices_per_node = devices_per_node;
  instance.cluster.slots.assign(nodes * devices_per_node, slots);
  instance.cluster.speed.assign(nodes * devices_per_node, 1.0);
  instance.dispatch = dispatch;
  instance.load = load;
  return instance;
}

class Replan {
 public:
  Replan(const Loads& loads, const Arguments& arguments, int slots)
      : loads_(loads), arguments_(arguments), slots_(slots) {}

  // Returns the number of things that are wrong.
  int run() {
    const Matrix<int> standing = solved(instance_of(loads_.before, slots_, Dispatch::even), "eplb").plan.slots;
    std::printf("\n%d slots on %d devices, %zu layers of %zu experts, %s dispatch\n", slots_ * nodes * devices_per_node,
                nodes * devices_per_node, loads_.after.rows(), loads_.after.columns(),
                arguments_.dispatch == Dispatch::even ? "even" : "weighted");
    Table table({"plan", "imbalance", "worst layer", "moves", "objective", "bound", "gap %", "seconds"}, 1);
    ExpertInstance even = instance_of(loads_.after, slots_, Dispatch::even);
    even.placement = standing;
    row(table, "keep the placement, even shares", solved(even, "shares"));
    ExpertInstance weighted = even;
    weighted.dispatch = Dispatch::weighted;
    row(table, "keep the placement, shares solved", solved(weighted, "shares"));
    const ExpertSolution recomputed = solved(even, "eplb");
    row(table, "eplb recomputed", recomputed);
    const ExpertSolution relabelled = relabel(even, recomputed);
    row(table, "eplb recomputed, devices relabelled", relabelled);

    ExpertInstance limited = arguments_.dispatch == Dispatch::even ? even : weighted;
    std::optional<std::int64_t> reached;
    for (const std::int64_t budget : {0, 10, 20, 50, 100, 200, 400, -1}) {
      limited.limits.max_moves.reset();
      if (budget >= 0) limited.limits.max_moves = budget;
      const ExpertSolution solution = solved(limited, "local");
      row(table,
          "local, " + (budget >= 0 ? "at most " + std::to_string(budget) : std::string("any number of")) + " moves",
          solution);
      if (!reached && solution.metrics.imbalance <= recomputed.metrics.imbalance) reached = solution.metrics.moves;
    }
    table.print();
    if (reached) reached = fewest(limited, *reached, recomputed.metrics.imbalance);
    const std::int64_t theirs = relabelled.metrics.moves;
    if (reached) {
      std::printf("EPLB's imbalance %.4f is reached with %lld moves, %.1f %% of its %lld relabelled moves\n",
                  recomputed.metrics.imbalance, static_cast<long long>(*reached),
                  theirs > 0 ? 100.0 * static_cast<double>(*reached) / static_cast<double>(theirs) : 0.0,
                  static_cast<long long>(theirs));
    } else {
      std::printf("EPLB's imbalance %.4f is not reached\n", recomputed.metrics.imbalance);
    }
    for (const std::string& problem : problems_) std::printf("WRONG: %s\n", problem.c_str());
    std::fflush(stdout);
    return static_cast<int>(problems_.size());
  }

 private:
  ExpertSolution solved(const ExpertInstance& instance, const std::string& method) {
    SolveOptions options = arguments_.options;
    options.method = method;
    ExpertSolution solution = solve(instance, options);
    if (!solution.certificate.objective) throw Error(ErrorCode::internal, method + ": " + solution.certificate.reason);
    for (const std::string& sentence : check(instance, solution.plan, &solution.certificate)) {
      problems_.push_back(method + ": " + sentence);
    }
    return solution;
  }

  // The smallest budget between 0 and `most` with which `local` is at least as good, by bisection.
  std::int64_t fewest(ExpertInstance& instance, std::int64_t most, double imbalance) {
    std::int64_t least = -1;
    while (most - least > 1) {
      const std::int64_t middle = least + (most - least) / 2;
      instance.limits.max_moves = middle;
      const ExpertSolution solution = solved(instance, "local");
      if (solution.metrics.imbalance <= imbalance) {
        most = std::min(middle, solution.metrics.moves);
      } else {
        least = middle;
      }
    }
    return most;
  }

  // The same plan with devices exchanged so that as few replicas as possible move.
  static ExpertSolution relabel(const ExpertInstance& instance, ExpertSolution solution) {
    const experts::Prepared prepared(instance);
    std::vector<experts::LayerPlan> layers;
    for (int layer = 0; layer < prepared.layers; ++layer) {
      experts::LayerPlan plan;
      const auto slots = solution.plan.slots.row(static_cast<std::size_t>(layer));
      for (int slot = 0; slot < prepared.total_slots(); ++slot) {
        const int expert = slots[static_cast<std::size_t>(slot)];
        if (expert >= 0) plan.replicas.push_back({expert, prepared.device_of_slot(slot), 0.0});
      }
      layers.push_back(experts::relabel(prepared, layer, std::move(plan)));
    }
    solution.plan = experts::assemble(prepared, layers);
    solution.metrics.moves = 0;
    for (int layer = 0; layer < prepared.layers; ++layer) {
      std::vector<std::pair<int, int>> pairs;
      for (const experts::Replica& replica : layers[static_cast<std::size_t>(layer)].replicas) {
        if (!prepared.stood(layer, replica.expert, replica.device)) pairs.emplace_back(replica.expert, replica.device);
      }
      std::sort(pairs.begin(), pairs.end());
      solution.metrics.moves += std::unique(pairs.begin(), pairs.end()) - pairs.begin();
    }
    return solution;
  }

  static void row(Table& table, const std::string& name, const ExpertSolution& solution) {
    const Certificate& certificate = solution.certificate;
    table.add({name, shown("%.4f", solution.metrics.imbalance), shown("%.4f", solution.metrics.worst_imbalance),
               std::to_string(solution.metrics.moves), shown("%.0f", *certificate.objective),
               shown("%.0f", certificate.bound.value_or(0.0)), shown("%.3f", 100.0 * certificate.gap.value_or(1.0)),
               shown("%.3f", solution.seconds)});
  }

  const Loads& loads_;
  const Arguments& arguments_;
  int slots_;
  std::vector<std::string> problems_;
};

int run(int count, char** values) {
  const Arguments arguments = parse(count, values);
  const std::optional<Loads> measured = measured_loads(arguments);
  const Loads loads = measured ? *measured : generated_loads();
  int wrong = 0;
  for (const int slots : {3, 4}) wrong += Replan(loads, arguments, slots).run();
  return wrong == 0 ? 0 : 1;
}

}  // namespace
}  // namespace plimsoll::bench

int main(int count, char** values) {
  try {
    return plimsoll::bench::run(count, values);
  } catch (const plimsoll::Error& error) {
    std::fprintf(stderr, "bench_replan: %s%s%s\n", error.what(), error.advice().empty() ? "" : " ",
                 error.advice().c_str());
    return error.code() == plimsoll::ErrorCode::internal ? 3 : 2;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_replan: %s\n", error.what());
    return 3;
  }
}
