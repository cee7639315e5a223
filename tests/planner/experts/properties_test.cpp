// What must hold whatever the numbers are, on medium random instances with all features mixed.
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "planner/experts/evaluate.hpp"
#include "planner/experts/json.hpp"
#include "planner/experts/method.hpp"
#include "planner/experts/solve.hpp"
#include "tests/planner/experts/judge.hpp"
#include "tests/planner/experts/random_instance.hpp"
#include "tests/planner/experts/shipped.hpp"

namespace plimsoll::experts {
namespace {

constexpr std::uint64_t small_work = 100'000;
// Some proofs search a limited number of steps, in the order of names: either bound holds, one may be a little
// stronger.
constexpr double bound_tolerance = 0.02;

std::optional<ExpertSolution> try_solve(const ExpertInstance& instance, std::string_view method,
                                        std::uint64_t work = small_work, int threads = 1) {
  try {
    return testing::solve_with(instance, std::string(method), work, threads);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::unsupported) << error.what();
    return std::nullopt;
  }
}

void expect_same(const ExpertSolution& left, const ExpertSolution& right) {
  EXPECT_EQ(left.plan, right.plan);
  EXPECT_EQ(left.certificate.status, right.certificate.status);
  EXPECT_EQ(left.certificate.objective, right.certificate.objective);
  EXPECT_EQ(left.certificate.bound, right.certificate.bound);
  EXPECT_EQ(left.certificate.gap, right.certificate.gap);
  EXPECT_EQ(left.certificate.bound_method, right.certificate.bound_method);
  EXPECT_EQ(left.certificate.stopped_by, right.certificate.stopped_by);
  EXPECT_EQ(left.certificate.work, right.certificate.work);
  EXPECT_EQ(left.certificate.reason, right.certificate.reason);
}

class Property : public ::testing::TestWithParam<int> {
 protected:
  template <class Visit>
  void each(const Visit& visit) {
    for (std::uint64_t k = 0; k < 8; ++k) {
      const std::uint64_t seed = static_cast<std::uint64_t>(GetParam()) * 100 + k;
      SCOPED_TRACE("medium instance " + std::to_string(seed));
      const ExpertInstance instance = testing::medium_instance(seed);
      visit(instance);
      if (HasFailure()) {
        ADD_FAILURE() << write_instance(instance);
        return;
      }
    }
  }
};

TEST_P(Property, EveryPlanHoldsAndNoBoundExceedsIt) {
  each([](const ExpertInstance& instance) {
    std::optional<double> best;
    std::optional<double> bound;
    for (const Method& method : methods()) {
      SCOPED_TRACE("method " + std::string(method.name));
      const auto solution = try_solve(instance, method.name);
      if (!solution) continue;
      const Certificate& certificate = solution->certificate;
      if (certificate.bound && (!bound || *certificate.bound > *bound)) bound = certificate.bound;
      if (!certificate.objective) continue;
      const auto judged = testing::judge(instance, solution->plan);
      ASSERT_TRUE(judged.has_value());
      EXPECT_NEAR(*judged, *certificate.objective, 1e-8 * std::max(1.0, *judged));
      EXPECT_EQ(check(instance, solution->plan, &certificate), std::vector<std::string>{});
      if (!best || *certificate.objective < *best) best = certificate.objective;
    }
    // The bound of one method holds for the plans of all.
    if (best && bound) {
      EXPECT_LE(*bound, *best + 1e-9 * std::max(1.0, *best));
    }
    if (best && Prepared(instance).impossible.empty()) {
      EXPECT_LE(recompute_bound(instance), *best + 1e-9 * std::max(1.0, *best));
    }
    if (best) {
      EXPECT_EQ(Prepared(instance).impossible, "");
    }
  });
}

TEST_P(Property, ThreadsAndRepetitionChangeNothing) {
  each([](const ExpertInstance& instance) {
    for (const Method& method : methods()) {
      SCOPED_TRACE("method " + std::string(method.name));
      const auto once = try_solve(instance, method.name);
      const auto again = try_solve(instance, method.name);
      const auto threaded = try_solve(instance, method.name, small_work, 4);
      ASSERT_EQ(once.has_value(), again.has_value());
      ASSERT_EQ(once.has_value(), threaded.has_value());
      if (!once) continue;
      expect_same(*once, *again);
      expect_same(*once, *threaded);
    }
  });
}

TEST_P(Property, MoreWorkIsNeverWorse) {
  each([](const ExpertInstance& instance) {
    for (const char* method : {"local", "auto"}) {
      SCOPED_TRACE(method);
      std::optional<double> before;
      for (const std::uint64_t work : {1, 3'000, 30'000, 300'000}) {
        const auto solution = try_solve(instance, method, work);
        ASSERT_TRUE(solution.has_value());
        const auto objective = solution->certificate.objective;
        if (before) {
          ASSERT_TRUE(objective.has_value()) << "a plan was found with less work";
          EXPECT_LE(*objective, *before + 1e-12 * std::max(1.0, *before)) << "work " << work;
        }
        if (objective) before = objective;
      }
    }
  });
}

TEST_P(Property, AutoIsNeverWorseThanWhatStands) {
  each([](const ExpertInstance& instance) {
    if (!instance.placement) return;
    const auto standing = try_solve(instance, "shares");
    if (!standing || !standing->certificate.objective) return;
    const auto solution = try_solve(instance, "auto");
    ASSERT_TRUE(solution && solution->certificate.objective);
    EXPECT_LE(*solution->certificate.objective, *standing->certificate.objective);
    // Only a slot that has to be filled and stood empty may cost a move.
    std::int64_t empty = 0;
    for (const int expert : instance.placement->data()) empty += expert < 0 ? 1 : 0;
    EXPECT_LE(standing->metrics.moves, instance.cluster.fill_slots ? empty : 0);
  });
}

// Loads doubled: every time doubles, and so do bounds. Powers of two leave every rounding as it was.
TEST_P(Property, DoubledLoadsDoubleEverything) {
  each([](ExpertInstance instance) {
    instance.cost = ExpertCost{};
    instance.move_seconds = 0;
    ExpertInstance doubled = instance;
    for (std::size_t layer = 0; layer < doubled.load.rows(); ++layer) {
      for (double& load : doubled.load.row(layer)) load *= 2;
    }
    for (const Method& method : methods()) {
      SCOPED_TRACE("method " + std::string(method.name));
      const auto once = try_solve(instance, method.name);
      const auto twice = try_solve(doubled, method.name);
      ASSERT_EQ(once.has_value(), twice.has_value());
      if (!once) continue;
      ASSERT_EQ(once->certificate.objective.has_value(), twice->certificate.objective.has_value());
      if (!once->certificate.objective) continue;
      const double tolerance = 1e-7 * std::max(1.0, *once->certificate.objective);
      EXPECT_NEAR(*twice->certificate.objective, 2 * *once->certificate.objective, tolerance);
      EXPECT_NEAR(*twice->certificate.bound, 2 * *once->certificate.bound, tolerance);
    }
  });
}

// The same for the price of everything: cost in another unit of time.
TEST_P(Property, AnotherUnitOfTimeScalesTheBound) {
  each([](ExpertInstance instance) {
    if (!Prepared(instance).impossible.empty()) return;
    ExpertInstance scaled = instance;
    auto& cost = scaled.cost;
    for (double* seconds : {&cost.token_seconds, &cost.replica_seconds, &cost.other_seconds, &scaled.move_seconds}) {
      *seconds *= 1024;
    }
    for (auto& point : cost.expert_seconds) point.seconds *= 1024;
    const double bound = recompute_bound(instance);
    EXPECT_NEAR(recompute_bound(scaled), 1024 * bound, 1e-6 * 1024 * std::max(1.0, bound));
  });
}

std::vector<int> shuffled(std::size_t size, support::Random& random) {
  std::vector<int> order(size);
  std::iota(order.begin(), order.end(), 0);
  for (std::size_t k = size; k > 1; --k) std::swap(order[k - 1], order[random.below(k)]);
  return order;
}

// Which expert stands for which: the experts of a group stay together, groups may change places.
std::vector<int> shuffled_experts(const ExpertInstance& instance, support::Random& random) {
  const auto groups = static_cast<std::size_t>(instance.model.groups);
  const std::size_t size = static_cast<std::size_t>(instance.model.experts) / groups;
  std::vector<int> name(groups * size);
  const std::vector<int> group_order = shuffled(groups, random);
  for (std::size_t group = 0; group < groups; ++group) {
    const std::vector<int> inside = shuffled(size, random);
    for (std::size_t k = 0; k < size; ++k)
      name[group * size + k] = group_order[group] * static_cast<int>(size) + inside[k];
  }
  return name;
}

TEST_P(Property, OtherNamesForExpertsChangeNothing) {
  support::Random random(static_cast<std::uint64_t>(GetParam()), 21);
  each([&](const ExpertInstance& instance) {
    const std::vector<int> name = shuffled_experts(instance, random);
    const auto rename = [&](Matrix<int>& slots) {
      for (std::size_t layer = 0; layer < slots.rows(); ++layer) {
        for (int& expert : slots.row(layer)) expert = expert < 0 ? expert : name[static_cast<std::size_t>(expert)];
      }
    };
    ExpertInstance renamed = instance;
    for (std::size_t layer = 0; layer < instance.load.rows(); ++layer) {
      for (std::size_t expert = 0; expert < name.size(); ++expert) {
        renamed.load.at(layer, static_cast<std::size_t>(name[expert])) = instance.load.at(layer, expert);
      }
    }
    if (renamed.placement) rename(*renamed.placement);
    if (Prepared(instance).impossible.empty()) {
      const double bound = recompute_bound(instance);
      EXPECT_NEAR(recompute_bound(renamed), bound, bound_tolerance * std::max(1.0, bound));
    }
    EXPECT_EQ(Prepared(instance).impossible.empty(), Prepared(renamed).impossible.empty());
    const auto solution = try_solve(instance, "auto");
    ASSERT_TRUE(solution.has_value());
    if (!solution->certificate.objective) return;
    ExpertPlan plan = solution->plan;
    rename(plan.slots);
    const Evaluation evaluation = evaluate(renamed, plan);
    EXPECT_EQ(evaluation.violations, std::vector<std::string>{});
    EXPECT_NEAR(evaluation.objective, *solution->certificate.objective, 1e-9 * std::max(1.0, evaluation.objective));
    EXPECT_EQ(evaluation.metrics.moves, solution->metrics.moves);
  });
}

// Whole nodes change places, and the devices inside each: everything that belongs to a device goes with it.
TEST_P(Property, OtherNamesForDevicesChangeNothing) {
  support::Random random(static_cast<std::uint64_t>(GetParam()), 22);
  each([&](const ExpertInstance& instance) {
    const auto nodes = static_cast<std::size_t>(instance.cluster.nodes);
    const auto each_node = static_cast<std::size_t>(instance.cluster.devices_per_node);
    std::vector<std::size_t> source;  // the device that becomes number k
    for (const int node : shuffled(nodes, random)) {
      for (const int device : shuffled(each_node, random)) {
        source.push_back(static_cast<std::size_t>(node) * each_node + static_cast<std::size_t>(device));
      }
    }
    std::vector<std::size_t> first(source.size() + 1, 0);
    for (std::size_t d = 0; d < source.size(); ++d) {
      first[d + 1] = first[d] + static_cast<std::size_t>(instance.cluster.slots[d]);
    }
    std::vector<std::size_t> columns;  // the column that becomes number k
    ExpertInstance renamed = instance;
    renamed.cluster.dead.clear();
    for (std::size_t k = 0; k < source.size(); ++k) {
      renamed.cluster.slots[k] = instance.cluster.slots[source[k]];
      renamed.cluster.speed[k] = instance.cluster.speed[source[k]];
      for (const int dead : instance.cluster.dead) {
        if (static_cast<std::size_t>(dead) == source[k]) renamed.cluster.dead.push_back(static_cast<int>(k));
      }
      for (std::size_t slot = first[source[k]]; slot < first[source[k] + 1]; ++slot) columns.push_back(slot);
    }
    const auto rename = [&](auto& table) {
      const auto before = table;
      for (std::size_t row = 0; row < table.rows(); ++row) {
        for (std::size_t k = 0; k < table.columns(); ++k) table.at(row, k) = before.at(row, columns[k]);
      }
    };
    if (renamed.placement) rename(*renamed.placement);
    if (Prepared(instance).impossible.empty()) {
      const double bound = recompute_bound(instance);
      EXPECT_NEAR(recompute_bound(renamed), bound, bound_tolerance * std::max(1.0, bound));
    }
    EXPECT_EQ(Prepared(instance).impossible.empty(), Prepared(renamed).impossible.empty());
    // Even dispatch in tiles gives the odd tokens to the first slots in order, so names do matter there.
    if (instance.dispatch == Dispatch::even && instance.cost.tile_tokens > 0) return;
    const auto solution = try_solve(instance, "auto");
    ASSERT_TRUE(solution.has_value());
    if (!solution->certificate.objective) return;
    ExpertPlan plan = solution->plan;
    rename(plan.slots);
    rename(plan.shares);
    rename(plan.tokens);
    const Evaluation evaluation = evaluate(renamed, plan);
    EXPECT_EQ(evaluation.violations, std::vector<std::string>{});
    EXPECT_NEAR(evaluation.objective, *solution->certificate.objective, 1e-9 * std::max(1.0, evaluation.objective));
    EXPECT_EQ(evaluation.metrics.moves, solution->metrics.moves);
  });
}

INSTANTIATE_TEST_SUITE_P(Seeds, Property, ::testing::Range(0, 10));

}  // namespace
}  // namespace plimsoll::experts
