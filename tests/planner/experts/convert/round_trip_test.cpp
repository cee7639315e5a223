// Plans of every shipped instance through every format and back: the same placement, and the same objective under it.
#include <set>

#include "planner/common/plan_file.hpp"
#include "planner/experts/evaluate.hpp"
#include "tests/planner/experts/convert/convert_fixture.hpp"
#include "tests/planner/experts/shipped.hpp"

namespace plimsoll::experts {
namespace {

bool holds_twice(const ExpertInstance& instance, const ExpertPlan& plan) {
  const auto each = static_cast<std::size_t>(instance.cluster.slots.front());
  for (std::size_t layer = 0; layer < plan.slots.rows(); ++layer) {
    std::set<std::pair<std::size_t, int>> held;
    for (std::size_t slot = 0; slot < plan.slots.columns(); ++slot) {
      if (!held.emplace(slot / each, plan.slots.at(layer, slot)).second) return true;
    }
  }
  return false;
}

class RoundTrip : public ::testing::TestWithParam<std::string> {};

TEST_P(RoundTrip, ThePlacementComesBack) {
  const common::Document document =
      common::read_document((testing::shipped_folder() / (GetParam() + ".json")).string());
  const ExpertInstance instance = read_instance(document);
  int taken = 0;
  for (const std::string method : {"eplb", "auto"}) {
    if (method == "eplb" && instance.placement) continue;  // it keeps no limits of moves
    SolveOptions options;
    options.method = method;
    options.work_limit = 1;
    options.gap = 1;  // any plan will do, and nothing is to be proven
    const ExpertSolution solution = solve(instance, options);
    ASSERT_FALSE(solution.plan.slots.empty());
    const double objective = evaluate(instance, solution.plan).objective;
    const support::Json plan = support::parse("{\"plan\": " + write_plan_object(solution.plan) + "}");
    for (const std::string format : {"vllm-ascend", "trtllm", "sglang", "csv"}) {
      SCOPED_TRACE(format + " of " + method);
      if (format == "vllm-ascend" && holds_twice(instance, solution.plan)) {
        expect_refusal(refusal_of([&] { conversions()->write(format, document, plan, {}); }), "twice");
        continue;
      }
      const auto written = conversions()->write(format, document, plan, {});
      const ExpertInstance back = instance_of(converted(format, written.text, {}, &document));
      ASSERT_TRUE(back.placement.has_value());
      EXPECT_EQ(*back.placement, solution.plan.slots);
      EXPECT_EQ(back.load, instance.load);
      const ExpertPlan again{*back.placement, solution.plan.shares, solution.plan.tokens};
      EXPECT_EQ(evaluate(instance, again).objective, objective);
      EXPECT_EQ(check(instance, again), std::vector<std::string>{});
      ++taken;
    }
  }
  EXPECT_GE(taken, 3);
}

INSTANTIATE_TEST_SUITE_P(Shipped, RoundTrip, ::testing::ValuesIn(testing::shipped_names()),
                         [](const auto& info) { return testing::stem_of(info.param); });

}  // namespace
}  // namespace plimsoll::experts
