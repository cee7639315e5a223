// The parts that everything waits for, one by one: a knapsack, a Lagrangian, what forcing items costs, an evaluation.
//
//   bench_micro [--benchmark_filter=REGEX]         Google Benchmark's options; CPU time per call
#include <benchmark/benchmark.h>

#include "planner/assignment/bounds/lagrangian.hpp"
#include "planner/assignment/evaluate.hpp"
#include "planner/assignment/generate.hpp"
#include "solvers/knapsack/forced.hpp"
#include "solvers/knapsack/knapsack.hpp"
#include "support/random.hpp"

namespace {

using namespace plimsoll;

// Profits close to the weights: the kind that bounds settle least.
struct Draw {
  Draw(std::size_t items, double largest) {
    support::Random random(1);
    double sum = 0;
    for (std::size_t item = 0; item < items; ++item) {
      weight.push_back(1 + static_cast<double>(random.below(static_cast<std::size_t>(largest))));
      profit.push_back(weight.back() * (0.9 + 0.2 * random.uniform()));
      sum += weight.back();
    }
    capacity = static_cast<double>(static_cast<std::int64_t>(sum / 4));
  }
  std::vector<double> profit;
  std::vector<double> weight;
  double capacity = 0;
};

void knapsack_lists(benchmark::State& state) {
  const Draw draw(static_cast<std::size_t>(state.range(0)), static_cast<double>(state.range(1)));
  solvers::knapsack::Knapsack knapsack;
  std::vector<int> chosen;
  for (auto _ : state) {
    benchmark::DoNotOptimize(knapsack.solve(draw.profit, draw.weight, draw.capacity, chosen));
  }
}
BENCHMARK(knapsack_lists)->Args({100, 100})->Args({400, 100})->Args({400, 1'000'000});

void knapsack_table(benchmark::State& state) {
  const Draw draw(static_cast<std::size_t>(state.range(0)), static_cast<double>(state.range(1)));
  assignment::Fill fill;
  std::vector<assignment::Offer> offers;
  for (auto _ : state) {
    offers.clear();
    for (std::size_t item = 0; item < draw.profit.size(); ++item) {
      offers.push_back({draw.profit[item], draw.weight[item], static_cast<int>(item)});
    }
    benchmark::DoNotOptimize(fill.solve(offers, draw.capacity, true));
  }
}
BENCHMARK(knapsack_table)->Args({100, 100})->Args({400, 100});

void lagrangian(benchmark::State& state) {
  const AssignmentInstance instance =
      assignment::generate_cost('d', static_cast<int>(state.range(0)), static_cast<int>(state.range(1)), 1);
  const assignment::Prepared prepared(instance);
  const assignment::OpenPairs open(prepared);
  assignment::Lagrangian relaxation(prepared);
  assignment::Lagrangian::Prices prices = relaxation.first_prices();
  for (auto _ : state) {
    const double value = relaxation.evaluate(open, prices);
    relaxation.step(open, prices, value, 1.01 * value, 1.0);
  }
}
BENCHMARK(lagrangian)->Args({5, 100})->Args({20, 100})->Args({20, 400});

void evaluation(benchmark::State& state) {
  const AssignmentInstance instance = assignment::generate_cost('d', 20, static_cast<int>(state.range(0)), 1);
  AssignmentPlan plan;
  for (int item = 0; item < instance.items; ++item) plan.bin_of.push_back(item % instance.bins);
  for (auto _ : state) benchmark::DoNotOptimize(assignment::evaluate(instance, plan));
}
BENCHMARK(evaluation)->Arg(100)->Arg(400);

}  // namespace

BENCHMARK_MAIN();
