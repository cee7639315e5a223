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

  // Panels [begin, end) of one replica.
  struct Chunk {
    std::int32_t replica;
    std::int32_t first_row;  // of the replica, among the rows of the call
    std::int32_t begin;
    std::int32_t end;
  };

  template <class Element>
  void resize(std::vector<Element>& elements, std::size_t size) {
    if (size > elements.capacity()) ++growths_;
    elements.resize(size);
  }

  int growths_ = 0;
  ScratchBytes operands_;                  // input rows of the call's distinct tokens, as kernels take them
  ScratchBytes hidden_;                    // a row for each token of each replica
  ScratchBytes sums_;                      // [thread][rows_at_once][32]
  std::vector<const void*> operand_rows_;  // per row of the call
  std::vector<const void*> hidden_rows_;
  std::vector<std::int32_t> slots_;  // per input row: its operand row, where seen_ has the call's number
  std::vector<std::uint64_t> seen_;
  std::uint64_t calls_ = 0;
  std::vector<std::int32_t> distinct_;  // input row of each operand row
  std::vector<Chunk> hidden_chunks_;
  std::vector<Chunk> output_chunks_;
};

}  // namespace plimsoll::executor
