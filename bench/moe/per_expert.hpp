// A layer by one matrix product after another per expert, as whoever calls a library would write it: rows of an expert
// gathered, gate and up, activation, down, rows put back. The team shares out experts.
#pragma once

#include <cstddef>
#include <vector>

#include "bench/moe/layer.hpp"

namespace plimsoll::bench {

enum class Product { gate, up, down };

class PerExpert : public Contender {
 public:
  PerExpert(const Layer& layer, executor::Team& team)
      : layer_(layer), team_(team), scratch_(static_cast<std::size_t>(team.size())) {}
  void run(const Batch& batch, float* parts) final;

 protected:
  // out[rows][outputs] = x[rows][inputs] times one matrix of the expert.
  virtual void multiply(int expert, Product product, const float* x, int rows, float* out, int thread) = 0;

  // Fills the weights of all experts on the team: store(expert, plain weights).
  template <class Store>
  void fill(Store&& store) {
    team_.run(layer_.experts, [&](int e, int) { store(e, executor::random_expert(layer_.shape, layer_.seed, 0, e)); });
  }

  [[nodiscard]] int inputs(Product product) const {
    return product == Product::down ? layer_.shape.inner : layer_.shape.width;
  }
  [[nodiscard]] int outputs(Product product) const {
    return product == Product::down ? layer_.shape.width : layer_.shape.inner;
  }

  Layer layer_;
  executor::Team& team_;

 private:
  struct Scratch {
    std::vector<float> x, gate, up, out;
  };
  std::vector<Scratch> scratch_;
};

}  // namespace plimsoll::bench
