// bench_methods: every method on every instance given, side by side in one process.
#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bench/table.hpp"
#include "plimsoll/solve.hpp"

namespace plimsoll::bench {
namespace {

constexpr const char* usage =
    "bench_methods [--time-limit S] [--work-limit N] [--threads N] [--methods a,b,c] [--csv FILE] INSTANCE...\n";

// A method that ends sooner than this is run three times, and the median is shown.
constexpr double fast_seconds = 0.25;

struct Arguments {
  SolveOptions options;
  std::vector<std::string> methods = {"eplb", "lpt", "wrap", "shares", "local", "auto"};
  std::vector<std::string> instances;
  std::string csv;
};

[[noreturn]] void bad_usage(const std::string& what) {
  throw Error(ErrorCode::usage, what, {}, std::string("Usage: ") + usage);
}

template <class Number>
Number number(std::string_view option, std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < Number{}) {
    bad_usage(std::string(option) + ": expected a number of at least 0, got \"" + std::string(text) + "\"");
  }
  return value;
}

std::vector<std::string> split(std::string_view list) {
  std::vector<std::string> parts;
  for (;;) {
    const std::size_t comma = list.find(',');
    parts.emplace_back(list.substr(0, comma));
    if (comma == std::string_view::npos) return parts;
    list.remove_prefix(comma + 1);
  }
}

Arguments parse(int count, char** values) {
  Arguments arguments;
  for (int index = 1; index < count; ++index) {
    const std::string_view word = values[index];
    if (word.substr(0, 2) != "--") {
      arguments.instances.emplace_back(word);
      continue;
    }
    if (index + 1 == count) bad_usage(std::string(word) + " needs a value");
    const std::string_view value = values[++index];
    if (word == "--time-limit") {
      arguments.options.time_limit_seconds = number<double>(word, value);
    } else if (word == "--work-limit") {
      arguments.options.work_limit = number<std::uint64_t>(word, value);
    } else if (word == "--threads") {
      arguments.options.threads = std::max(1, number<int>(word, value));
    } else if (word == "--methods") {
      arguments.methods = split(value);
    } else if (word == "--csv") {
      arguments.csv = value;
    } else {
      bad_usage("there is no option " + std::string(word));
    }
  }
  if (arguments.instances.empty()) bad_usage("no instance is given");
  return arguments;
}

std::string in_seconds(double seconds) {
  return seconds < 0.1 ? shown("%.2f ms", 1e3 * seconds) : shown("%.2f s", seconds);
}

// A few sums on one line, so that a table fits on a screen.
std::string refusal(const Error& error) {
  const std::string text = error.what();
  constexpr std::size_t most = 90;
  return "refused: " + (text.size() > most ? text.substr(0, most) + "..." : text);
}

class Bench {
 public:
  explicit Bench(Arguments arguments) : arguments_(std::move(arguments)) {}

  int run() {
    for (const std::string& path : arguments_.instances) {
      const ExpertInstance instance = read_experts(path);
      std::printf("%s%s: %d layers, %d experts, %zu slots on %d devices, %s dispatch\n",
                  path == arguments_.instances.front() ? "" : "\n",
                  instance.name.empty() ? path.c_str() : instance.name.c_str(), instance.model.layers,
                  instance.model.experts, slots(instance), instance.cluster.devices(),
                  instance.dispatch == Dispatch::even ? "even" : "weighted");
      std::fflush(stdout);
      Table table({"method", "objective", "to eplb", "bound", "gap %", "imbalance", "worst", "moves", "time", "status"},
                  1);
      baseline_.reset();
      for (const std::string& method : arguments_.methods) add(table, instance, method);
      table.print();
      for (const std::string& problem : problems_) std::printf("WRONG: %s\n", problem.c_str());
      std::fflush(stdout);
      wrong_ += problems_.size();
      problems_.clear();
    }
    if (!arguments_.csv.empty() && !csv_.write_csv(arguments_.csv)) {
      throw Error(ErrorCode::file, arguments_.csv + ": cannot be written");
    }
    return wrong_ == 0 ? 0 : 1;
  }

