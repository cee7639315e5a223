// Every micro-step as a static instance of its own, with base and transient slots together: what plans one table of
// loads can then be asked about one micro-step.
#pragma once

#include <memory>
#include <vector>

#include "planner/experts/step/prepare.hpp"

namespace plimsoll::experts::step {

class Views {
 public:
  explicit Views(const Prepared& prepared);

  [[nodiscard]] const experts::Prepared& operator[](int microstep) const {
    return views_[static_cast<std::size_t>(microstep)]->prepared;
  }

 private:
  struct View {
    View(const ExpertInstance& whole, const Matrix<double>& load);
    ExpertInstance instance;
    experts::Prepared prepared;
  };
  std::vector<std::unique_ptr<View>> views_;
};

}  // namespace plimsoll::experts::step
