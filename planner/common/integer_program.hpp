// A problem told as an integer program that any solver can take, and the way back from a solver's point to a plan.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "plimsoll/certificate.hpp"
#include "solvers/mip/model.hpp"

namespace plimsoll::common {

// What a point of the program turned out to be, by the problem's own evaluation.
struct ReadBack {
  Certificate certificate;              // status unknown where there are violations
  std::vector<std::string> violations;  // of the plan, one sentence each
  std::string metrics_json;
  std::string plan_json;
};

class IntegerProgram {
 public:
  virtual ~IntegerProgram() = default;
  // Minimises the problem's objective, in its own unit.
  [[nodiscard]] virtual const solvers::mip::Model& model() const = 0;
  // `method` goes into the certificate: where the point comes from.
  [[nodiscard]] virtual ReadBack read_back(std::span<const double> point, const std::string& method) const = 0;
};

}  // namespace plimsoll::common
