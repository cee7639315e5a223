#ifdef PLIMSOLL_HAS_OPENBLAS
#include <cblas.h>

#include "bench/moe/per_expert.hpp"

namespace plimsoll::bench {
namespace {

class OpenBlas : public PerExpert {
 public:
  OpenBlas(const Layer& layer, executor::Team& team)
      : PerExpert(layer, team), weights_(static_cast<std::size_t>(layer.experts)) {
    openblas_set_num_threads(1);
    fill([&](int e, executor::PlainExpert plain) { weights_[static_cast<std::size_t>(e)] = std::move(plain); });
  }

 protected:
  void multiply(int expert, Product product, const float* x, int rows, float* out, int) override {
    const executor::PlainExpert& plain = weights_[static_cast<std::size_t>(expert)];
    const auto& matrix = product == Product::gate ? plain.gate : product == Product::up ? plain.up : plain.down;
    const int k = inputs(product);
    const int n = outputs(product);
    if (rows == 1) {
      cblas_sgemv(CblasRowMajor, CblasNoTrans, n, k, 1, matrix.data(), k, x, 1, 0, out, 1);
      return;
    }
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, rows, n, k, 1, x, k, matrix.data(), k, 0, out, n);
  }

 private:
  std::vector<executor::PlainExpert> weights_;
};

}  // namespace

void add_openblas(std::vector<Entry>& entries) {
  entries.push_back({"OpenBLAS f32", 4, false, [](const Layer& layer, executor::Team& team) {
                       return std::unique_ptr<Contender>(new OpenBlas(layer, team));
                     }});
}

}  // namespace plimsoll::bench
#endif
