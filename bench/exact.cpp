// bench_exact [INSTANCES=200] [SECONDS=10] [METHODS=auto,branch,milp-glpk,milp-cbc] [FIRST_SEED=1] [MOST_SLOTS=5]:
// exact methods on random instances of 2 to 3 layers, 6 to 12 experts and 3 to 6 devices with every feature mixed. One
// line for each instance on which methods differ, break a promise or stay open; then who closed how many, and how long
// it took.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "bench/table.hpp"
#include "planner/experts/prepare.hpp"
#include "plimsoll/solve.hpp"
#include "tests/planner/experts/random_instance.hpp"

namespace plimsoll::bench {
namespace {

// The seed's instance; nothing where its shape is outside or a count shows that it has no plan.
std::optional<ExpertInstance> instance_of(std::uint64_t seed, int most_slots) {
  testing::InstanceSize size;
  size.most_layers = 3;
  size.fewest_experts = 6;
  size.most_experts = 12;
  size.most_devices = 6;
  size.most_slots = most_slots;
  size.most_total_slots = 20;
  size.most_load = 200;
  size.most_tiles = 40;
  ExpertInstance instance = testing::InstanceMaker(seed, size).make();
  const int devices = instance.cluster.devices();
  if (instance.model.layers < 2 || instance.model.experts < 6 || devices < 3) return std::nullopt;
  if (!experts::Prepared(instance).impossible.empty()) return std::nullopt;
  return instance;
}

// What makes the instance what it is, in a few letters.
std::string features(const ExpertInstance& instance) {
  const auto& cluster = instance.cluster;
  std::string text = instance.dispatch == Dispatch::even ? "even" : "weighted";
  text += " " + std::to_string(instance.model.layers) + "x" + std::to_string(instance.model.experts) + " on " +
          std::to_string(cluster.nodes) + "x" + std::to_string(cluster.devices_per_node);
  if (!instance.cost.expert_seconds.empty()) text += " table";
  if (instance.cost.expert_seconds.empty() && instance.cost.tile_tokens > 0) text += " tiles";
  if (instance.cost.expert_seconds.empty() && instance.cost.replica_seconds > 0) text += " fixed";
  if (instance.keep_groups_on_a_node) text += " groups";
  if (cluster.fill_slots) text += " fill";
  if (!cluster.duplicates) text += " once";
  if (cluster.memory_bytes) text += " memory";
  if (instance.limits.max_moves || instance.limits.max_moves_per_device) text += " moves";
  if (instance.move_seconds > 0) text += " priced";
  return text;
}

struct Tally {
  int closed = 0;
  int open = 0;
  int excluded = 0;
  int refused = 0;
  std::vector<double> seconds;
};

int run(int count, char** values) {
  const auto argument = [&](int index, const char* fallback) {
    return std::string(index < count ? values[index] : fallback);
  };
  const int wanted = std::atoi(argument(1, "200").c_str());
  const double limit = std::atof(argument(2, "10").c_str());
  const int most_slots = std::atoi(argument(5, "5").c_str());
  std::vector<std::string> methods;
  std::istringstream names(argument(3, "auto,branch,milp-glpk,milp-cbc"));
  for (std::string name; std::getline(names, name, ',');) methods.push_back(name);

  std::map<std::string, Tally> tallies;
  int instances = 0;
  int wrong = 0;
  for (auto seed = std::strtoull(argument(4, "1").c_str(), nullptr, 10); instances < wanted; ++seed) {
    const auto instance = instance_of(seed, most_slots);
    if (!instance) continue;
    ++instances;
    std::string line;
    bool notable = false;
    std::vector<Certificate> certificates;
    for (const std::string& method : methods) {
      SolveOptions options;
      options.method = method;
      options.time_limit_seconds = limit;
      Tally& tally = tallies[method];
      ExpertSolution solution;
      try {
        solution = solve(*instance, options);
      } catch (const Error& error) {
        if (error.code() != ErrorCode::unsupported) throw;
        ++tally.refused;
        line += "  " + method + " refuses";
        continue;
      }
      const Certificate& certificate = solution.certificate;
      certificates.push_back(certificate);
      tally.seconds.push_back(solution.seconds);
      const bool closed = certificate.status == Status::optimal;
      tally.closed += closed ? 1 : 0;
      tally.excluded += certificate.status == Status::infeasible ? 1 : 0;
      tally.open += closed || certificate.status == Status::infeasible ? 0 : 1;
      notable = notable || (!closed && certificate.status != Status::infeasible) || solution.seconds > 0.5 * limit;
      line += "  " + method + " " +
              (certificate.objective ? shown("%.9g", *certificate.objective) : std::string("none")) +
              (certificate.gap && !closed ? shown(" gap %.3f%%", 100 * *certificate.gap) : "") +
              (certificate.status == Status::infeasible ? " infeasible" : "") + shown(" %.1fs", solution.seconds);
    }
    // Every bound holds for every plan, and what one excludes nobody finds.
    for (const Certificate& left : certificates) {
      for (const Certificate& right : certificates) {
        if (!right.objective) continue;
        const double slack = 1e-9 * std::max(1.0, std::abs(*right.objective));
        const bool crossed =
            (left.bound && *left.bound > *right.objective + slack) || left.status == Status::infeasible;
        wrong += crossed ? 1 : 0;
        if (crossed) line += "  WRONG";
        notable = notable || crossed;
      }
    }
    if (notable)
      std::printf("seed %llu (%s):%s\n", static_cast<unsigned long long>(seed), features(*instance).c_str(),
                  line.c_str());
    std::fflush(stdout);
  }
  Table table({"method", "closed", "no plan", "open", "refused", "median s", "90% s", "worst s", "total s"}, 1);
  for (auto& [name, counts] : tallies) {
    Tally& tally = counts;
    std::sort(tally.seconds.begin(), tally.seconds.end());
    double total = 0;
    for (const double seconds : tally.seconds) total += seconds;
    const auto at = [&](double part) {
      if (tally.seconds.empty()) return std::string("-");
      return shown("%.3f",
                   tally.seconds[static_cast<std::size_t>(part * static_cast<double>(tally.seconds.size() - 1))]);
    };
    table.add({name, std::to_string(tally.closed), std::to_string(tally.excluded), std::to_string(tally.open),
               std::to_string(tally.refused), at(0.5), at(0.9), at(1.0), shown("%.1f", total)});
  }
  table.print();
  std::printf("%d instances, %d contradictions\n", instances, wrong);
  return wrong == 0 ? 0 : 1;
}

}  // namespace
}  // namespace plimsoll::bench

int main(int count, char** values) {
  try {
    return plimsoll::bench::run(count, values);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_exact: %s\n", error.what());
    return 1;
  }
}
