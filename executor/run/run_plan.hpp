// A plan as the executor runs it: windows, each one layer of one micro-step, with the tokens that every replica serves,
// and the transfers that fill transient slots in between. Made from the public types, whole tokens throughout.
#pragma once

#include <cstdint>
#include <vector>

#include "plimsoll/experts.hpp"
#include "plimsoll/matrix.hpp"
#include "plimsoll/step.hpp"

namespace plimsoll::executor {

// What the planner says of the plan (its evaluation), to be put beside what is measured.
struct Prediction {
  struct Place {
    int microstep = 0;
    int layer = 0;
    bool forward = true;
  };
  std::vector<Place> windows;                       // in the order of time
  std::vector<double> window_start;                 // [windows] seconds since the step began
  std::vector<double> window_seconds;               // [windows] without waiting
  std::vector<double> waited;                       // [windows] for transfers, before the window
  std::vector<std::vector<double>> device_seconds;  // [windows][devices] of the experts
};

struct RunReplica {
  int expert = 0;
  int slot = 0;             // of its device, base slots first
  int column = 0;           // of the row, over all devices
  std::int64_t first = 0;   // of the expert's tokens, in the order of tokens
  std::int64_t tokens = 0;  // how many from there
  int transfer = -1;        // that brought it (index into RunPlan::transfers); -1: it stands there from the start
};

struct Window {
  int microstep = 0;
  int layer = 0;
  ExpertPlan row;                                 // slots, shares and tokens of this layer alone
  std::vector<std::int64_t> load;                 // [experts] tokens
  std::vector<std::vector<RunReplica>> replicas;  // [devices]
};

struct RunTransfer {
  Transfer planned;
  int slot = 0;              // of device planned.to
  int anchor = -1;           // the window whose start it is timed from; -1: the start of the run
  double offset = 0;         // seconds after that
  int free_after = -1;       // the last window that computes with what stood in the slot before; -1: none
  int needed_by = 0;         // the window that waits for it
  int source_slot = -1;      // of device planned.from; -1: from host memory
  int source = -1;           // the transfer that brought the source, where that is transient
  std::vector<int> readers;  // transfers out of what stood in the slot before
};

struct RunPlan {
  int devices = 0;
  int layers = 0;
  int experts = 0;
  int top_k = 0;                // 0: the model's shape says
  std::vector<int> base_slots;  // [devices] slots that stand for the whole run, per layer
  std::vector<int> slots;       // [devices] those and the transient ones, per layer
  bool pooled = false;          // transient slots are shared by the layers
  Matrix<int> base;             // [layers][all columns] expert or -1
  std::vector<Window> windows;
  std::vector<RunTransfer> transfers;  // in the order of their planned start
  Prediction prediction;
  int backward_windows = 0;  // that were left out
};

// What part of a plan is run, and at what size.
struct RunPart {
  int first_layer = 0;
  int layers = 0;      // 0: all
  int microsteps = 0;  // the first ones; 0: all
  double tokens = 0;   // a layer's expert tokens, to which the largest layer is scaled; 0: as the instance says
};

// Throws Error(usage) where the part lies outside the instance.
RunPlan run_plan(const ExpertInstance& instance, const ExpertPlan& plan, Prediction prediction, const RunPart& part);
RunPlan run_plan(const StepInstance& instance, const StepPlan& plan, Prediction prediction, const RunPart& part);

// The same windows without a plan: one device serves everything from host memory (run it preloaded). What it computes
// is what every plan has to give.
RunPlan unplanned(const RunPlan& plan);

}  // namespace plimsoll::executor
