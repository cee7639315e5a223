// The key-value caches of a run: for every layer and sequence a context that stands before the clock runs, and a fork
// of it for every micro-step, which shares its complete blocks and takes the micro-step's tokens.
//
// Contexts are not computed from tokens: keys, values and index keys are seeded numbers, uniform with mean 0 and
// variance 1, as normed ones have. Forks are made before the clock runs, too, since a server has no such thing to do.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "executor/run/attention_request.hpp"
#include "executor/threads/seats.hpp"

namespace plimsoll::executor {

class AttentionCache {
 public:
  // tokens: [micro-steps]. Contexts are filled by the first seat. Throws Error(memory) with the bytes, those of the
  // attention's workspace included, where they do not fit.
  AttentionCache(const AttentionLayerShape& shape, const AttentionRequest& request, int layers,
                 std::span<const int> tokens, std::uint64_t seed, Seats& seats);

  // Forks for every micro-step; what an earlier run appended is forgotten.
  void begin_run();
  // [sequences of the micro-step]
  [[nodiscard]] std::span<Sequence> sequences(int microstep, int layer);
  // Gives back what the micro-step appended: the next one finds that memory.
  void end_microstep(int microstep);

  [[nodiscard]] std::int64_t bytes() const { return bytes_; }

 private:
  [[nodiscard]] std::int64_t count_blocks() const;
  void require_memory(double block_bytes, std::int64_t blocks, int threads) const;
  void fill(Sequence& sequence, std::uint64_t seed, Team& team) const;
  void touch_free_blocks(Team& team);

  AttentionLayerShape shape_;
  AttentionRequest request_;
  int layers_;
  std::vector<int> tokens_;
  std::int64_t bytes_ = 0;
  std::unique_ptr<BlockPool> pool_;
  std::vector<std::vector<Sequence>> contexts_;            // [layers][sequences, or the shared one]
  std::vector<std::vector<std::vector<Sequence>>> forks_;  // [micro-steps][layers][sequences]
};

}  // namespace plimsoll::executor
