// Base replicas for all micro-steps at once, transient replicas where they pay and arrive in time, shares by parametric
// flow. Hierarchical: nodes first (base replicas balance nodes over all micro-steps, so that copies can stay inside),
// then devices, then windows, then links.
//
// Each layer may give its transient columns up and use them as base slots for the whole step, which is better where
// links are slow: with base replicas of its own making, or EPLB's. All forms are built whole; each layer takes the best
// one; the step is built again from these. Small steps go on with small changes of the base.
#include <algorithm>

#include "planner/experts/step/method.hpp"
#include "planner/experts/step/search/base_placement.hpp"
#include "planner/experts/step/search/base_search.hpp"
#include "planner/experts/step/search/baseline.hpp"
#include "planner/experts/step/search/standing_base.hpp"
#include "planner/experts/step/search/step_builder.hpp"
#include "plimsoll/error.hpp"

namespace plimsoll::experts::step {
namespace {

// A plan this close to the bound is not worth other forms.
constexpr double near_enough = 1.01;
// Small changes are worth trying where so many builds fit into the work that is left.
constexpr std::uint64_t fewest_builds = 100;
// The search ends after so many changes without a better plan.
constexpr int patience = 3000;

std::size_t index(int number) { return static_cast<std::size_t>(number); }

class Foresight {
 public:
  Foresight(const Prepared& prepared, Context& context)
      : prepared_(prepared), context_(context), bounds_(quick_bounds(prepared)) {}

  void run() {
    const Matrix<int> transient = place(false);
    if (!transient.empty()) build(transient);
    if (prepared_.transient > 0 && !prepared_.pool && !near_bound()) {
      for (const Matrix<int>& base : {place(true), eplb()}) {
        if (!base.empty() && !context_.should_stop()) build(base);
      }
      mix();
    }
    if (built_.empty()) attempt([&] { run_static(prepared_, context_); });
    search();
  }

 private:
  Matrix<int> place(bool use_transient_columns) {
    const SolveOptions& options = context_.options();
    if (!base_is_free(prepared_)) {
      if (use_transient_columns && prepared_.pool) return {};
      return standing_base(prepared_, use_transient_columns, options.seed, options.threads, context_.meter());
    }
    BaseOptions base;
    base.use_transient_columns = use_transient_columns;
    std::uint64_t work = 0;
    Matrix<int> placed = place_base(prepared_, base, options.seed, options.threads, work);
    context_.meter().add_work(work);
    return placed;
  }

  // What refuses the instance leaves things as they are.
  template <class Action>
  static void attempt(const Action& action) {
    try {
      action();
    } catch (const Error& error) {
      if (error.code() != ErrorCode::unsupported) throw;
    }
  }

  // EPLB's placement with all slots; empty where EPLB does not know the instance.
  Matrix<int> eplb() {
    Matrix<int> base;
    attempt([&] { base = eplb_base(prepared_, "foresight", context_); });
    return base;
  }

  void build(const Matrix<int>& base) {
    BuiltStep built = build_step(prepared_, bounds_, base, context_.options().threads);
    context_.meter().add_work(built.work);
    context_.offer(built.plan);
    if (context_.last_violation().empty()) built_.push_back(std::move(built));
  }

  [[nodiscard]] bool near_bound() const {
    return context_.closed() || (context_.objective() && *context_.objective() <= *context_.bound() * near_enough);
  }

  [[nodiscard]] double layer_seconds(const BuiltStep& built, int layer) const {
    double sum = 0;
    for (int m = 0; m < prepared_.microsteps; ++m) {
      sum += prepared_.passes(m, layer) * built.row_seconds.at(index(m), index(layer));
    }
    return sum;
  }

  // Layer by layer the form that takes least time over the step.
  void mix() {
    if (built_.empty()) return;
    Matrix<int> base = built_.front().plan.base;
    std::vector<char> used(built_.size(), 0);
    for (int layer = 0; layer < prepared_.layers; ++layer) {
      std::size_t best = 0;
      for (std::size_t k = 1; k < built_.size(); ++k) {
        if (layer_seconds(built_[k], layer) < layer_seconds(built_[best], layer)) best = k;
      }
      used[best] = 1;
      const auto row = built_[best].plan.base.row(index(layer));
      std::copy(row.begin(), row.end(), base.row(index(layer)).begin());
    }
    if (std::count(used.begin(), used.end(), 1) > 1 && !context_.should_stop()) build(base);
  }

  // Where the step is small enough for many builds.
  void search() {
    if (built_.empty()) return;
    const auto best = std::min_element(built_.begin(), built_.end(),
                                       [](const BuiltStep& a, const BuiltStep& b) { return a.seconds < b.seconds; });
    BaseSearch search(prepared_, bounds_, context_.options().seed);
    if (best->work * fewest_builds > context_.meter().work_left() || !search.begin(*best)) return;
    for (int idle = 0; idle < patience && !context_.should_stop(); ++idle) {
      if (const StepPlan* plan = search.step()) {
        context_.offer(*plan);
        idle = 0;
      }
      context_.meter().add_work(search.take_work());
    }
  }

  const Prepared& prepared_;
  Context& context_;
  Bounds bounds_;
  std::vector<BuiltStep> built_;
};

}  // namespace

void run_foresight(const Prepared& prepared, Context& context) { Foresight(prepared, context).run(); }

}  // namespace plimsoll::experts::step
