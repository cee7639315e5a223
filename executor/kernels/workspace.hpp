// Memory that kernels need while they run; kept between calls, so that these allocate nothing once it has grown.
// One workspace serves one call at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace plimsoll::executor {

// Uninitialised bytes, aligned to cache lines, that grow without keeping what they hold.
class ScratchBytes {
 public:
  void reserve(std::size_t bytes, int& growths);
  [[nodiscard]] std::byte* data() const { return bytes_.get(); }

 private:
  struct Free {
    void operator()(std::byte* bytes) const;
  };
  std::unique_ptr<std::byte, Free> bytes_;
  std::size_t size_ = 0;
};

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

  template <class Element>
  void resize(std::vector<Element>& elements, std::size_t size) {
    if (size > elements.capacity()) ++growths_;
    elements.resize(size);
  }

  int growths_ = 0;
  ScratchBytes operands_;  // of a batch: input rows of each replica as kernels take them
  ScratchBytes hidden_;    // of a batch: hidden rows, likewise
  ScratchBytes sums_;      // [thread][panels_at_once][rows_at_once][32]
  std::vector<Batch> batches_;
  std::vector<Chunk> pack_chunks_;
  std::vector<Chunk> hidden_chunks_;
  std::vector<Chunk> output_chunks_;
};

}  // namespace plimsoll::executor
