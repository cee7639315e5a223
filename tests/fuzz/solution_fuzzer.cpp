// Any bytes as a solution file of each format: read it or refuse it with an Error. What was read names every variable
// once, in finite numbers, and survives being written in cbc's form.
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "plimsoll/error.hpp"
#include "solvers/mip/evaluate.hpp"
#include "solvers/mip/solution_readers.hpp"
#include "solvers/mip/writers.hpp"
#include "support/json_text.hpp"

namespace {

using namespace plimsoll;
namespace mip = solvers::mip;

mip::Model small_model() {
  mip::Model model;
  model.add_variable(0, 9, 1, true, "a");
  model.add_variable(0, 9, 1, true, "a_rather_long_name");
  model.add_variable(-9, 9, 1, false, "c");
  return model;
}

void read_as(const mip::Model& model, mip::SolutionFormat format, std::string_view text) {
  mip::ForeignSolution found;
  try {
    found = mip::read_solution(model, format, text);
  } catch (const Error&) {
    return;
  }
  if (found.point.size() != 3) std::abort();
  std::string written = "Optimal - objective value 0\n";
  for (std::size_t j = 0; j < 3; ++j) {
    if (!std::isfinite(found.point[j])) std::abort();
    const std::string name = model.variable(static_cast<int>(j)).name;
    written += std::to_string(j) + " " + name + " " + support::number_text(found.point[j]) + " 0\n";
  }
  if (mip::read_solution(model, mip::SolutionFormat::cbc, written).point != found.point) std::abort();
  mip::evaluate(model, mip::tidied(model, found.point));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const mip::Model model = small_model();
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const auto format : {mip::SolutionFormat::glpk, mip::SolutionFormat::cbc, mip::SolutionFormat::highs}) {
    read_as(model, format, text);
  }
  return 0;
}
