// Memory that grows to what a call needs and is kept for the next one.
#pragma once

#include <cstddef>
#include <memory>
#include <new>

namespace plimsoll::executor {

class Scratch {
 public:
  // At least this many numbers, aligned to 64 bytes, of no particular value. What was here before is lost.
  float* floats(std::size_t count) {
    if (count > capacity_) {
      data_.reset();
      capacity_ = 0;
      data_.reset(static_cast<float*>(::operator new(count * sizeof(float), alignment)));
      capacity_ = count;
    }
    return data_.get();
  }

  [[nodiscard]] std::size_t capacity() const { return capacity_; }
  [[nodiscard]] float* data() const { return data_.get(); }

 private:
  static constexpr std::align_val_t alignment{64};
  struct Free {
    void operator()(float* data) const { ::operator delete(data, alignment); }
  };
  std::unique_ptr<float, Free> data_;
  std::size_t capacity_ = 0;
};

}  // namespace plimsoll::executor
