#include "bench/moe/per_expert.hpp"

#include <algorithm>

#include "executor/kernels/swiglu_portable.hpp"

namespace plimsoll::bench {

void PerExpert::run(const Batch& batch, float* parts) {
  const auto width = static_cast<std::size_t>(layer_.shape.width);
  const auto inner = static_cast<std::size_t>(layer_.shape.inner);
  team_.run(layer_.experts, [&](int expert, int thread) {
    const auto& tokens = batch.rows_of[static_cast<std::size_t>(expert)];
    const auto& to = batch.parts_of[static_cast<std::size_t>(expert)];
    const std::size_t rows = tokens.size();
    if (rows == 0) return;
    Scratch& s = scratch_[static_cast<std::size_t>(thread)];
    if (s.x.size() < rows * width) {
      s.x.resize(rows * width);
      s.out.resize(rows * width);
      s.gate.resize(rows * inner);
      s.up.resize(rows * inner);
    }
    for (std::size_t r = 0; r < rows; ++r) {
      std::copy_n(batch.input.data() + static_cast<std::size_t>(tokens[r]) * width, width, s.x.data() + r * width);
    }
    const int count = static_cast<int>(rows);
    multiply(expert, Product::gate, s.x.data(), count, s.gate.data(), thread);
    multiply(expert, Product::up, s.x.data(), count, s.up.data(), thread);
    for (std::size_t i = 0; i < rows * inner; ++i) s.gate[i] = executor::sigmoid_weighted(s.gate[i], 1.0F) * s.up[i];
    multiply(expert, Product::down, s.gate.data(), count, s.out.data(), thread);
    for (std::size_t r = 0; r < rows; ++r) {
      std::copy_n(s.out.data() + r * width, width, parts + static_cast<std::size_t>(to[r]) * width);
    }
  });
}

}  // namespace plimsoll::bench
