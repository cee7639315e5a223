// The bounds hold for what the kernels compute, rounding included.
#include <limits>

#include "executor/attention/quantised_keys.hpp"
#include "executor/attention/superblocks.hpp"
#include "index_world.hpp"

namespace plimsoll::executor {
namespace {

constexpr int tokens = 16 * block_keys;

void expect_bounds(World& world, Isa isa) {
  const BlockKernels& kernels = block_kernels(isa, world.shape.type);
  const int size = world.shape.index_size;
  const auto width = static_cast<std::size_t>(size);
  constexpr int rows = 13;
  std::vector<float> queries(world.index_queries.begin(), world.index_queries.begin() + rows * size);
  for (std::size_t d = 0; d < width; ++d) {
    queries[width + d] = 0;                           // a query of zeros
    queries[2 * width + d] *= d == 0 ? 1e6F : 1e-6F;  // one large channel
    queries[3 * width + d] *= 1e-37F;
  }
  for (float& number : queries) {
    if (world.shape.type == NumberType::bf16) number = to_float(to_bfloat16(number));
  }
  std::vector<std::byte> operand(queries.size() * 4);
  kernels.pack_row(queries.data(), rows * size, operand.data());
  std::vector<float> norms;
  for (std::size_t r = 0; r < rows; ++r) {
    double squares = 0;
    for (std::size_t d = 0; d < width; ++d)
      squares += static_cast<double>(queries[r * width + d]) * static_cast<double>(queries[r * width + d]);
    norms.push_back(static_cast<float>(std::sqrt(squares)) * 1.000001F);
  }
  const Superblocks& superblocks = world.sequence->superblocks();
  ASSERT_EQ(superblocks.count(), 16 / Superblocks::blocks);
  for (int block = 0; block < 16; ++block) {
    const int place = world.sequence->blocks()[static_cast<std::size_t>(block)];
    float maxima[rows];
    float lower[rows];
    float upper[rows];
    kernels.block_maxima(operand.data(), size, rows, size, world.pool->index_keys(place), maxima, 1, nullptr);
    quantised_bounds(isa)(queries.data(), norms.data(), rows, size, world.pool->quantised_keys(place), lower, upper, 1,
                          nullptr);
    for (int r = 0; r < rows; ++r) {
      EXPECT_LE(lower[r], maxima[r]) << "block " << block << " row " << r;
      EXPECT_GE(upper[r], maxima[r]) << "block " << block << " row " << r;
      EXPECT_GE(superblocks
                    .bound(isa, block / Superblocks::blocks, &queries[static_cast<std::size_t>(r) * width],
                           norms[static_cast<std::size_t>(r)])
                    .upper,
                maxima[r])
          << "block " << block << " row " << r;
    }
  }
}

TEST(IndexBounds, HoldWhateverTheKeys) {
  for (const Isa isa : available_isas()) {
    for (const NumberType type : {NumberType::bf16, NumberType::f32}) {
      for (const Keys kind : all_keys) {
        for (const int size : {16, 128, 256}) {
          SCOPED_TRACE(testing::Message() << name_of(isa) << " keys " << static_cast<int>(kind) << " size " << size);
          World world({4, 2, 16, size, type}, tokens, 100 + static_cast<std::uint64_t>(kind), true);
          shape_index_keys(world, kind, 3);
          world.fill();
          expect_bounds(world, isa);
        }
      }
    }
  }
}

TEST(IndexBounds, TellRandomBlocksApart) {
  // An error bound that is always infinite would pass the test above.
  World world({4, 4, 16, 128, NumberType::bf16}, 200 * block_keys + 5, 3, true);
  world.fill();
  IndexTraffic traffic;
  (void)select(world, best_isa(), IndexForm::quantised, {}, {world.run(200 * block_keys, 1)}, 2, &traffic);
  EXPECT_LT(traffic.rescored, 4 * 40);
}

}  // namespace
}  // namespace plimsoll::executor
