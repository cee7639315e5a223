#include "planner/assignment/explain.hpp"

#include <algorithm>
#include <cmath>

#include "planner/assignment/bound.hpp"
#include "planner/assignment/evaluate.hpp"
#include "planner/assignment/formulation.hpp"
#include "planner/assignment/prepare.hpp"
#include "solvers/lp/linear_program.hpp"
#include "support/print.hpp"

namespace plimsoll::assignment {
namespace {

// The relaxation of a larger instance takes too long for a look at a plan.
constexpr std::int64_t most_pairs_priced = 200'000;

using support::print;

std::size_t z(int index) { return static_cast<std::size_t>(index); }

struct Use {
  double used = 0;
  double capacity = 0;
};

// [dimensions][bins]
std::vector<std::vector<Use>> uses_of(const Prepared& prepared, const std::vector<int>& bin_of) {
  std::vector<std::vector<Use>> uses;
  for (const Prepared::Dimension& dimension : prepared.dimensions) {
    std::vector<Use>& row = uses.emplace_back(z(prepared.bins));
    for (int bin = 0; bin < prepared.bins; ++bin) row[z(bin)].capacity = dimension.capacity[z(bin)];
    for (int item = 0; item < prepared.items; ++item) {
      row[z(bin_of[z(item)])].used += dimension.size.at(z(bin_of[z(item)]), z(item));
    }
  }
  return uses;
}

void explain_bins(const Prepared& prepared, const Evaluation& evaluation, const std::vector<int>& bin_of,
                  std::string& text) {
  const auto uses = uses_of(prepared, bin_of);
  std::vector<int> count(z(prepared.bins), 0);
  std::vector<double> cost(z(prepared.bins), 0.0);
  for (int item = 0; item < prepared.items; ++item) {
    const int bin = bin_of[z(item)];
    count[z(bin)] += static_cast<int>(prepared.members[z(item)].size());
    cost[z(bin)] += prepared.cost.at(z(bin), z(item));
  }
  text += prepared.makespan ? "  bin   items          time" : "  bin   items          cost";
  text += prepared.dimensions.empty() ? "\n" : "   used of the capacity\n";
  for (int bin = 0; bin < prepared.bins; ++bin) {
    const double load = evaluation.load[z(bin)];
    print(text, "%5d  %6d  %12.6g", bin, count[z(bin)], prepared.makespan ? load : cost[z(bin)]);
    for (const auto& row : uses) {
      const Use& use = row[z(bin)];
      print(text, "   %.6g of %.6g (%.2f%%)", use.used, use.capacity,
            use.capacity > 0 ? 100 * use.used / use.capacity : 0.0);
    }
    text += prepared.makespan && load >= evaluation.metrics.makespan ? "   ends last\n" : "\n";
  }
}

// The duals of the linear relaxation: what one more unit of a capacity would save, as long as little changes.
void explain_prices(const Prepared& prepared, std::string& text) {
  const std::int64_t pairs = std::int64_t{prepared.bins} * prepared.items;
  if (prepared.dimensions.empty() || !solvers::lp::available() || pairs > most_pairs_priced) return;
  const Formulation formulation(prepared);
  solvers::lp::LinearProgram program(formulation.model());
  solvers::lp::Limits limits;
  limits.iteration_limit = 100'000;
  const solvers::lp::Solution solution = program.solve(limits);
  if (solution.status != solvers::lp::Status::optimal) return;
  struct Price {
    int bin;
    std::size_t dimension;
    double value;
  };
  std::vector<Price> prices;
  for (std::size_t d = 0; d < prepared.dimensions.size(); ++d) {
    for (int bin = 0; bin < prepared.bins; ++bin) {
      const double dual = solution.duals[z(formulation.capacity_row(bin, d))] / formulation.capacity_unit(bin, d);
      if (dual < -1e-9) prices.push_back({bin, d, -dual});
    }
  }
  text += "\nwhat one more unit of capacity is worth in the linear relaxation\n";
  if (prices.empty()) text += "  nothing: no capacity binds there\n";
  std::stable_sort(prices.begin(), prices.end(), [](const Price& a, const Price& b) { return a.value > b.value; });
  for (std::size_t k = 0; k < std::min<std::size_t>(prices.size(), 10); ++k) {
    print(text, "  bin %d%s: %.6g\n", prices[k].bin,
          prepared.dimensions.size() > 1 ? (", dimension " + std::to_string(prices[k].dimension)).c_str() : "",
          prices[k].value);
  }
}

}  // namespace

std::string explain(const AssignmentInstance& instance, const AssignmentPlan& plan) {
  const Evaluation evaluation = evaluate(instance, plan);
  const Prepared prepared(instance);
  std::string text;
  if (!evaluation.violations.empty()) {
    text = "The plan breaks the instance; the figures below are those of the plan as it is.\n";
    for (const std::string& violation : evaluation.violations) text += "  " + violation + "\n";
  }
  const std::vector<int> bin_of = prepared.reduce(plan);
  if (bin_of.empty()) return text;
  print(text, "objective %.9g", evaluation.objective);
  if (prepared.makespan) {
    print(text, ", the bins' mean time is %.6g, the largest over it %.4f", evaluation.metrics.mean_load,
          evaluation.metrics.mean_load > 0 ? evaluation.metrics.makespan / evaluation.metrics.mean_load : 1.0);
  }
  if (!instance.current.empty()) {
    print(text, ", %lld changes", static_cast<long long>(evaluation.metrics.changes));
  }
  text += "\n\n";
  explain_bins(prepared, evaluation, bin_of, text);
  explain_prices(prepared, text);
  return text;
}

}  // namespace plimsoll::assignment
