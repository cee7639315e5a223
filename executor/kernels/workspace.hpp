// Memory that kernels need while they run; kept between calls, so that these allocate nothing once it has grown.
// One workspace serves one call at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "executor/kernels/scratch.hpp"

namespace plimsoll::executor {

class Workspace {
 public:
  // How often anything had to grow so far: unchanged by a call for which there was room.
  [[nodiscard]] int growths() const { return growths_; }

 private:
  friend class ExpertKernel;

  // Panels, or rows, [begin, end) of one replica.
  struct Chunk {
    std::int32_t replica;
    std::int32_t first_row;  // of the replica, among the rows of its batch
    std::int32_t begin;
    std::int32_t end;
  };
  // What the threads do in three steps, one after another. Ends among the chunks below.
  struct Batch {
    std::size_t pack_end;
    std::size_t hidden_end;
    std::size_t output_end;
  };

  // A thread's part in a step, where it is recorded; 0: there was none.
  struct Busy {
    std::int64_t begin_ns;
    std::int64_t end_ns;
  };

  void reserve(Scratch& scratch, std::size_t bytes) {
    const std::size_t floats = (bytes + sizeof(float) - 1) / sizeof(float);
    if (floats > scratch.capacity()) ++growths_;
    scratch.floats(floats);
  }
  template <class Element>
  void resize(std::vector<Element>& elements, std::size_t size) {
    if (size > elements.capacity()) ++growths_;
    elements.resize(size);
  }

  int growths_ = 0;
  Scratch operands_;  // of a batch: input rows of each replica as kernels take them
  Scratch hidden_;    // of a batch: hidden rows, likewise
  Scratch sums_;      // [thread][panels_at_once][rows_at_once][32]
  std::vector<Batch> batches_;
  std::vector<Chunk> pack_chunks_;
  std::vector<Chunk> hidden_chunks_;
  std::vector<Chunk> output_chunks_;
  std::vector<Busy> busy_;  // [threads]
};

}  // namespace plimsoll::executor
