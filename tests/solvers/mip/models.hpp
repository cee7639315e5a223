// Seeded models of the kinds that the planner builds, for the tests of solvers/mip and solvers/lp.
#pragma once

#include <cstdint>
#include <vector>

#include "solvers/mip/model.hpp"
#include "support/random.hpp"

namespace plimsoll::solvers::mip::models {

// minimise -(8 a + 11 b + 6 c + 4 d) with 5 a + 7 b + 4 c + 3 d <= 14, all 0 or 1. The optimum is -21 (b, c, d).
inline Model knapsack() {
  Model model;
  std::vector<Entry> row;
  const std::vector<double> worth = {8, 11, 6, 4};
  const std::vector<double> weight = {5, 7, 4, 3};
  for (int j = 0; j < 4; ++j) {
    const auto index = static_cast<std::size_t>(j);
    model.add_variable(0, 1, -worth[index], true);
    row.push_back({j, weight[index]});
  }
  model.add_row(-infinity, 14, row);
  return model;
}

// 2 x = 1 for a whole x: the relaxation has a point, the model has none.
inline Model whole_half() {
  Model model;
  const int x = model.add_variable(0, 5, 1, true);
  const int y = model.add_variable(0, 5, 1, true);
  model.add_row(1, 1, std::vector<Entry>{{x, 2}, {y, 2}});
  return model;
}

// Jobs to agents at least cost within capacities (OR-Library's type C: capacities at 0.8 of the mean).
inline Model assignment(int agents, int jobs, std::uint64_t seed) {
  support::Random random(seed);
  Model model;
  std::vector<std::vector<Entry>> once(static_cast<std::size_t>(jobs));
  std::vector<std::vector<Entry>> load(static_cast<std::size_t>(agents));
  std::vector<double> total(static_cast<std::size_t>(agents), 0.0);
  for (std::size_t agent = 0; agent < load.size(); ++agent) {
    for (auto& job : once) {
      const int x = model.add_variable(0, 1, 10.0 + static_cast<double>(random.below(41)), true);
      const double size = 5.0 + static_cast<double>(random.below(21));
      job.push_back({x, 1});
      load[agent].push_back({x, size});
      total[agent] += size;
    }
  }
  for (const auto& job : once) model.add_row(1, 1, job);
  for (std::size_t agent = 0; agent < load.size(); ++agent) {
    model.add_row(-infinity, static_cast<double>(static_cast<int>(0.8 * total[agent] / agents)), load[agent]);
  }
  return model;
}

// Jobs to unrelated machines; the last machine's end T (variable 0) is minimised. Continuous and whole variables.
inline Model makespan(int machines, int jobs, std::uint64_t seed) {
  support::Random random(seed);
  Model model;
  const int end = model.add_variable(0, 1e6, 1, false, "T");
  std::vector<std::vector<Entry>> once(static_cast<std::size_t>(jobs));
  for (int machine = 0; machine < machines; ++machine) {
    std::vector<Entry> load = {{end, -1}};
    for (auto& job : once) {
      const int x = model.add_variable(0, 1, 0, true);
      job.push_back({x, 1});
      load.push_back({x, 10.0 + static_cast<double>(random.below(90))});
    }
    model.add_row(-infinity, 0, load);
  }
  for (const auto& job : once) model.add_row(1, 1, job);
  return model;
}

// Every job of a makespan() model on the machine of its number, with the T that this takes.
inline std::vector<double> round_robin(const Model& model, int machines, int jobs) {
  std::vector<double> point(static_cast<std::size_t>(model.variables()), 0.0);
  for (int job = 0; job < jobs; ++job) point[static_cast<std::size_t>(1 + (job % machines) * jobs + job)] = 1;
  for (int machine = 0; machine < machines; ++machine) {
    double end = 0;
    for (const auto [index, coefficient] : model.row(machine)) {
      if (index != 0) end += coefficient * point[static_cast<std::size_t>(index)];
    }
    if (end > point[0]) point[0] = end;
  }
  return point;
}

}  // namespace plimsoll::solvers::mip::models
