// Weighted dispatch by the wrap-around rule (wrap_layer.hpp), the line at the layer's lower bound; what the slots keep
// from reaching the line is re-split exactly.
#include "planner/experts/method.hpp"
#include "planner/experts/search/assemble.hpp"
#include "planner/experts/search/split.hpp"
#include "planner/experts/search/token_flow.hpp"
#include "planner/experts/search/wrap_layer.hpp"
#include "plimsoll/error.hpp"

namespace plimsoll::experts {
namespace {

constexpr int attempts = 6;
// Close enough to the line to stop trying: this method is the one that answers in milliseconds.
constexpr double near = 1.0002;
// Beyond this the line itself was out of reach: there are too few slots for so many hand-overs.
constexpr double far = 1.01;
constexpr int raises = 6;

class WrapLayer {
 public:
  WrapLayer(LayerProblem& problem, double line, std::uint64_t seed)
      : problem_(problem),
        line_(line),
        state_(problem),
        random_(seed, static_cast<std::uint64_t>(problem.layer)),
        work_(static_cast<std::uint64_t>(state_.slot_count())) {}

  LayerPlan run() {
    attempt(line_, nullptr);
    if (!within(far)) raise_line();
    // The chain of hand-overs may end in devices that have no slot left; another packing has another chain.
    for (int turn = 0; turn < attempts && !within(near); ++turn) attempt(line_, &random_);
    if (best_.feasible && !within(1 + 1e-9) && !problem_.prepared->curve.table()) {
      state_.load(best_);
      work_ += flow_work * solve_shares(state_, 1).work;
      if (state_.seconds() < best_.seconds) best_ = state_.plan();
    }
    return best_;
  }
  [[nodiscard]] std::uint64_t work() const { return work_; }

 private:
  [[nodiscard]] bool within(double factor) const { return best_.feasible && best_.seconds <= line_ * factor; }

  void attempt(double line, support::Random* random) {
    state_.clear();
    wrap_layer(state_, line, work_, random);
    if (state_.complete() && (!best_.feasible || state_.seconds() < best_.seconds)) best_ = state_.plan();
  }

  // Bisects for the lowest line that the slots let it keep, and wraps at that one from then on.
  void raise_line() {
    attempt(line_ * 1e3, nullptr);  // no hand-over at all: whole experts, largest first
    double low = line_;
    double high = best_.feasible ? best_.seconds : line_ * 4;
    for (int turn = 0; turn < raises; ++turn) {
      const double middle = 0.5 * (low + high);
      attempt(middle, nullptr);
      const bool kept = state_.complete() && state_.seconds() <= middle * near;
      (kept ? high : low) = middle;
    }
    line_ = high;
  }

  LayerProblem& problem_;
  double line_;
  LayerState state_;
  support::Random random_;
  std::uint64_t work_;
  LayerPlan best_;
};

}  // namespace

void run_wrap(const Prepared& prepared, Context& context) {
  if (prepared.even) {
    throw Error(ErrorCode::unsupported, "method wrap splits experts unevenly and needs weighted dispatch", "/dispatch",
                "Maybe use local or auto.");
  }
  refuse_move_limits(prepared, "wrap");
  std::vector<LayerPlan> plans;
  for (LayerProblem& problem : split_layers(prepared)) {
    const double line = context.bounds().layers[static_cast<std::size_t>(problem.layer)].seconds;
    bind_groups(problem, nullptr, problem.home);
    WrapLayer wrap(problem, line, context.options().seed);
    plans.push_back(relabel(prepared, problem.layer, wrap.run()));
    context.meter().add_work(wrap.work());
  }
  offer_or_refuse(context, assemble(prepared, plans), "wrap");
}

}  // namespace plimsoll::experts
