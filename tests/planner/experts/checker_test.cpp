// plimsoll::check against mutated plans and certificates: whatever a mutation breaks must be said, and what it leaves
// whole (judged by a second opinion) must pass.
#include <gtest/gtest.h>

#include <array>
#include <limits>
#include <string>

#include "plimsoll/solve.hpp"
#include "support/random.hpp"
#include "tests/planner/experts/judge.hpp"
#include "tests/planner/experts/random_instance.hpp"

namespace plimsoll {
namespace {

using testing::judge;

struct Bench {
  const ExpertInstance& instance;
  ExpertPlan plan;
  Certificate certificate;
  support::Random& random;

  std::size_t layer() { return random.below(plan.slots.rows()); }
  std::size_t slot() { return random.below(plan.slots.columns()); }
  // The first device that owns a slot.
  std::size_t device_of(std::size_t slot) const {
    std::size_t device = 0;
    for (std::size_t end = 0;; ++device) {
      end += static_cast<std::size_t>(instance.cluster.slots[device]);
      if (slot < end) return device;
    }
  }
  void swap_all(std::size_t layer, std::size_t a, std::size_t b) {
    std::swap(plan.slots.at(layer, a), plan.slots.at(layer, b));
    std::swap(plan.shares.at(layer, a), plan.shares.at(layer, b));
    if (!plan.tokens.empty()) std::swap(plan.tokens.at(layer, a), plan.tokens.at(layer, b));
  }
  void empty(std::size_t layer, std::size_t slot) {
    plan.slots.at(layer, slot) = -1;
    plan.shares.at(layer, slot) = 0;
    if (!plan.tokens.empty()) plan.tokens.at(layer, slot) = 0;
  }
};

struct Mutation {
  const char* name;
  void (*apply)(Bench& bench);
};

constexpr std::array plan_mutations = {
    Mutation{"swap two slots", [](Bench& b) { b.swap_all(b.layer(), b.slot(), b.slot()); }},
    Mutation{"swap two experts, not their shares",
             [](Bench& b) {
               const auto layer = b.layer();
               std::swap(b.plan.slots.at(layer, b.slot()), b.plan.slots.at(layer, b.slot()));
             }},
    Mutation{"swap two shares",
             [](Bench& b) {
               const auto layer = b.layer();
               std::swap(b.plan.shares.at(layer, b.slot()), b.plan.shares.at(layer, b.slot()));
             }},
    Mutation{"swap shares and tokens of one expert",
             [](Bench& b) {
               const auto layer = b.layer();
               const auto first = b.slot();
               for (std::size_t other = first + 1; other < b.plan.slots.columns(); ++other) {
                 if (b.plan.slots.at(layer, other) != b.plan.slots.at(layer, first)) continue;
                 b.swap_all(layer, first, other);
                 return;
               }
             }},
    Mutation{"raise a share", [](Bench& b) { b.plan.shares.at(b.layer(), b.slot()) += 1e-6; }},
    Mutation{"lower a share", [](Bench& b) { b.plan.shares.at(b.layer(), b.slot()) *= 0.75; }},
    Mutation{"a negative share", [](Bench& b) { b.plan.shares.at(b.layer(), b.slot()) -= 1.5; }},
    Mutation{"a share that is no number",
             [](Bench& b) { b.plan.shares.at(b.layer(), b.slot()) = std::numeric_limits<double>::quiet_NaN(); }},
    Mutation{"an infinite share",
             [](Bench& b) { b.plan.shares.at(b.layer(), b.slot()) = std::numeric_limits<double>::infinity(); }},
    Mutation{"one token more",
             [](Bench& b) {
               if (!b.plan.tokens.empty()) ++b.plan.tokens.at(b.layer(), b.slot());
             }},
    Mutation{"negative tokens",
             [](Bench& b) {
               if (!b.plan.tokens.empty()) b.plan.tokens.at(b.layer(), b.slot()) = -1;
             }},
    Mutation{"extreme tokens",
             [](Bench& b) {
               if (!b.plan.tokens.empty())
                 b.plan.tokens.at(b.layer(), b.slot()) = std::numeric_limits<std::int64_t>::max();
             }},
    Mutation{"drop an expert",
             [](Bench& b) {
               const auto layer = b.layer();
               const int expert = static_cast<int>(b.random.below(static_cast<std::size_t>(b.instance.model.experts)));
               for (std::size_t slot = 0; slot < b.plan.slots.columns(); ++slot) {
                 if (b.plan.slots.at(layer, slot) == expert) b.empty(layer, slot);
               }
             }},
    Mutation{"empty a slot", [](Bench& b) { b.empty(b.layer(), b.slot()); }},
    Mutation{"another expert on a slot",
             [](Bench& b) {
               b.plan.slots.at(b.layer(), b.slot()) =
                   static_cast<int>(b.random.below(static_cast<std::size_t>(b.instance.model.experts)));
             }},
    Mutation{"an expert that does not exist",
             [](Bench& b) { b.plan.slots.at(b.layer(), b.slot()) = b.instance.model.experts; }},
    Mutation{"an expert below -1", [](Bench& b) { b.plan.slots.at(b.layer(), b.slot()) = -2; }},
    Mutation{"an extreme expert",
             [](Bench& b) { b.plan.slots.at(b.layer(), b.slot()) = std::numeric_limits<int>::min(); }},
    Mutation{"onto a dead device",
             [](Bench& b) {
               const auto layer = b.layer();
               for (std::size_t slot = 0; slot < b.plan.slots.columns() && !b.instance.cluster.dead.empty(); ++slot) {
                 if (static_cast<int>(b.device_of(slot)) == b.instance.cluster.dead.front()) {
                   b.swap_all(layer, slot, b.slot());
                 }
               }
             }},
    Mutation{"a second copy on the device",
             [](Bench& b) {
               const auto layer = b.layer();
               const auto slot = b.slot();
               if (slot > 0) b.plan.slots.at(layer, slot) = b.plan.slots.at(layer, slot - 1);
             }},
    Mutation{"mirror a layer",
             [](Bench& b) {
               const auto layer = b.layer();
               const auto columns = b.plan.slots.columns();
               for (std::size_t slot = 0; slot < columns / 2; ++slot) b.swap_all(layer, slot, columns - 1 - slot);
             }},
    Mutation{"shuffle everything",
             [](Bench& b) {
               for (int k = 0; k < 20; ++k) b.swap_all(b.layer(), b.slot(), b.slot());
             }},
    Mutation{"a row less",
             [](Bench& b) { b.plan.slots = Matrix<int>(b.plan.slots.rows() - 1, b.plan.slots.columns()); }},
    Mutation{"a column more",
             [](Bench& b) { b.plan.shares = Matrix<double>(b.plan.shares.rows(), b.plan.shares.columns() + 1); }},
    Mutation{"no tokens", [](Bench& b) { b.plan.tokens = {}; }},
    Mutation{"nothing at all", [](Bench& b) { b.plan = {}; }},
};

// Each contradicts the plan, the instance or the rest of the certificate.
constexpr std::array certificate_mutations = {
    Mutation{"a better objective", [](Bench& b) { *b.certificate.objective = *b.certificate.objective * 0.99 - 1e-6; }},
    Mutation{"a worse objective", [](Bench& b) { *b.certificate.objective = *b.certificate.objective * 1.01 + 1e-6; }},
    Mutation{"no objective", [](Bench& b) { b.certificate.objective.reset(); }},
    Mutation{"an objective that is no number",
             [](Bench& b) { b.certificate.objective = std::numeric_limits<double>::quiet_NaN(); }},
    Mutation{"a bound above the objective",
             [](Bench& b) { b.certificate.bound = *b.certificate.objective * 1.01 + 1e-6; }},
    Mutation{"a bound that is no number",
             [](Bench& b) { b.certificate.bound = std::numeric_limits<double>::quiet_NaN(); }},
    Mutation{"an infinite bound", [](Bench& b) { b.certificate.bound = std::numeric_limits<double>::infinity(); }},
    Mutation{"another gap", [](Bench& b) { *b.certificate.gap += 0.01; }},
    Mutation{"no gap", [](Bench& b) { b.certificate.gap.reset(); }},
    Mutation{"a gap that is no number", [](Bench& b) { b.certificate.gap = std::numeric_limits<double>::quiet_NaN(); }},
    Mutation{"infeasible, with a plan", [](Bench& b) { b.certificate.status = Status::infeasible; }},
    Mutation{"unknown, with a plan", [](Bench& b) { b.certificate.status = Status::unknown; }},
    Mutation{"not verified", [](Bench& b) { b.certificate.verified = false; }},
    Mutation{"optimal without a bound",
             [](Bench& b) {
               b.certificate.status = Status::optimal;
               b.certificate.bound.reset();
               b.certificate.gap.reset();
             }},
};

class CheckerBlock : public ::testing::TestWithParam<int> {
 protected:
  // Instances of the block with a plan, solved.
  template <class Visit>
  void each(const Visit& visit) {
    for (std::uint64_t k = 0; k < 12; ++k) {
      const std::uint64_t seed = static_cast<std::uint64_t>(GetParam()) * 100 + k;
      const ExpertInstance instance = k % 3 == 0 ? testing::medium_instance(seed) : testing::tiny_instance(seed);
      SCOPED_TRACE("instance " + std::to_string(seed));
      SolveOptions options;
      options.work_limit = 50'000;
      const ExpertSolution solution = solve(instance, options);
      if (!solution.certificate.objective) continue;
      ASSERT_EQ(check(instance, solution.plan, &solution.certificate), std::vector<std::string>{});
      support::Random random(seed, 5);
      visit(Bench{instance, solution.plan, solution.certificate, random});
    }
  }
};

TEST_P(CheckerBlock, SaysWhatAMutationOfThePlanBreaks) {
  int broken = 0;
  each([&](const Bench& whole) {
    for (const Mutation& mutation : plan_mutations) {
      SCOPED_TRACE(mutation.name);
      for (int repeat = 0; repeat < 3; ++repeat) {
        Bench bench = whole;
        if (bench.plan.slots.columns() == 0) return;
        mutation.apply(bench);
        const bool found = !check(bench.instance, bench.plan, &bench.certificate).empty();
        const std::optional<double> judged = judge(bench.instance, bench.plan);
        const double claimed = *bench.certificate.objective;
        if (!judged) {
          EXPECT_TRUE(found) << "the plan breaks a rule";
          EXPECT_FALSE(check(bench.instance, bench.plan).empty());
          ++broken;
          continue;
        }
        const double difference = std::abs(*judged - claimed) / std::max(1.0, claimed);
        if (difference > 1e-8) {
          EXPECT_TRUE(found) << "claims " << claimed << ", costs " << *judged;
          ++broken;
        } else if (difference < 1e-10) {
          EXPECT_FALSE(found) << check(bench.instance, bench.plan, &bench.certificate).front();
        }
      }
    }
  });
  EXPECT_GT(broken, 100);
}

TEST_P(CheckerBlock, SaysWhatAMutationOfTheCertificateBreaks) {
  each([&](const Bench& whole) {
    for (const Mutation& mutation : certificate_mutations) {
      SCOPED_TRACE(mutation.name);
      Bench bench = whole;
      ASSERT_TRUE(bench.certificate.bound && bench.certificate.gap);
      mutation.apply(bench);
      EXPECT_FALSE(check(bench.instance, bench.plan, &bench.certificate).empty());
    }
  });
}

TEST_P(CheckerBlock, RefusesABoundThatNobodyCanDerive) {
  each([&](const Bench& whole) {
    Bench bench = whole;
    if (bench.certificate.status == Status::optimal) {
      // Nothing lies between the bound and the objective; a lower bound contradicts the claim instead.
      bench.certificate.bound = *bench.certificate.bound - 0.01 * std::max(1.0, *bench.certificate.objective);
    } else {
      bench.certificate.bound = 0.5 * (*bench.certificate.bound + *bench.certificate.objective);
      bench.certificate.gap = (*bench.certificate.objective - *bench.certificate.bound) / *bench.certificate.objective;
      if (*bench.certificate.objective - *bench.certificate.bound < 1e-6) return;
    }
    EXPECT_FALSE(check(bench.instance, bench.plan, &bench.certificate).empty());
  });
}

INSTANTIATE_TEST_SUITE_P(Seeds, CheckerBlock, ::testing::Range(0, 8));

}  // namespace
}  // namespace plimsoll
