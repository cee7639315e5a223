// Logits of a router: what a token says to every expert.
#pragma once

#include <span>
#include <vector>

namespace plimsoll::executor {

// The weights of a router, turned so that the experts of one input element lie side by side: the sums of neighbouring
// experts are then independent and fill a vector register, while each of them is still taken in the order of the width.
class RouterWeights {
 public:
  // weights [experts][width] as models store them; bias [experts], or empty for none.
  RouterWeights(int experts, int width, std::span<const float> weights, std::span<const float> bias = {});

  [[nodiscard]] int experts() const { return experts_; }
  [[nodiscard]] int width() const { return width_; }

  // logits[token][expert] = (((x0 w0 + x1 w1) + x2 w2) + ...) + bias in f32, each product and each sum rounded. input
  // [tokens][width], logits [tokens][experts].
  void logits(std::span<const float> input, std::span<float> logits) const;

 private:
  int experts_;
  int width_;
  std::vector<float> turned_;  // [width][experts]
  std::vector<float> bias_;
};

}  // namespace plimsoll::executor
