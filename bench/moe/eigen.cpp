// Eigen, compiled for AVX2 and FMA where its products have them, f32.
#define EIGEN_DONT_PARALLELIZE  // OpenMP may be on for another library; the team shares out experts
#include <Eigen/Dense>

#include "bench/moe/per_expert.hpp"

namespace plimsoll::bench {
namespace {

using RowMajor = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

class EigenProducts : public PerExpert {
 public:
  EigenProducts(const Layer& layer, executor::Team& team)
      : PerExpert(layer, team), weights_(static_cast<std::size_t>(layer.experts)) {
    fill([&](int e, executor::PlainExpert plain) { weights_[static_cast<std::size_t>(e)] = std::move(plain); });
  }

 protected:
  void multiply(int expert, Product product, const float* x, int rows, float* out, int) override {
    const executor::PlainExpert& plain = weights_[static_cast<std::size_t>(expert)];
    const auto& matrix = product == Product::gate ? plain.gate : product == Product::up ? plain.up : plain.down;
    const Eigen::Map<const RowMajor> weights(matrix.data(), outputs(product), inputs(product));
    if (rows == 1) {
      const Eigen::Map<const Eigen::VectorXf> vector(x, inputs(product));
      Eigen::Map<Eigen::VectorXf>(out, outputs(product)).noalias() = weights * vector;
      return;
    }
    const Eigen::Map<const RowMajor> factors(x, rows, inputs(product));
    Eigen::Map<RowMajor>(out, rows, outputs(product)).noalias() = factors * weights.transpose();
  }

 private:
  std::vector<executor::PlainExpert> weights_;
};

}  // namespace

void add_eigen(std::vector<Entry>& entries) {
  entries.push_back({"Eigen f32", 4, false, [](const Layer& layer, executor::Team& team) {
                       return std::unique_ptr<Contender>(new EigenProducts(layer, team));
                     }});
}

}  // namespace plimsoll::bench
