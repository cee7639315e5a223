// Valid plans with one thing changed: what the change breaks must be said, and what it leaves whole (judged by the
// second opinion) must pass with the same cost.
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <string>

#include "planner/experts/step/evaluate.hpp"
#include "tests/planner/experts/step/judge_step.hpp"
#include "tests/planner/experts/step/random_step.hpp"
#include "tests/planner/experts/step/random_step_plan.hpp"

namespace plimsoll::experts::step {
namespace {

struct Bench {
  StepInstance step;
  StepPlan plan;
  const Evaluation& whole;
  support::Random& random;

  std::size_t below(std::size_t bound) { return random.below(bound); }
  // Uniform in [0, count) apart from `not_this`; the same where there is no other.
  int other(int count, int not_this) {
    const int value = static_cast<int>(below(static_cast<std::size_t>(std::max(1, count - 1))));
    return value + (value >= not_this && count > 1 ? 1 : 0);
  }
  // One of this kind, or nothing.
  Transfer* any(TransferKind kind = TransferKind::weights) {
    std::vector<Transfer*> found;
    for (Transfer& transfer : plan.transfers) {
      if (transfer.kind == kind) found.push_back(&transfer);
    }
    return found.empty() ? nullptr : found[below(found.size())];
  }
  Transfer* any_of_all() { return plan.transfers.empty() ? nullptr : &plan.transfers[below(plan.transfers.size())]; }
  std::size_t layer() { return below(plan.base.rows()); }
  std::size_t column() { return below(plan.base.columns()); }
  ExpertPlan& microstep() { return plan.microsteps[below(plan.microsteps.size())]; }
  [[nodiscard]] int devices() const { return step.experts.cluster.devices(); }
  [[nodiscard]] int experts() const { return step.experts.model.experts; }
};

void move_to(Transfer& transfer, double start) {
  transfer.end_seconds += start - transfer.start_seconds;
  transfer.start_seconds = start;
}

enum class Breaks { always, sometimes, rarely };

struct Mutation {
  const char* name;
  Breaks breaks;
  bool (*apply)(Bench& bench);  // false: there was nothing to change
};

bool with(Transfer* transfer, const auto& change) {
  if (transfer == nullptr) return false;
  change(*transfer);
  return true;
}

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double infinite = std::numeric_limits<double>::infinity();

constexpr std::array transfer_mutations = {
    Mutation{
        "start earlier, same end", Breaks::sometimes,
        [](Bench& b) { return with(b.any_of_all(), [&](Transfer& t) { t.start_seconds *= b.random.uniform(); }); }},
    Mutation{"all of it earlier", Breaks::sometimes,
             [](Bench& b) {
               return with(b.any_of_all(), [&](Transfer& t) { move_to(t, t.start_seconds * b.random.uniform()); });
             }},
    Mutation{"all of it later", Breaks::sometimes,
             [](Bench& b) {
               return with(b.any_of_all(), [&](Transfer& t) {
                 move_to(t, t.start_seconds + b.random.uniform() * b.whole.metrics.step_seconds);
               });
             }},
    Mutation{"before the step begins", Breaks::always,
             [](Bench& b) { return with(b.any_of_all(), [](Transfer& t) { move_to(t, -0.5); }); }},
    Mutation{"shorter", Breaks::sometimes,
             [](Bench& b) {
               return with(b.any_of_all(), [](Transfer& t) {
                 t.end_seconds = t.start_seconds + 0.4 * (t.end_seconds - t.start_seconds);
               });
             }},
    Mutation{"backwards in time", Breaks::always,
             [](Bench& b) { return with(b.any_of_all(), [](Transfer& t) { t.end_seconds = t.start_seconds - 0.5; }); }},
    Mutation{"at the time of another", Breaks::sometimes,
             [](Bench& b) {
               const Transfer* other = b.any_of_all();
               return with(b.any_of_all(), [&](Transfer& t) { move_to(t, other->start_seconds); });
             }},
    Mutation{"start of a window", Breaks::sometimes,
             [](Bench& b) {
               return with(b.any_of_all(), [&](Transfer& t) {
                 move_to(t, b.whole.window_start[b.below(b.whole.window_start.size())]);
               });
             }},
    Mutation{"end of a window", Breaks::sometimes,
             [](Bench& b) {
               return with(b.any_of_all(), [&](Transfer& t) {
                 const std::size_t window = b.below(b.whole.window_start.size());
                 move_to(t, b.whole.window_start[window] + b.whole.window_seconds[window] -
                                (t.end_seconds - t.start_seconds));
               });
             }},
    Mutation{"times that are no numbers", Breaks::always,
             [](Bench& b) {
               const std::array values = {nan, infinite, -infinite};
               return with(b.any_of_all(), [&](Transfer& t) {
                 (b.below(2) == 0 ? t.start_seconds : t.end_seconds) = values[b.below(values.size())];
               });
             }},
    Mutation{"missing", Breaks::always,
             [](Bench& b) {
               if (b.plan.transfers.empty()) return false;
               b.plan.transfers.erase(b.plan.transfers.begin() +
                                      static_cast<std::ptrdiff_t>(b.below(b.plan.transfers.size())));
               return true;
             }},
    Mutation{"all missing", Breaks::always,
             [](Bench& b) {
               const bool any = !b.plan.transfers.empty();
               b.plan.transfers.clear();
               return any;
             }},
    Mutation{"doubled", Breaks::always,
             [](Bench& b) {
               if (b.plan.transfers.empty()) return false;
               b.plan.transfers.push_back(*b.any_of_all());
               return true;
             }},
    Mutation{"doubled at another time", Breaks::always,
             [](Bench& b) {
               if (b.plan.transfers.empty()) return false;
               b.plan.transfers.push_back(*b.any_of_all());
               move_to(b.plan.transfers.back(), b.whole.metrics.step_seconds);
               return true;
             }},
    Mutation{"another expert", Breaks::always,
             [](Bench& b) {
               return b.experts() > 1 &&
                      with(b.any_of_all(), [&](Transfer& t) { t.expert = b.other(b.experts(), t.expert); });
             }},
    Mutation{"another layer", Breaks::always,
             [](Bench& b) {
               const int layers = b.step.experts.model.layers;
               return layers > 1 && with(b.any_of_all(), [&](Transfer& t) { t.layer = b.other(layers, t.layer); });
             }},
    Mutation{"another micro-step", Breaks::always,
             [](Bench& b) {
               return b.step.microsteps() > 1 && with(b.any_of_all(), [&](Transfer& t) {
                        t.microstep = b.other(b.step.microsteps(), t.microstep);
                      });
             }},
    Mutation{"to another device", Breaks::always,
             [](Bench& b) {
               return b.devices() > 1 && with(b.any_of_all(), [&](Transfer& t) { t.to = b.other(b.devices(), t.to); });
             }},
    Mutation{"from another device", Breaks::sometimes,
             [](Bench& b) {
               return with(b.any(), [&](Transfer& t) {
                 t.from = t.from_host ? static_cast<int>(b.below(static_cast<std::size_t>(b.devices())))
                                      : b.other(b.devices(), t.from);
                 t.from_host = false;
               });
             }},
    Mutation{"from its own target", Breaks::always,
             [](Bench& b) { return with(b.any_of_all(), [](Transfer& t) { t.from_host = false, t.from = t.to; }); }},
    Mutation{"from the host", Breaks::sometimes,
             [](Bench& b) {
               return with(b.any(), [&](Transfer& t) {
                 t.from_host = true, t.from = t.to / b.step.experts.cluster.devices_per_node;
               });
             }},
    Mutation{"from the host of another node", Breaks::always,
             [](Bench& b) {
               const auto& cluster = b.step.experts.cluster;
               return with(b.any(), [&](Transfer& t) {
                 t.from_host = true;
                 t.from = cluster.nodes == 1 ? 1 : b.other(cluster.nodes, t.to / cluster.devices_per_node);
               });
             }},
    Mutation{"to a dead device", Breaks::always,
             [](Bench& b) {
               const auto& dead = b.step.experts.cluster.dead;
               return !dead.empty() && with(b.any_of_all(), [&](Transfer& t) { t.to = dead.front(); });
             }},
    Mutation{"from a dead device", Breaks::always,
             [](Bench& b) {
               const auto& dead = b.step.experts.cluster.dead;
               return !dead.empty() &&
                      with(b.any_of_all(), [&](Transfer& t) { t.from_host = false, t.from = dead.front(); });
             }},
    Mutation{"places that do not exist", Breaks::always,
             [](Bench& b) {
               const std::array values = {-1, 1000, std::numeric_limits<int>::max(), std::numeric_limits<int>::min()};
               return with(b.any_of_all(), [&](Transfer& t) {
                 const std::array fields = {&t.microstep, &t.layer, &t.expert, &t.from, &t.to};
                 *fields[b.below(fields.size())] = values[b.below(values.size())];
               });
             }},
    Mutation{"the other kind", Breaks::always,
             [](Bench& b) {
               return with(b.any_of_all(), [](Transfer& t) {
                 t.kind = t.kind == TransferKind::weights ? TransferKind::gradient : TransferKind::weights;
               });
             }},
    Mutation{"gradient missing", Breaks::always,
             [](Bench& b) {
               Transfer* gradient = b.any(TransferKind::gradient);
               if (gradient == nullptr) return false;
               b.plan.transfers.erase(b.plan.transfers.begin() + (gradient - b.plan.transfers.data()));
               return true;
             }},
    Mutation{"gradient before its backward window is done", Breaks::always,
             [](Bench& b) {
               Transfer* gradient = b.any(TransferKind::gradient);
               const auto windows = windows_of(b.step);
               for (std::size_t index = 0; index < windows.size() && gradient != nullptr; ++index) {
                 const bool mine = windows[index].pass == Pass::backward &&
                                   windows[index].microstep == gradient->microstep &&
                                   windows[index].layer == gradient->layer;
                 if (!mine || !(b.whole.window_seconds[index] > 1e-3)) continue;
                 move_to(*gradient, b.whole.window_start[index] + 0.5 * b.whole.window_seconds[index]);
                 return true;
               }
               return false;
             }},
    Mutation{"gradient to another device", Breaks::always,
             [](Bench& b) {
               return b.devices() > 1 &&
                      with(b.any(TransferKind::gradient), [&](Transfer& t) { t.to = b.other(b.devices(), t.to); });
             }},
    Mutation{"in another order", Breaks::rarely,
             [](Bench& b) {
               if (b.plan.transfers.empty()) return false;
               std::swap(*b.any_of_all(), *b.any_of_all());
               return true;
             }},
};

constexpr std::array row_mutations = {
    Mutation{"base changed in one micro-step", Breaks::always,
             [](Bench& b) {
               const std::size_t layer = b.layer();
               const std::size_t column = b.column();
               if (b.plan.base.at(layer, column) < 0 || b.experts() < 2) return false;
               b.microstep().slots.at(layer, column) = b.other(b.experts(), b.plan.base.at(layer, column));
               return true;
             }},
    Mutation{"base changed, the micro-steps not", Breaks::always,
             [](Bench& b) {
               int& expert = b.plan.base.at(b.layer(), b.column());
               if (b.experts() < 2) return false;
               expert = expert < 0 ? 0 : b.other(b.experts(), expert);
               return true;
             }},
    Mutation{"a replica more", Breaks::sometimes,
             [](Bench& b) {
               int& expert = b.microstep().slots.at(b.layer(), b.column());
               if (expert >= 0) return false;
               expert = static_cast<int>(b.below(static_cast<std::size_t>(b.experts())));
               return true;
             }},
    Mutation{"a transient replica in base as well", Breaks::sometimes,
             [](Bench& b) {
               const std::size_t layer = b.layer();
               const std::size_t column = b.column();
               const int expert = b.microstep().slots.at(layer, column);
               if (b.plan.base.at(layer, column) == expert) return false;
               b.plan.base.at(layer, column) = expert;
               return true;
             }},
    Mutation{"a share off", Breaks::sometimes,
             [](Bench& b) {
               b.microstep().shares.at(b.layer(), b.column()) += 1e-6;
               return true;
             }},
    Mutation{"a share that is no number", Breaks::always,
             [](Bench& b) {
               b.microstep().shares.at(b.layer(), b.column()) = nan;
               return true;
             }},
    Mutation{"a negative share", Breaks::always,
             [](Bench& b) {
               b.microstep().shares.at(b.layer(), b.column()) = -0.5;
               return true;
             }},
    Mutation{"shares moved from one slot to another", Breaks::sometimes,
             [](Bench& b) {
               Matrix<double>& shares = b.microstep().shares;
               const std::size_t layer = b.layer();
               std::swap(shares.at(layer, b.column()), shares.at(layer, b.column()));
               return true;
             }},
    Mutation{"another token", Breaks::always,
             [](Bench& b) {
               ExpertPlan& microstep = b.microstep();
               if (microstep.tokens.empty()) return false;
               ++microstep.tokens.at(b.layer(), b.column());
               return true;
             }},
    Mutation{"two micro-steps swapped", Breaks::sometimes,
             [](Bench& b) {
               std::swap(b.microstep(), b.microstep());
               return true;
             }},
    Mutation{"a micro-step less", Breaks::always,
             [](Bench& b) {
               b.plan.microsteps.pop_back();
               return true;
             }},
    Mutation{"a layer less", Breaks::always,
             [](Bench& b) {
               b.plan.base = Matrix<int>(b.plan.base.rows() - 1, b.plan.base.columns());
               return true;
             }},
    Mutation{"a column more", Breaks::always,
             [](Bench& b) {
               ExpertPlan& microstep = b.microstep();
               microstep.shares = Matrix<double>(microstep.shares.rows(), microstep.shares.columns() + 1);
               return true;
             }},
    Mutation{"nothing at all", Breaks::always,
             [](Bench& b) {
               b.plan = {};
               return true;
             }},
};

// The instance is another one, and the plan stays.
constexpr std::array instance_mutations = {
    Mutation{"a path without a rate", Breaks::sometimes,
             [](Bench& b) {
               auto& link = b.step.experts.cluster.link;
               if (!link) return false;
               const std::array rates = {&link->intra_bytes_per_second, &link->nic_bytes_per_second,
                                         &link->host_bytes_per_second};
               *rates[b.below(rates.size())] = 0;
               return true;
             }},
    Mutation{"slower links", Breaks::sometimes,
             [](Bench& b) {
               auto& link = b.step.experts.cluster.link;
               if (!link) return false;
               link->intra_bytes_per_second /= 2;
               link->nic_bytes_per_second /= 2;
               return true;
             }},
    Mutation{"no links", Breaks::rarely,
             [](Bench& b) {
               b.step.experts.cluster.link.reset();
               return true;
             }},
    Mutation{"one NIC for all", Breaks::rarely,
             [](Bench& b) {
               b.step.experts.cluster.nic_of_device.assign(static_cast<std::size_t>(b.devices()), 0);
               return true;
             }},
    Mutation{"one pool for all layers", Breaks::sometimes,
             [](Bench& b) {
               std::swap(b.step.transient_slots, b.step.transient_pool_slots);
               return true;
             }},
    Mutation{"everything overlaps", Breaks::rarely,
             [](Bench& b) {
               b.step.communication.overlap =
                   b.step.communication.overlap == Overlap::full ? Overlap::none : Overlap::full;
               return true;
             }},
    Mutation{"gradients return, or do not", Breaks::sometimes,
             [](Bench& b) {
               b.step.gradient_return = !b.step.gradient_return;
               return true;
             }},
    Mutation{"other loads", Breaks::sometimes,
             [](Bench& b) {
               double& load = b.step.load[b.below(b.step.load.size())].at(b.layer(), 0);
               load = std::floor(load) + 3;
               return true;
             }},
    Mutation{"a device dies", Breaks::sometimes,
             [](Bench& b) {
               if (!b.step.experts.cluster.dead.empty()) return false;
               b.step.experts.cluster.dead = {static_cast<int>(b.below(static_cast<std::size_t>(b.devices())))};
               return true;
             }},
    Mutation{"duplicates forbidden", Breaks::sometimes,
             [](Bench& b) {
               b.step.experts.cluster.duplicates = false;
               return true;
             }},
    Mutation{"groups kept on a node", Breaks::sometimes,
             [](Bench& b) {
               b.step.experts.keep_groups_on_a_node = true;
               return true;
             }},
};

struct Count {
  bool rare = false;
  int applied = 0;
  int broken = 0;
};

class MutatedStep : public ::testing::TestWithParam<int> {
 protected:
  void try_mutation(const Mutation& mutation, const StepInstance& step, const StepPlan& plan, const Evaluation& whole,
                    support::Random& random) {
    Bench bench{step, plan, whole, random};
    if (!mutation.apply(bench)) return;
    Count& count = counts_[mutation.name];
    count.rare = mutation.breaks == Breaks::rarely;
    ++count.applied;
    const Evaluation evaluation = evaluate(bench.step, bench.plan);
    const auto judged = testing::judge_step(bench.step, bench.plan);
    if (!judged) {
      EXPECT_FALSE(evaluation.violations.empty()) << mutation.name << " breaks a rule";
      ++count.broken;
      return;
    }
    EXPECT_NE(mutation.breaks, Breaks::always) << mutation.name << " left the plan whole";
    EXPECT_TRUE(evaluation.violations.empty()) << mutation.name << ": " << evaluation.violations.front();
    EXPECT_NEAR(evaluation.objective, *judged, 1e-9 * std::max(1.0, *judged)) << mutation.name;
  }

