#include "executor/attention/attention_layer.hpp"
#include "executor/kernels/rms_norm.hpp"
#include "plimsoll/error.hpp"
#include "world.hpp"

namespace plimsoll::executor {
namespace {

AttentionLayerShape small_layer(bool sparse, NumberType type) {
  AttentionLayerShape shape;
  shape.width = 64;
  shape.attention = {4, 2, 32, 16, type};
  shape.sparse = sparse;
  shape.selection.blocks = 2;
  return shape;
}

// The hidden rows after the layer; tokens come in pieces of `step`.
std::vector<float> run_layer(const AttentionLayerShape& shape, Isa isa, int tokens, int step, int threads) {
  Team team = team_of(threads);
  AttentionLayer layer(shape, isa, 3, team);
  BlockPool pool(shape.attention, tokens / block_keys + 2, true);
  Sequence sequence(pool);
  AttentionWorkspace workspace;
  std::vector<float> hidden = normal_numbers(static_cast<std::size_t>(tokens * shape.width), 5, NumberType::f32);
  for (int first = 0; first < tokens; first += step) {
    const int count = std::min(step, tokens - first);
    const NewTokens some{&sequence, 0, count};
    layer.run({&some, 1}, count, &hidden[static_cast<std::size_t>(first * shape.width)], workspace, team);
  }
  EXPECT_EQ(sequence.length(), tokens);
  return hidden;
}

TEST(AttentionLayer, DecodeAndPrefillGiveTheSameBits) {
  for (const Isa isa : available_isas()) {
    for (const bool sparse : {false, true}) {
      const AttentionLayerShape shape = small_layer(sparse, NumberType::bf16);
      const std::vector<float> whole = run_layer(shape, isa, 600, 600, 2);
      EXPECT_EQ(whole, run_layer(shape, isa, 600, 1, 1)) << name_of(isa);
      EXPECT_EQ(whole, run_layer(shape, isa, 600, 97, 3)) << name_of(isa);
    }
  }
}

TEST(AttentionLayer, SparseOfAllBlocksIsDense) {
  AttentionLayerShape shape = small_layer(true, NumberType::f32);
  shape.selection.blocks = 16;
  EXPECT_EQ(run_layer(shape, best_isa(), 500, 500, 2),
            run_layer(small_layer(false, NumberType::f32), best_isa(), 500, 500, 2));
}

TEST(AttentionLayer, NeedsAnIndexBranchToBeSparse) {
  AttentionLayerShape shape = small_layer(true, NumberType::f32);
  shape.attention.index_size = 0;
  Team team = team_of(1);
  EXPECT_THROW(AttentionLayer(shape, Isa::portable, 1, team), Error);
}

TEST(Projection, IsTheProductWithEveryRowAndOneRowAlone) {
  for (const Isa isa : available_isas()) {
    for (const NumberType type : {NumberType::bf16, NumberType::f32}) {
      Team team = team_of(2);
      ProjectionScratch scratch;
      for (const auto& [outputs, inputs] :
           {std::pair{48, 80}, std::pair{45, 77}, std::pair{1, 1}, std::pair{70, 130}}) {
        const auto width = static_cast<std::size_t>(inputs);
        const auto height = static_cast<std::size_t>(outputs);
        const std::vector<float> weights = normal_numbers(height * width, 7, type);
        const Projection projection(outputs, inputs, type, isa, weights, team);
        for (const int rows : {1, 5, 50, 200}) {
          SCOPED_TRACE(testing::Message() << name_of(isa) << ' ' << outputs << " x " << inputs << ", rows " << rows);
          const std::vector<float> from = normal_numbers(static_cast<std::size_t>(rows) * width, 9, type);
          std::vector<float> to(static_cast<std::size_t>(rows) * height);
          projection.run(rows, from.data(), to.data(), scratch, team);
          std::vector<float> last(height);
          projection.run(1, &from[from.size() - width], last.data(), scratch, team);
          EXPECT_TRUE(std::equal(last.begin(), last.end(), to.end() - outputs));
          for (std::size_t row = 0; row < static_cast<std::size_t>(rows); ++row) {
            for (std::size_t column = 0; column < height; ++column) {
              double sum = 0;
              for (std::size_t k = 0; k < width; ++k)
                sum += static_cast<double>(from[row * width + k]) * static_cast<double>(weights[column * width + k]);
              EXPECT_NEAR(to[row * height + column], sum, 2e-4);
            }
          }
        }
      }
    }
  }
}

TEST(Projection, RefusesWhatDoesNotFit) {
  Team team = team_of(1);
  EXPECT_THROW(Projection(2, 3, NumberType::f32, Isa::portable, std::vector<float>(5), team), Error);
  EXPECT_THROW(Projection(0, 3, NumberType::f32, Isa::portable, std::vector<float>(), team), Error);
}

TEST(Elementwise, NormAndRotationAreTheirFormulas) {
  std::vector<float> row = {3, -4, 0, 5};
  const std::vector<float> gain = {1, 2, 1, 1};
  std::vector<float> normed(4);
  rms_norm(row, gain, normed, 0.0);
  const double root = std::sqrt(50.0 / 4);
  EXPECT_NEAR(normed[0], 3 / root, 1e-6);
  EXPECT_NEAR(normed[1], -8 / root, 1e-6);
  const Rotary rotary(4, 100.0);
  float cosines[2];
  float sines[2];
  rotary.angles(7, cosines, sines);
  rotary.turn(cosines, sines, row.data());
  EXPECT_NEAR(row[0], 3 * std::cos(7.0) - 0 * std::sin(7.0), 1e-5);
  EXPECT_NEAR(row[2], 3 * std::sin(7.0), 1e-5);
  EXPECT_NEAR(row[1], -4 * std::cos(0.7) - 5 * std::sin(0.7), 1e-5);
  EXPECT_NEAR(row[3], 5 * std::cos(0.7) - 4 * std::sin(0.7), 1e-5);
}

}  // namespace
}  // namespace plimsoll::executor
