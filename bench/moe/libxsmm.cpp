#ifdef PLIMSOLL_HAS_LIBXSMM
#include <libxsmm.h>

#include <map>

#include "bench/moe/per_expert.hpp"
#include "executor/kernels/bfloat16.hpp"

namespace plimsoll::bench {
namespace {

using executor::bfloat16;

// Its microkernels on panels of 32 outputs, blocks of 64 inputs: sizes must be multiples. In its column-major words a
// panel is A, the rows are B.
constexpr int panel = 32;
constexpr int block = 64;

template <class Element>
class Libxsmm : public PerExpert {
 public:
  static constexpr bool half = sizeof(Element) == 2;

  Libxsmm(const Layer& layer, executor::Team& team)
      : PerExpert(layer, team),
        weights_(static_cast<std::size_t>(layer.experts)),
        rounded_(static_cast<std::size_t>(team.size())) {
    libxsmm_init();
    fill([&](int e, const executor::PlainExpert& plain) {
      auto& own = weights_[static_cast<std::size_t>(e)];
      own[0] = packed(plain.gate, layer.shape.inner, layer.shape.width);
      own[1] = packed(plain.up, layer.shape.inner, layer.shape.width);
      own[2] = packed(plain.down, layer.shape.width, layer.shape.inner);
    });
  }

 protected:
  void multiply(int expert, Product product, const float* x, int rows, float* out, int thread) override {
    const int k = inputs(product);
    const int n = outputs(product);
    const Element* factors = operand(x, static_cast<std::size_t>(rows) * static_cast<std::size_t>(k), thread);
    const Element* weights = weights_[static_cast<std::size_t>(expert)][static_cast<std::size_t>(product)].data();
    const auto first = kernel(rows, k, n, 0);
    const auto next = kernel(rows, k, n, 1);
    for (int p = 0; p < n; p += panel) {
      for (int b = 0; b < k; b += block) {
        (b == 0 ? first : next)(weights + static_cast<std::size_t>(p) * static_cast<std::size_t>(k) + b * panel,
                                factors + b, out + p);
      }
    }
  }

 private:
  static std::vector<Element> packed(const std::vector<float>& plain, int n, int k) {
    std::vector<Element> to;
    to.reserve(plain.size());
    constexpr int pair = half ? 2 : 1;
    for (int p = 0; p < n; p += panel) {
      for (int b = 0; b < k; b += pair) {
        for (int c = 0; c < panel; ++c) {
          for (int i = 0; i < pair; ++i) {
            const float value =
                plain[static_cast<std::size_t>(p + c) * static_cast<std::size_t>(k) + static_cast<std::size_t>(b + i)];
            if constexpr (half) {
              to.push_back(static_cast<Element>(executor::to_bfloat16(value)));
            } else {
              to.push_back(value);
            }
          }
        }
      }
    }
    return to;
  }

  const Element* operand(const float* x, std::size_t count, int thread) {
    if constexpr (half) {
      auto& own = rounded_[static_cast<std::size_t>(thread)];
      if (own.size() < count) own.resize(count);
      for (std::size_t i = 0; i < count; ++i) own[i] = static_cast<Element>(executor::to_bfloat16(x[i]));
      return own.data();
    } else {
      return x;
    }
  }

  // Dispatch is a look-up in the library's own table once a kernel has been made.
  static auto kernel(int rows, int k, int n, float beta) {
    const int lda = panel;
    const float alpha = 1;
    if constexpr (half) {
      const int flags = LIBXSMM_GEMM_FLAGS('N', 'N') | LIBXSMM_GEMM_FLAG_VNNI_A;
      return libxsmm_bsmmdispatch(panel, rows, block, &lda, &k, &n, &alpha, &beta, &flags, nullptr);
    } else {
      const int flags = LIBXSMM_GEMM_FLAGS('N', 'N');
      return libxsmm_smmdispatch(panel, rows, block, &lda, &k, &n, &alpha, &beta, &flags, nullptr);
    }
  }

  std::vector<std::array<std::vector<Element>, 3>> weights_;
  std::vector<std::vector<Element>> rounded_;
};

template <class Element>
std::unique_ptr<Contender> make(const Layer& layer, executor::Team& team) {
  if (layer.shape.width % block != 0 || layer.shape.inner % block != 0) return nullptr;
  return std::unique_ptr<Contender>(new Libxsmm<Element>(layer, team));
}

}  // namespace

void add_libxsmm(std::vector<Entry>& entries) {
  if (executor::has_isa(executor::Isa::avx512_bf16))
    entries.push_back({"libxsmm bf16", 2, true, make<libxsmm_bfloat16>});
  entries.push_back({"libxsmm f32", 4, false, make<float>});
}

}  // namespace plimsoll::bench
#endif
