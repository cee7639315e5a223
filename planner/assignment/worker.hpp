// The form that every long-running part of a method has, so that `auto` can give turns to several of them and a method
// of its own is nothing but one of them with all the turns. Workers know each other only through the context: the best
// plan, the bound, and the bound's proof (whose item prices are good prices for everybody).
#pragma once

#include <cstdint>
#include <memory>

#include "planner/assignment/context.hpp"
#include "planner/assignment/prepare.hpp"

namespace plimsoll::assignment {

class Worker {
 public:
  virtual ~Worker() = default;
  // Goes on from where the turn before ended, for about `work` steps (a step: some nanoseconds), or until
  // context.should_stop(). Adds what it spent to the context's meter, and asks meter().urgent() at least every
  // millisecond or so. Offers plans and raises bounds as it finds them. Starts from what the context knows where that
  // is better than its own.
  virtual void turn(Context& context, std::uint64_t work) = 0;
  // Nothing is left to try: more turns would change nothing.
  [[nodiscard]] virtual bool done() const = 0;
};

// Turns, each twice as long as the one before, until the context says stop or the worker is done.
void run_alone(Worker& worker, Context& context);

}  // namespace plimsoll::assignment
