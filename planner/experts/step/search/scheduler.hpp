// Walks through the windows of a step in order and keeps the clock, the lives of slots, and who holds what when. A
// planner decides the transient replicas of each window before it runs: it asks for the transfer that would arrive
// first, books it or leaves it, then lets the window run.
//
// Every transfer starts as early as it can. That is right for a pool as well: slots come free in the order of windows,
// so what a transfer takes early no later window could have used.
//
// Where dispatch and combine use the links (`sources`), what they will take is known for windows that have run only. A
// transfer for a later window than the next must then lie in the past, where all gaps are known; one for the next
// window may end later, because that window waits for it. Gradients wait for gaps in the same way.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "planner/experts/step/prepare.hpp"
#include "planner/experts/step/search/bookings.hpp"
#include "planner/experts/step/traffic.hpp"

namespace plimsoll::experts::step {

// A transient replica that a planner would like to have.
struct Wanted {
  int expert = 0;
  int device = 0;
  int column = -1;  // -1: whichever is free first
};

struct Offer {
  Transfer transfer;
  int column = 0;
};

class Scheduler {
 public:
  // `base` [layers][columns].
  Scheduler(const Prepared& prepared, const Matrix<int>& base);

  // The transfer of weights that would arrive first, over all sources and (without `column`) all free transient columns
  // of the device; nothing where none arrives by `not_after`, or where such a copy is booked already. Arrivals up to
  // `in_time` count as equal; among equal ones a source inside the node wins, then another node, then host memory, then
  // what has the least booked links. Valid until the next call that changes something.
  [[nodiscard]] std::optional<Offer> earliest(int microstep, int layer, const Wanted& wanted, double not_after = never,
                                              double in_time = 0) const;
  [[nodiscard]] std::optional<Offer> earliest(int microstep, int layer, int expert, int device,
                                              double not_after = never, double in_time = 0) const {
    return earliest(microstep, layer, Wanted{expert, device, -1}, not_after, in_time);
  }
  void book(const Offer& offer);
  // Books all that arrive by `not_after`, always the one that would arrive next; returns what was booked in the order
  // of `wanted`.
  std::vector<std::optional<Offer>> bring(int microstep, int layer, std::span<const Wanted> wanted,
                                          double not_after = never, double in_time = 0);

  // Takes back what was booked since, so that a planner can try and step back. A mark holds until a window runs or
  // transfers are taken.
  using Mark = std::size_t;
  [[nodiscard]] Mark mark() const { return journal_.size(); }
  void undo_to(Mark mark);
  // What was booked since, in that order; after undo_to(mark) it can be booked again as it is.
  [[nodiscard]] std::vector<Offer> booked_since(Mark mark) const;

  // The next window runs. Windows run in their order, each once.
  void run(int window, double compute_seconds, const Traffic& traffic);
  [[nodiscard]] int next_window() const { return next_; }
  // When the last window that ran has ended.
  [[nodiscard]] double clock() const { return clock_; }
  // When the next window would start, with what is booked.
  [[nodiscard]] double ready() const { return ready_; }

  // After the last window: sends the gradients that still wait. The end of the step.
  double finish();
  // All transfers so far that were not taken yet, in the order of their start.
  std::vector<Transfer> take();

  // Nothing will be booked before this time any more.
  void forget_before(double time);
  // Goes on with an instance whose first micro-step is number `shift` of the present one. The windows of those before
  // it have run. Transfers are taken first, because their micro-steps are not renumbered; a gradient that still waits
  // will be sent for a micro-step below 0.
  void follow(const Prepared& next, int shift);

  // Sources looked at by bring() and run(). earliest() counts nothing, so that threads may ask at once.
  [[nodiscard]] std::uint64_t work() const { return work_; }

 private:
  // A transient replica, from its arrival on.
  struct Copy {
    int microstep = 0;
    int expert = 0;
    int device = 0;
    int column = 0;
    double arrival = 0;
    double until = never;  // infinity while its last window has not run
  };
  // What a transient column of a layer (of a pool: of all layers) is for.
  struct Slot {
    double free_from = 0;  // infinity while it is taken and nobody knows until when
    int gradient = -1;     // its gradient that waits for a gap, as a number
  };
  // A gradient that waits for a gap.
  struct Gradient {
    int number = 0;
    int layer = 0;
    Copy copy;
    double release = 0;  // no gap before
  };
  struct Choice;
  // What a booking changed; a gradient that went first counts as its part.
  struct Change {
    int column = 0;
    std::size_t transfer = 0;  // in transfers_
    double free_from = 0;
    double ready = 0;
    Bookings::Before links = {};
    std::optional<Gradient> gradient;
    std::size_t waited_at = 0;  // in waiting_
    double until = 0;           // of its copy
    double last_gradient = 0;
    Bookings::Before gradient_links = {};
  };

  [[nodiscard]] std::size_t slot(int layer, int column) const;
  [[nodiscard]] std::size_t pair(int layer, int expert) const;
  [[nodiscard]] std::span<const int> base_devices(int layer, int expert) const;
  [[nodiscard]] int gradient_device(int layer, int expert) const { return base_devices(layer, expert).front(); }
  [[nodiscard]] bool returns_gradient(int microstep, int layer) const;
  [[nodiscard]] double free_from(int layer, int column, bool next) const;
  [[nodiscard]] double known_until(const Copy& copy, int layer, int target_window) const;
  [[nodiscard]] double gradient_start(const Gradient& gradient, double not_after) const;
  void consider(bool from_host, int from, double release, double until, Choice& best) const;
  void release(int microstep, int layer);
  Bookings::Before send(const Gradient& gradient, double start);
  void send_waiting(double not_after);
  // Returns what stood there.
  double hold_until(int layer, const Copy& copy, double until);

  const Prepared* prepared_;
  Bookings links_;
  bool communicates_;
  std::vector<int> base_begin_;            // [layers * experts + 1] into base_device_
  std::vector<int> base_device_;           // ascending for each expert
  std::vector<Slot> slots_;                // per-layer: [layers * columns]; pool: [columns]
  std::vector<std::vector<Copy>> active_;  // [layers] whose last window has not run
  std::vector<std::vector<Copy>> copies_;  // [layers * experts] sources: all that may be asked for
  std::vector<Gradient> waiting_;          // in the order of their backward windows
  std::vector<Transfer> transfers_;
  std::vector<Change> journal_;
  int next_ = 0;
  int gradients_ = 0;
  double clock_ = 0;
  double ready_ = 0;
  double last_gradient_ = 0;
  std::uint64_t work_ = 0;
};

}  // namespace plimsoll::experts::step
