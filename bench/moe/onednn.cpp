#ifdef PLIMSOLL_HAS_ONEDNN
#include <omp.h>

#include <array>
#include <map>
#include <oneapi/dnnl/dnnl.hpp>
#include <tuple>

#include "bench/moe/per_expert.hpp"
#include "executor/kernels/bfloat16.hpp"

namespace plimsoll::bench {
namespace {

using Type = dnnl::memory::data_type;
using Format = dnnl::memory::format_tag;

// Weights stand in the format that the library asks for at 64 rows. A primitive per number of rows and thread, made at
// first use: batches come again, so the times that count have them all.
class OneDnn : public PerExpert {
 public:
  OneDnn(const Layer& layer, executor::Team& team, Type type)
      : PerExpert(layer, team),
        type_(type),
        engine_(dnnl::engine::kind::cpu, 0),
        threads_(static_cast<std::size_t>(team.size())),
        weights_(static_cast<std::size_t>(layer.experts)) {
    for (auto& thread : threads_) thread.stream = dnnl::stream(engine_);
    for (const bool down : {false, true}) {
      const Product product = down ? Product::down : Product::gate;
      const dnnl::memory::desc any({inputs(product), outputs(product)}, type_, Format::any);
      format_[down ? 1 : 0] = description(64, product, any).weights_desc();
    }
    fill([&](int e, const executor::PlainExpert& plain) {
      omp_set_num_threads(1);
      auto& own = weights_[static_cast<std::size_t>(e)];
      own[0] = packed(plain.gate, Product::gate);
      own[1] = packed(plain.up, Product::up);
      own[2] = packed(plain.down, Product::down);
    });
  }

 protected:
  void multiply(int expert, Product product, const float* x, int rows, float* out, int thread) override {
    omp_set_num_threads(1);
    Thread& own = threads_[static_cast<std::size_t>(thread)];
    auto& primitive = own.primitives[{rows, product == Product::down}];
    if (!primitive) primitive = dnnl::matmul(description(rows, product, format_[product == Product::down ? 1 : 0]));
    const auto count = static_cast<std::size_t>(rows) * static_cast<std::size_t>(inputs(product));
    const void* factors = x;
    if (type_ == Type::bf16) {
      if (own.rounded.size() < count) own.rounded.resize(count);
      for (std::size_t i = 0; i < count; ++i) own.rounded[i] = executor::to_bfloat16(x[i]);
      factors = own.rounded.data();
    }
    dnnl::memory source({{rows, inputs(product)}, type_, Format::ab}, engine_, const_cast<void*>(factors));
    dnnl::memory target({{rows, outputs(product)}, Type::f32, Format::ab}, engine_, out);
    primitive.execute(
        own.stream, {{DNNL_ARG_SRC, source},
                     {DNNL_ARG_WEIGHTS, weights_[static_cast<std::size_t>(expert)][static_cast<std::size_t>(product)]},
                     {DNNL_ARG_DST, target}});
    own.stream.wait();
  }

 private:
  struct Thread {
    dnnl::stream stream;
    std::map<std::pair<int, bool>, dnnl::matmul> primitives;
    std::vector<executor::bfloat16> rounded;
  };

  dnnl::matmul::primitive_desc description(int rows, Product product, const dnnl::memory::desc& weights) const {
    const dnnl::memory::desc source({rows, inputs(product)}, type_, Format::ab);
    const dnnl::memory::desc target({rows, outputs(product)}, Type::f32, Format::ab);
    return {dnnl::matmul::desc(source, weights, target), engine_};
  }

  dnnl::memory packed(const std::vector<float>& plain, Product product) {
    dnnl::stream stream(engine_);
    dnnl::memory from({{inputs(product), outputs(product)}, Type::f32, Format::ba}, engine_,
                      const_cast<float*>(plain.data()));
    dnnl::memory to(format_[product == Product::down ? 1 : 0], engine_);
    dnnl::reorder(from, to).execute(stream, from, to);
    stream.wait();
    return to;
  }

  Type type_;
  dnnl::engine engine_;
  std::vector<Thread> threads_;
  std::array<dnnl::memory::desc, 2> format_;
  std::vector<std::array<dnnl::memory, 3>> weights_;
};

}  // namespace

void add_onednn(std::vector<Entry>& entries) {
  if (executor::has_isa(executor::Isa::avx512_bf16)) {
    entries.push_back({"oneDNN bf16", 2, true, [](const Layer& layer, executor::Team& team) {
                         return std::unique_ptr<Contender>(new OneDnn(layer, team, Type::bf16));
                       }});
  }
  entries.push_back({"oneDNN f32", 4, false, [](const Layer& layer, executor::Team& team) {
                       return std::unique_ptr<Contender>(new OneDnn(layer, team, Type::f32));
                     }});
}

}  // namespace plimsoll::bench
#endif
