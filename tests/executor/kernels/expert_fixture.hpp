// Seeded experts and the kernels that this processor can run, for the tests beside this file.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <span>
#include <string>
#include <vector>

#include "executor/kernels/expert_kernel.hpp"
#include "executor/kernels/random_expert.hpp"
#include "executor/kernels/reference.hpp"
#include "executor/threads/team.hpp"
#include "support/random.hpp"

namespace plimsoll::executor {

inline std::vector<float> random_floats(std::size_t count, double scale, support::Random& random) {
  std::vector<float> values(count);
  for (float& value : values) value = static_cast<float>(scale * random.normal());
  return values;
}

inline PlainExpert normal_expert(const ExpertShape& shape, std::uint64_t seed) {
  support::Random random(seed);
  const auto width = static_cast<std::size_t>(shape.width);
  const auto inner = static_cast<std::size_t>(shape.inner);
  PlainExpert expert;
  expert.gate = random_floats(inner * width, 2 / std::sqrt(static_cast<double>(width)), random);
  expert.up = random_floats(inner * width, 2 / std::sqrt(static_cast<double>(width)), random);
  expert.down = random_floats(inner * width, 1 / std::sqrt(static_cast<double>(inner)), random);
  if (shape.biases) {
    expert.gate_bias = random_floats(inner, 1, random);
    expert.up_bias = random_floats(inner, 1, random);
    expert.down_bias = random_floats(width, 1, random);
  }
  return expert;
}

class Packed {
 public:
  Packed(const PlainExpert& expert, const ExpertShape& shape, NumberType type, Isa isa)
      : Packed(packed_bytes(shape, type, isa)) {
    pack_expert(expert.weights(), shape, type, isa, data());
  }
  explicit Packed(std::size_t bytes)
      : bytes_(static_cast<std::byte*>(::operator new (bytes, std::align_val_t{packed_alignment}))) {}
  [[nodiscard]] std::byte* data() const { return bytes_.get(); }

 private:
  struct Free {
    void operator()(std::byte* bytes) const { ::operator delete (bytes, std::align_val_t{packed_alignment}); }
  };
  std::unique_ptr<std::byte, Free> bytes_;
};

struct Form {
  NumberType type;
  Isa isa;
};

inline const std::vector<Form>& all_forms() {
  static const std::vector<Form> forms = {{NumberType::f32, Isa::portable},    {NumberType::bf16, Isa::portable},
                                          {NumberType::f32, Isa::avx2},        {NumberType::bf16, Isa::avx2},
                                          {NumberType::f32, Isa::avx512_bf16}, {NumberType::bf16, Isa::avx512_bf16}};
  return forms;
}

inline std::string form_name(const Form& form) {
  std::string name = std::string(name_of(form.type)) + "_" + std::string(name_of(form.isa));
  for (char& c : name) c = c == '-' ? '_' : c;
  return name;
}

inline std::vector<std::int32_t> counting(int count, int first = 0) {
  std::vector<std::int32_t> numbers;
  for (int n = 0; n < count; ++n) numbers.push_back(first + n);
  return numbers;
}

inline Team team_of(int threads) { return Team(std::vector<int>(static_cast<std::size_t>(threads), -1)); }

}  // namespace plimsoll::executor
