// A block of memory of a device: mapped apart from the heap, on boundaries of 2 MiB, in 2 MiB pages where the system
// grants them (translations of 4 KiB pages cost a stream about a tenth of its speed). Pages come when they are first
// written, from the memory node of the thread that writes, so whoever computes with a block fills it.
#pragma once

#include <cstddef>
#include <span>

namespace plimsoll::executor {

inline constexpr std::size_t huge_page = std::size_t{2} << 20U;

class Memory {
 public:
  Memory() = default;
  // All zero. Error(memory) with the bytes asked for and those available where the system refuses, and where the block
  // alone exceeds what is available: the system would grant it and end the process later.
  explicit Memory(std::size_t bytes);
  ~Memory();
  Memory(Memory&& other) noexcept;
  Memory& operator=(Memory&& other) noexcept;
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;

  [[nodiscard]] std::byte* data() { return data_; }
  [[nodiscard]] const std::byte* data() const { return data_; }
  [[nodiscard]] std::size_t size() const { return size_; }
  // As numbers of a type. The block's tail that holds no whole one is left out.
  template <class T>
  [[nodiscard]] std::span<T> as() {
    return {reinterpret_cast<T*>(data_), size_ / sizeof(T)};
  }

  // From this memory node, where the machine has more than one. Whether it is bound.
  bool bind(int numa_node);
  // Bytes that stand in 2 MiB pages now; 0 where the system does not say. Pages come with the first write, so ask
  // after.
  [[nodiscard]] std::size_t huge_bytes() const;

 private:
  std::byte* data_ = nullptr;
  std::size_t size_ = 0;
  std::size_t mapped_ = 0;
};

// Bytes that the system could still give to this process, its control groups' limits honoured; the largest number where
// it does not say.
[[nodiscard]] std::size_t available_memory();

}  // namespace plimsoll::executor
