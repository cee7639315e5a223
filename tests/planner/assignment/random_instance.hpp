// Tiny random instances of `assignment` with every part of the format, small enough for brute force.
#pragma once

#include "plimsoll/assignment.hpp"
#include "support/random.hpp"

namespace plimsoll::testing {

struct RandomAssignmentOptions {
  int most_bins = 4;
  int most_items = 7;
  bool extensions = true;  // forbidden pairs, pins, lists, dimensions, changes
  bool reals = true;       // some instances have numbers that are not whole
};

inline AssignmentInstance random_assignment(support::Random& random, AssignmentObjective objective,
                                            const RandomAssignmentOptions& options = {}) {
  const auto below = [&](int bound) { return static_cast<int>(random.below(static_cast<std::size_t>(bound))); };
  const auto chance = [&](int percent) { return below(100) < percent; };
  const bool whole = !options.reals || chance(70);
  const auto amount = [&](int least, int most) {
    const double value = least + below(most - least + 1);
    return whole ? value : value + random.uniform();
  };
  AssignmentInstance instance;
  instance.name = "random";
  instance.objective = objective;
  instance.bins = 1 + below(options.most_bins);
  instance.items = 1 + below(options.most_items);
  const auto bins = static_cast<std::size_t>(instance.bins);
  const auto items = static_cast<std::size_t>(instance.items);
  const bool makespan = objective == AssignmentObjective::makespan;
  const int largest = chance(20) ? 3 : chance(10) ? 1000 : 20;
  const int least_size = chance(20) ? 0 : 1;

  const auto sizes = [&](bool same) {
    Matrix<double> table(bins, items);
    for (std::size_t bin = 0; bin < bins; ++bin) {
      for (std::size_t item = 0; item < items; ++item) {
        table.at(bin, item) = same && bin > 0 ? table.at(0, item) : amount(least_size, largest);
      }
    }
    return table;
  };
  const auto capacities = [&](const Matrix<double>& table) {
    std::vector<double> capacity;
    const double looseness = 0.7 + 1.3 * random.uniform();
    for (std::size_t bin = 0; bin < bins; ++bin) {
      double sum = 0;
      for (const double size : table.row(bin)) sum += size;
      const double room = looseness * sum / instance.bins + largest * random.uniform() * 0.7;
      capacity.push_back(whole ? static_cast<double>(static_cast<std::int64_t>(room)) : room);
    }
    return capacity;
  };

  instance.size = sizes(makespan ? chance(50) : chance(20));
  if (!makespan) {
    instance.cost = Matrix<double>(bins, items);
    const int shift = chance(20) ? 30 : 0;  // some costs below 0
    for (std::size_t bin = 0; bin < bins; ++bin) {
      for (double& cost : instance.cost.row(bin)) cost = amount(0, 60) - shift;
    }
  } else if (chance(30)) {
    for (std::size_t bin = 0; bin < bins; ++bin) instance.speed.push_back(1 + below(3));
  }
  if (!makespan || (options.extensions && chance(15))) instance.capacity = capacities(instance.size);
  if (!options.extensions) return instance;

  for (int more = chance(25) ? 1 + below(2) : 0; more > 0; --more) {
    AssignmentDimension dimension;
    dimension.name = "memory " + std::to_string(more);
    dimension.size = sizes(chance(60));
    dimension.capacity = capacities(dimension.size);
    instance.dimensions.push_back(std::move(dimension));
  }
  for (int more = chance(30) ? 1 + below(4) : 0; more > 0; --more) {
    instance.forbidden.emplace_back(below(instance.items), below(instance.bins));
  }
  if (chance(20)) instance.pinned.emplace_back(below(instance.items), below(instance.bins));
  const auto pair = [&]() -> std::vector<int> {
    const int a = below(instance.items);
    return {a, (a + 1 + below(instance.items - 1)) % instance.items};
  };
  if (instance.items >= 2 && chance(25)) instance.together.push_back(pair());
  if (instance.items >= 2 && chance(25)) instance.apart.push_back(pair());
  if (instance.items >= 3 && chance(15)) instance.apart.push_back({0, 1, 2});
  if (chance(25)) {
    for (std::size_t item = 0; item < items; ++item) instance.current.push_back(below(instance.bins + 1) - 1);
    if (chance(60)) instance.max_changes = below(instance.items + 1);
    if (chance(60)) instance.change_price = amount(0, 10);
  }
  return instance;
}

}  // namespace plimsoll::testing