 private:
  static std::size_t slots(const ExpertInstance& instance) {
    std::size_t sum = 0;
    for (const int number : instance.cluster.slots) sum += static_cast<std::size_t>(number);
    return sum;
  }

  void add(Table& table, const ExpertInstance& instance, const std::string& method) {
    SolveOptions options = arguments_.options;
    options.method = method;
    ExpertSolution solution;
    std::vector<double> seconds;
    try {
      do {
        solution = solve(instance, options);
        seconds.push_back(solution.seconds);
      } while (seconds.size() < 3 && seconds.front() < fast_seconds);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::unsupported) throw;
      table.add({method, refusal(error)});
      csv_.add({instance.name, method, "", "", "", "", "", "", "", "", "", refusal(error)});
      return;
    }
    std::sort(seconds.begin(), seconds.end());
    const double median = seconds[seconds.size() / 2];
    const Certificate& certificate = solution.certificate;
    if (!certificate.objective) {
      table.add({method, certificate.status == Status::infeasible ? "infeasible: " + certificate.reason
                                                                  : "no plan within the limit: " + certificate.reason});
      return;
    }
    judge(instance, method, solution);
    const double objective = *certificate.objective;
    if (method == "eplb") baseline_ = objective;
    const std::string ratio = baseline_ && *baseline_ > 0 ? shown("%.4f", objective / *baseline_) : "-";
    const std::string status = certificate.status == Status::optimal ? "optimal" : "feasible";
    const std::string moves = instance.placement ? std::to_string(solution.metrics.moves) : "-";
    const double gap = 100.0 * certificate.gap.value_or(1.0);
    table.add({method, shown("%.7g", objective), ratio, shown("%.7g", certificate.bound.value_or(0.0)),
               shown("%.4f", gap), shown("%.5f", solution.metrics.imbalance),
               shown("%.5f", solution.metrics.worst_imbalance), moves, in_seconds(median), status});
    csv_.add({instance.name, method, shown("%.17g", objective), baseline_ ? shown("%.9g", objective / *baseline_) : "",
              shown("%.17g", certificate.bound.value_or(0.0)), shown("%.9g", gap),
              shown("%.9g", solution.metrics.imbalance), shown("%.9g", solution.metrics.worst_imbalance),
              std::to_string(solution.metrics.moves), shown("%.6g", median), certificate.bound_method, status});
  }

  void judge(const ExpertInstance& instance, const std::string& method, const ExpertSolution& solution) {
    const Certificate& certificate = solution.certificate;
    const auto complain = [&](const std::string& what) { problems_.push_back(method + ": " + what); };
    if (certificate.bound && *certificate.bound > *certificate.objective) complain("the bound exceeds the objective");
    for (const std::string& sentence : check(instance, solution.plan, &certificate)) complain(sentence);
  }

  Arguments arguments_;
  Table csv_{{"instance", "method", "objective_seconds", "ratio_to_eplb", "bound_seconds", "gap_percent", "imbalance",
              "worst_imbalance", "moves", "median_seconds", "bound_method", "status"},
             2};
  std::optional<double> baseline_;
  std::vector<std::string> problems_;
  std::size_t wrong_ = 0;
};

}  // namespace
}  // namespace plimsoll::bench

int main(int count, char** values) {
  try {
    if (count == 2 && std::strcmp(values[1], "--help") == 0) {
      std::fputs(plimsoll::bench::usage, stdout);
      return 0;
    }
    return plimsoll::bench::Bench(plimsoll::bench::parse(count, values)).run();
  } catch (const plimsoll::Error& error) {
    std::fprintf(stderr, "bench_methods: %s%s%s\n", error.what(), error.advice().empty() ? "" : " ",
                 error.advice().c_str());
    return error.code() == plimsoll::ErrorCode::internal ? 3 : 2;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_methods: %s\n", error.what());
    return 3;
  }
}
