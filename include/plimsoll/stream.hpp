// Steps whose micro-steps become known one by one: what a training loop calls. A stream keeps what is on its way and
// which slot is taken until when; each call plans one micro-step and says what changes.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "plimsoll/export.h"
#include "plimsoll/step.hpp"

namespace plimsoll {

struct StreamOptions {
  // The loads of a micro-step are known so many micro-steps before it begins: transfers for it may start that early.
  // 0: when it begins.
  int lookahead_microsteps = 0;
  std::uint64_t seed = 1;
};

struct StreamedMicrostep {
  int microstep = 0;                // counted from the first call on
  ExpertPlan plan;                  // slots and shares, in the columns of StepPlan
  std::vector<Transfer> transfers;  // for it; seconds since the first micro-step began
  double start_seconds = 0;         // of its first window, waiting for transfers not included
  double end_seconds = 0;           // of its last window
  double exposed_seconds = 0;       // waiting in between
  double bound_seconds = 0;         // its windows take no less in any plan
  double imbalance = 1;             // mean over its layers
  std::uint64_t work = 0;
};

class PLIMSOLL_API StepStream {
 public:
  // Base replicas are placed for the micro-steps of `past`, which are not part of the stream; all else of it is the
  // instance of every micro-step to come. Throws Error(unsupported) for a schedule that is not the default one, and for
  // gradients together with sources.
  explicit StepStream(const StepInstance& past, const StreamOptions& options = {});
  StepStream(StepStream&&) noexcept;
  StepStream& operator=(StepStream&&) noexcept;
  ~StepStream();

  // Base replicas: [layers][columns] expert or -1.
  [[nodiscard]] const Matrix<int>& base() const;
  // Plans the next micro-step. `load` [layers][experts] tokens, `sources` [layers] of [devices][experts] or empty.
  // Throws Error(input) for other shapes and for loads below 0; the stream then goes on as if nothing had been asked.
  StreamedMicrostep plan(const Matrix<double>& load, const std::vector<Matrix<double>>& sources = {});

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace plimsoll
