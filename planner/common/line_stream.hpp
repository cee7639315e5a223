// A planner that is asked again and again: each line of JSON is a question, each answer a line of JSON. What it
// remembers in between is its own (plimsoll solve --stream).
#pragma once

#include <cstdint>
#include <string>

#include "support/json.hpp"

namespace plimsoll::common {

class LineStream {
 public:
  virtual ~LineStream() = default;
  // What stands before the first question: a line without its end.
  [[nodiscard]] virtual std::string opening() const = 0;
  // Throws Error(input) for a question that breaks the format; the stream goes on as if it had not been asked.
  virtual std::string answer(const support::Json& question) = 0;
};

struct LineStreamOptions {
  int lookahead_microsteps = 0;
  std::uint64_t seed = 1;
};

}  // namespace plimsoll::common
