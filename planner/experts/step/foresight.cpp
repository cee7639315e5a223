// Base replicas for all micro-steps at once, transient replicas where they pay and arrive in time, shares by parametric
// flow. Hierarchical: nodes first (base replicas balance nodes over all micro-steps, so that copies can stay inside),
// then devices, then windows, then links.
//
// Each layer may give its transient columns up and use them as base slots for the whole step, which is better where
// links are slow. Both forms are built whole; each layer takes the better one; the step is built again from these.
#include <algorithm>

#include "planner/experts/step/method.hpp"
#include "planner/experts/step/search/base_placement.hpp"
#include "planner/experts/step/search/standing_base.hpp"
#include "planner/experts/step/search/step_builder.hpp"
#include "support/random.hpp"
#include "support/threads.hpp"

namespace plimsoll::experts::step {
namespace {

std::size_t index(int number) { return static_cast<std::size_t>(number); }

class Foresight {
 public:
  Foresight(const Prepared& prepared, Context& context)
      : prepared_(prepared), context_(context), bounds_(quick_bounds(prepared)) {}

  void run() {
    const Matrix<int> transient = place(false);
    if (transient.empty()) return;
    const BuiltStep first = build(transient);
    if (prepared_.transient == 0 || prepared_.pool || context_.should_stop()) return;
    const Matrix<int> fixed = place(true);
    if (fixed.empty()) return;
    const BuiltStep second = build(fixed);
    mix(first, second);
  }

 private:
  Matrix<int> place(bool use_transient_columns) {
    Matrix<int> base(index(prepared_.layers), index(prepared_.total_columns()), -1);
    if (!base_is_free(prepared_)) {
      if (!use_transient_columns) base = standing_base(prepared_, context_);
      return use_transient_columns ? Matrix<int>{} : base;
    }
    std::vector<std::uint64_t> work(index(prepared_.layers), 0);
    std::vector<char> placed(index(prepared_.layers), 0);
    BaseOptions options;
    options.use_transient_columns = use_transient_columns;
    support::for_each_index(work.size(), context_.options().threads, [&](std::size_t layer) {
      support::Random random(context_.options().seed, layer);
      const std::vector<int> row = place_base(prepared_, static_cast<int>(layer), options, random, work[layer]);
      if (row.empty()) return;
      std::copy(row.begin(), row.end(), base.row(layer).begin());
      placed[layer] = 1;
    });
    for (const std::uint64_t amount : work) context_.meter().add_work(amount);
    return std::find(placed.begin(), placed.end(), 0) == placed.end() ? base : Matrix<int>{};
  }

  BuiltStep build(const Matrix<int>& base) {
    BuiltStep built = build_step(prepared_, bounds_, base, context_.options().threads);
    context_.meter().add_work(built.work);
    context_.offer(built.plan);
    return built;
  }

  // Layer by layer the form that takes less time over the step.
  void mix(const BuiltStep& first, const BuiltStep& second) {
    Matrix<int> base = first.plan.base;
    int from_second = 0;
    for (int layer = 0; layer < prepared_.layers; ++layer) {
      double gain = 0;
      for (int m = 0; m < prepared_.microsteps; ++m) {
        gain += prepared_.passes(m, layer) *
                (first.row_seconds.at(index(m), index(layer)) - second.row_seconds.at(index(m), index(layer)));
      }
      if (gain <= 0) continue;
      std::copy(second.plan.base.row(index(layer)).begin(), second.plan.base.row(index(layer)).end(),
                base.row(index(layer)).begin());
      ++from_second;
    }
    if (from_second > 0 && from_second < prepared_.layers) build(base);
  }

  const Prepared& prepared_;
  Context& context_;
  Bounds bounds_;
};

}  // namespace

void run_foresight(const Prepared& prepared, Context& context) { Foresight(prepared, context).run(); }

}  // namespace plimsoll::experts::step
