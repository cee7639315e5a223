#include "planner/experts/step/search/views.hpp"

namespace plimsoll::experts::step {
namespace {

ExpertInstance with_load(ExpertInstance instance, const Matrix<double>& load) {
  instance.load = load;
  return instance;
}

}  // namespace

Views::View::View(const ExpertInstance& whole, const Matrix<double>& load)
    : instance(with_load(whole, load)), prepared(instance) {}

Views::Views(const Prepared& prepared) {
  for (const auto& load : prepared.instance.load) views_.push_back(std::make_unique<View>(prepared.whole, load));
}

}  // namespace plimsoll::experts::step