  std::map<std::string, Count> counts_;
};

TEST_P(MutatedStep, IsRejectedWhereTheMeaningChanges) {
  for (std::uint64_t k = 0; k < 60 && !HasFailure(); ++k) {
    const std::uint64_t seed = static_cast<std::uint64_t>(GetParam()) * 1000 + k;
    SCOPED_TRACE("step " + std::to_string(seed));
    const StepInstance step = k % 4 == 0 ? testing::medium_step(seed) : testing::tiny_step(seed);
    const auto plan = testing::random_step_plan(step, seed);
    if (!plan || plan->base.columns() == 0) continue;
    const Evaluation whole = evaluate(step, *plan);
    ASSERT_EQ(whole.violations, std::vector<std::string>{});
    support::Random random(seed, 5);
    for (int repeat = 0; repeat < 4; ++repeat) {
      for (const Mutation& mutation : transfer_mutations) try_mutation(mutation, step, *plan, whole, random);
      for (const Mutation& mutation : row_mutations) try_mutation(mutation, step, *plan, whole, random);
      for (const Mutation& mutation : instance_mutations) try_mutation(mutation, step, *plan, whole, random);
    }
  }
  for (const auto& [name, count] : counts_) {
    EXPECT_GT(count.applied, 0) << name;
    EXPECT_GT(count.broken, count.rare ? -1 : 0) << name;
  }
  EXPECT_EQ(counts_.size(), transfer_mutations.size() + row_mutations.size() + instance_mutations.size());
}

INSTANTIATE_TEST_SUITE_P(Seeds, MutatedStep, ::testing::Range(0, 6));

}  // namespace
}  // namespace plimsoll::experts::step
