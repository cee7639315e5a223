// What rows of slots are worth under the scenarios, by the evaluation that judges every plan; and the bound.
#pragma once

#include <string>
#include <vector>

#include "planner/experts/balancer/scenarios.hpp"
#include "planner/experts/prepare.hpp"

namespace plimsoll::experts::balancer {

// The frame for one load, without a placement, limits and prices: what an engine needs not fill stays free.
ExpertInstance working_instance(const ExpertInstance& frame, Matrix<double> load);

// Even shares, or solved for the load of the instance. Experts without a replica have none.
ExpertPlan plan_of(const Prepared& prepared, const Matrix<int>& slots, std::uint64_t& work);

struct Judged {
  std::vector<double> layer_seconds;  // [layers] weighted mean over the scenarios
  std::vector<std::string> violations;
  [[nodiscard]] double seconds() const;
};

// Every expert has a replica. `plan` is plan_of() for the predicted load.
Judged judge(const ExpertInstance& frame, const Scenarios& scenarios, const ExpertPlan& plan);

struct ScenarioBound {
  double seconds = 0;  // no placement has a lower weighted mean
  std::string method;
};
ScenarioBound bound_of(const ExpertInstance& frame, const Scenarios& scenarios);

}  // namespace plimsoll::experts::balancer
