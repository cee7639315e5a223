// The layer that bench_moe runs: tokens, each with top_k distinct experts, rows grouped by expert.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "executor/kernels/random_expert.hpp"
#include "executor/threads/team.hpp"

namespace plimsoll::bench {

struct Layer {
  executor::ExpertShape shape{2048, 1408};
  int experts = 64;
  int top_k = 6;
  std::uint64_t seed = 1;
};

struct Batch {
  int tokens = 0;
  std::vector<float> input;                         // [tokens][width]
  std::vector<std::vector<std::int32_t>> rows_of;   // per expert: its tokens, ascending
  std::vector<std::vector<std::int32_t>> parts_of;  // per expert: token * top_k + j
  int active = 0;                                   // experts with tokens
};

// Tokens choose at random; a call's number shifts the experts, so that one token after another meets cold ones.
Batch make_batch(const Layer& layer, int tokens, int call);

// A way to compute the layer: parts[token * top_k + j][width], unweighted.
class Contender {
 public:
  virtual ~Contender() = default;
  virtual void run(const Batch& batch, float* parts) = 0;
};

struct Entry {
  std::string name;
  double weight_bytes;  // of one weight
  bool bf16_peak;       // which arithmetic bound applies
  std::function<std::unique_ptr<Contender>(const Layer&, executor::Team&)> make;
};

// Peers that this build has. A library's own threads are set to one: the team shares out experts.
void add_onednn(std::vector<Entry>& entries);
void add_libxsmm(std::vector<Entry>& entries);
void add_openblas(std::vector<Entry>& entries);
void add_eigen(std::vector<Entry>& entries);

}  // namespace plimsoll::bench
