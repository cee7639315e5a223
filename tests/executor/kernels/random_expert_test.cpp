// Seeded experts: the packed form is that of the plain one, and neither depends on the instruction set.
#include "executor/kernels/random_expert.hpp"

#include <gtest/gtest.h>

#include <cstring>

#include "tests/executor/kernels/expert_fixture.hpp"

namespace plimsoll::executor {
namespace {

TEST(RandomExpertTest, PackedAsThePlainOne) {
  for (const bool biases : {false, true}) {
    const ExpertShape shape{75, 37, Activation::swiglu, biases};
    for (const Form& form : all_forms()) {
      if (!has_isa(form.isa)) continue;
      const std::size_t bytes = packed_bytes(shape, form.type, form.isa);
      const Packed plain(random_expert(shape, 5, 2, 3), shape, form.type, form.isa);
      const Packed direct(bytes);
      pack_random_expert(shape, form.type, form.isa, 5, 2, 3, direct.data());
      // Zero has two signs, and a column that does not exist takes either.
      const auto nonzero = [](std::byte one, std::byte other) {
        return one == other || (one | other) == std::byte{0x80};
      };
      EXPECT_TRUE(std::equal(plain.data(), plain.data() + bytes, direct.data(), nonzero)) << form_name(form);
    }
  }
}

TEST(RandomExpertTest, MeanVarianceAndIndependence) {
  const ExpertShape shape{256, 128};
  const PlainExpert first = random_expert(shape, 1, 0, 0);
  const PlainExpert others[] = {random_expert(shape, 2, 0, 0), random_expert(shape, 1, 1, 0),
                                random_expert(shape, 1, 0, 1)};
  double sum = 0;
  double squares = 0;
  double neighbours = 0;
  for (std::size_t i = 0; i < first.gate.size(); ++i) {
    sum += first.gate[i];
    squares += static_cast<double>(first.gate[i]) * first.gate[i];
    if (i > 0) neighbours += static_cast<double>(first.gate[i]) * first.gate[i - 1];
  }
  const auto count = static_cast<double>(first.gate.size());
  const double variance = 1.0 / 256;
  EXPECT_NEAR(sum / count, 0, 4 * std::sqrt(variance / count));
  EXPECT_NEAR(squares / count, variance, 0.02 * variance);
  EXPECT_NEAR(neighbours / count, 0, 4 * variance / std::sqrt(count));
  for (const PlainExpert& other : others) {
    double product = 0;
    for (std::size_t i = 0; i < first.gate.size(); ++i) product += static_cast<double>(first.gate[i]) * other.gate[i];
    EXPECT_NEAR(product / count, 0, 4 * variance / std::sqrt(count));
  }
}

}  // namespace
}  // namespace plimsoll::executor
