#include "executor/model/model_weights.hpp"

#include <atomic>
#include <cmath>
#include <string>

#include "executor/kernels/random_expert.hpp"
#include "plimsoll/error.hpp"
#include "support/random.hpp"

namespace plimsoll::executor {
namespace {

// Uniform, of this standard deviation.
std::vector<float> random_values(std::size_t count, double deviation, support::Random& random) {
  std::vector<float> values(count);
  for (float& value : values) value = static_cast<float>((2 * random.uniform() - 1) * deviation * std::sqrt(3.0));
  return values;
}

std::size_t whole_pages(std::size_t bytes) { return (bytes + huge_page - 1) / huge_page * huge_page; }

}  // namespace

ModelWeights::ModelWeights(const ModelShape& shape, int layers, Isa isa, std::uint64_t seed, Seats& seats)
    : shape_(shape), layers_(layers), expert_bytes_(packed_bytes(shape.expert, shape.type, isa)) {
  if (shape.shared.inner > 0) shared_bytes_ = packed_bytes(shared_shape(), shape.type, isa);
  const auto experts = static_cast<std::size_t>(shape.router.experts);
  const std::size_t layer_bytes = whole_pages(experts * expert_bytes_) + whole_pages(shared_bytes_);
  if (layer_bytes > available_memory() / static_cast<std::size_t>(layers)) {
    throw Error(ErrorCode::memory,
                "the weights of " + std::to_string(layers) + " layers of " + std::to_string(experts) +
                    " experts take " + std::to_string(layer_bytes * static_cast<std::size_t>(layers) / 1'000'000) +
                    " MB, and " + std::to_string(available_memory() / 1'000'000) + " MB are available",
                {}, "Maybe run fewer layers (--layers 2), or a smaller --model.");
  }
  const auto width = static_cast<std::size_t>(shape.expert.width);
  for (int layer = 0; layer < layers; ++layer) {
    experts_.emplace_back(experts * expert_bytes_);
    if (shared_bytes_ > 0) shared_.emplace_back(shared_bytes_);
    support::Random random(seed, static_cast<std::uint64_t>(layer) + 1);
    const double deviation = 1 / std::sqrt(static_cast<double>(width));
    const std::vector<float> router = random_values(experts * width, deviation, random);
    const std::vector<float> bias = random_values(shape.router.router_bias ? experts : 0, 0.1, random);
    routers_.emplace_back(static_cast<int>(experts), shape.expert.width, router, bias);
    selection_bias_.push_back(random_values(shape.router.selection_bias ? experts : 0, 0.05, random));
    shared_gate_.push_back(random_values(shape.shared.gate ? width : 0, deviation, random));
  }
  std::atomic<int> next{0};
  const int per_layer = shape.router.experts + (shared_bytes_ > 0 ? 1 : 0);
  seats.run(seats.seats(), [&](int, Team& team) {
    team.run(team.size(), [&](int, int) {
      for (int task = next.fetch_add(1); task < layers_ * per_layer; task = next.fetch_add(1)) {
        pack(task / per_layer, task % per_layer, isa, seed);
      }
    });
  });
}

void ModelWeights::pack(int layer, int expert, Isa isa, std::uint64_t seed) {
  const auto at = static_cast<std::size_t>(layer);
  const bool is_shared = expert == shape_.router.experts;
  std::byte* to =
      is_shared ? shared_[at].data() : experts_[at].data() + static_cast<std::size_t>(expert) * expert_bytes_;
  pack_random_expert(is_shared ? shared_shape() : shape_.expert, shape_.type, isa, seed, layer, expert, to);
}

const std::byte* ModelWeights::expert(int layer, int expert) const {
  return experts_[static_cast<std::size_t>(layer)].data() + static_cast<std::size_t>(expert) * expert_bytes_;
}

std::span<const float> ModelWeights::selection_bias(int layer) const {
  return selection_bias_[static_cast<std::size_t>(layer)];
}

const std::byte* ModelWeights::shared(int layer) const {
  return shared_.empty() ? nullptr : shared_[static_cast<std::size_t>(layer)].data();
}

ExpertShape ModelWeights::shared_shape() const {
  ExpertShape shape = shape_.expert;
  shape.inner = shape_.shared.inner;
  return shape;
}

std::span<const float> ModelWeights::shared_gate(int layer) const {
  return shared_gate_[static_cast<std::size_t>(layer)];
}

}  // namespace plimsoll::executor
