// A layer under even dispatch ends at one of the times at which a device can end. The best of them is found by asking
// whether there is a plan that ends by one. If the best plan known is close to the bound it most often is the best
// there is, and one question about the last time before it proves that; so too where patterns are few. Else questions
// start at the bound, where patterns are few and answers fast, and go up in doubling steps until there is a plan; then
// the middle of what is open.
#include <algorithm>

#include "planner/experts/formulation/milp_state.hpp"
#include "planner/experts/formulation/patterns.hpp"

namespace plimsoll::experts {
namespace {

namespace mip = solvers::mip;

constexpr std::size_t most_patterns = 100'000;
constexpr double apart = 1e-10;  // times closer than this are one
constexpr double near_gap = 0.05;
constexpr int few_patterns = 2000;
constexpr int most_unanswered = 3;

enum class Answer {
  refuted,  // no plan ends by then
  fits,     // there may be one
  better,   // there is: it was adopted
  unknown,
};

Answer ask(MilpState& state, int layer, double seconds, double part) {
  const auto patterns = Patterns::list(state.prepared(), layer, seconds, most_patterns);
  if (!patterns) return Answer::unknown;
  if (!state.can_pay(patterns->model())) return Answer::unknown;
  mip::Options options = state.options(patterns->model(), part);
  options.gap = 0;
  const mip::Result result = state.solve(patterns->model(), options);
  if (result.status == mip::Status::infeasible) return Answer::refuted;
  if (result.point.empty()) return Answer::unknown;
  return state.adopt(layer, patterns->decode(result.point)) ? Answer::better : Answer::fits;
}

}  // namespace

void solve_by_patterns(MilpState& state, int layer, double part) {
  const auto best = [&] { return state.plan(layer).seconds; };
  const auto all = Patterns::list(state.prepared(), layer, best(), most_patterns);
  if (!all) return;
  // A plan may end at the bound itself.
  std::vector<double> open;
  for (const double seconds : all->times()) {
    if (seconds >= state.time_bound(layer) * (1 - apart) && seconds < best() * (1 - apart)) open.push_back(seconds);
  }
  int unanswered = 0;
  const bool near = best() <= state.time_bound(layer) * (1 + near_gap) || all->model().variables() < few_patterns;
  std::size_t refuted = 0;         // so many of the least times are out of reach
  std::size_t left = open.size();  // from here on nothing is asked any more
  std::size_t step = near ? left : std::max<std::size_t>(1, left / 64);
  while (refuted < left && !state.should_stop()) {
    const std::size_t asked = step > 0 ? std::min(refuted + step, left) - 1 : refuted + (left - refuted) / 2;
    const Answer answer = ask(state, layer, open[asked], part / 3);
    if (answer == Answer::refuted) {
      refuted = asked + 1;
      step *= 2;
      state.raise_time_bound(layer, refuted < open.size() ? std::min(open[refuted], best()) : best());
      continue;
    }
    left = asked;
    step = near && step > 0 ? std::max<std::size_t>(1, left / 64) : 0;
    while (left > refuted && open[left - 1] >= best() * (1 - apart)) --left;
    if (answer == Answer::unknown && ++unanswered == most_unanswered) break;
  }
  // No device can end in between.
  if (open.empty()) state.raise_time_bound(layer, best() * (1 - apart));
}

}  // namespace plimsoll::experts
