// What is wrong with a plan, one sentence each with the place; only so many, because a broken plan may be wrong
// everywhere.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace plimsoll::experts {

inline constexpr std::size_t most_violations = 1000;

class Violations {
 public:
  void add(std::string sentence) {
    if (!full()) sentences_.push_back(std::move(sentence));
  }
  // Nothing more is kept: whoever looks for violations may stop.
  [[nodiscard]] bool full() const { return sentences_.size() >= most_violations; }
  [[nodiscard]] bool empty() const { return sentences_.empty(); }
  [[nodiscard]] std::size_t size() const { return sentences_.size(); }
  [[nodiscard]] std::vector<std::string> take() { return std::move(sentences_); }

 private:
  std::vector<std::string> sentences_;
};

}  // namespace plimsoll::experts
