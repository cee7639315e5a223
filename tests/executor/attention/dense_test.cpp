#include "executor/attention/dense.hpp"

#include <limits>

#include "plimsoll/error.hpp"
#include "world.hpp"

namespace plimsoll::executor {
namespace {

std::vector<float> dense(const World& world, Isa isa, std::vector<QueryRun> runs, int threads,
                         std::vector<float>* log_sums = nullptr) {
  std::vector<float> outputs(world.outputs(), -7.0F);
  Team team = team_of(threads);
  AttentionWorkspace workspace;
  dense_attention(world.shape, block_kernels(isa, world.shape.type), world.scale, runs, world.queries.data(),
                  outputs.data(), log_sums != nullptr ? log_sums->data() : nullptr, workspace, team);
  return outputs;
}

void expect_reference(const World& world, Isa isa, int first, int count, const std::vector<float>& outputs) {
  const ReferenceInput reference = world.reference();
  for (int token = first; token < first + count; ++token) {
    for (int head = 0; head < world.shape.query_heads; ++head) {
      const ReferenceRow row =
          reference_attention(reference, head, world.query(token, head), token, [](int) { return true; });
      for (int d = 0; d < world.shape.head_size; ++d) {
        const std::size_t at =
            static_cast<std::size_t>(world.query(token, head) - world.queries.data()) + static_cast<std::size_t>(d);
        expect_close(row.output[static_cast<std::size_t>(d)], static_cast<double>(outputs[at]),
                     tolerance_of(isa, world.shape.type), token, head);
      }
    }
  }
}

TEST(DenseAttention, AgreesWithF64OnRaggedLengths) {
  for (const Isa isa : available_isas()) {
    for (const NumberType type : {NumberType::bf16, NumberType::f32}) {
      for (const AttentionShape& shape : {AttentionShape{4, 2, 32, 16, type}, AttentionShape{5, 1, 16, 16, type},
                                          AttentionShape{16, 1, 128, 16, type}, AttentionShape{3, 3, 48, 16, type}}) {
        for (const int tokens : {1, 2, 127, 128, 129, 300}) {
          World world(shape, tokens, 1);
          world.fill();
          SCOPED_TRACE(testing::Message() << name_of(isa) << " heads " << shape.query_heads << " tokens " << tokens);
          const int first = std::max(0, tokens - 5);
          expect_reference(world, isa, first, tokens - first, dense(world, isa, {world.run(first, tokens - first)}, 2));
          if (tokens > 140) continue;
          expect_reference(world, isa, 0, tokens, dense(world, isa, {world.run(0, tokens)}, 2));
        }
      }
    }
  }
}

TEST(DenseAttention, BitsDoNotDependOnThreadsOrOnHowQueriesAreSplit) {
  for (const Isa isa : available_isas()) {
    World world({8, 2, 32, 16, NumberType::bf16}, 2300, 5);
    world.fill();
    const std::vector<float> whole = dense(world, isa, {world.run(0, 2300)}, 1);
    EXPECT_EQ(whole, dense(world, isa, {world.run(0, 2300)}, 3));
    std::vector<QueryRun> single;
    for (int token = 0; token < 2300; token += 7) single.push_back(world.run(token, std::min(7, 2300 - token)));
    EXPECT_EQ(whole, dense(world, isa, single, 2));
    // Few rows: split over chunks of keys.
    for (const int count : {1, 4}) {
      const std::vector<float> last = dense(world, isa, {world.run(2300 - count, count)}, 2);
      const std::size_t from = static_cast<std::size_t>(2300 - count) * 8 * 32;
      EXPECT_TRUE(std::equal(last.begin() + static_cast<std::ptrdiff_t>(from), last.end(),
                             whole.begin() + static_cast<std::ptrdiff_t>(from)));
    }
  }
}

TEST(DenseAttention, BitsDoNotDependOnWhereBlocksLieOrOnHowTheyWereAppended) {
  World world({4, 2, 32, 16, NumberType::bf16}, 700, 9, true);
  world.fill();
  const Isa isa = best_isa();
  const std::vector<float> before = dense(world, isa, {world.run(0, 700)}, 2);
  for (int number = 0; number < 6; ++number) world.sequence->move_block((number * 5) % 6);
  EXPECT_EQ(before, dense(world, isa, {world.run(0, 700)}, 2));

  Team team = team_of(2);
  Sequence piecewise(*world.pool);
  EXPECT_THROW(piecewise.append(700, world.keys.data(), world.values.data(), world.index_keys.data(), team), Error);
  EXPECT_EQ(piecewise.length(), 0);
  BlockPool other(world.shape, 16, true);
  Sequence again(other);
  for (int token = 0; token < 700;) {
    const int count = std::min(1 + token % 37, 700 - token);
    const auto at = static_cast<std::size_t>(token);
    again.append(count, &world.keys[at * 2 * 32], &world.values[at * 2 * 32], &world.index_keys[at * 16], team);
    token += count;
  }
  EXPECT_EQ(before, dense(world, isa, {{&again, 0, 700, 0}}, 2));
}

TEST(DenseAttention, ForksShareThePrefix) {
  World world({4, 2, 32, 16, NumberType::bf16}, 300, 11, true);
  world.fill();
  const std::vector<float> before = dense(world, best_isa(), {world.run(0, 300)}, 2);
  const int free = world.pool->free_blocks();
  Team team = team_of(1);
  {
    Sequence fork = world.sequence->fork();
    EXPECT_EQ(world.pool->free_blocks(), free - 1);
    EXPECT_EQ(fork.blocks()[0], world.sequence->blocks()[0]);
    EXPECT_NE(fork.blocks()[2], world.sequence->blocks()[2]);
    EXPECT_EQ(before, dense(world, best_isa(), {{&fork, 0, 300, 0}}, 2));
    fork.append(50, world.keys.data(), world.values.data(), world.index_keys.data(), team);
    EXPECT_EQ(before, dense(world, best_isa(), {world.run(0, 300)}, 2));
  }
  EXPECT_EQ(world.pool->free_blocks(), free);
}

TEST(DenseAttention, NotANumberAndInfinityAreThoseOfTheReference) {
  constexpr float nan = std::numeric_limits<float>::quiet_NaN();
  constexpr float infinity = std::numeric_limits<float>::infinity();
  for (const Isa isa : available_isas()) {
    for (const NumberType type : {NumberType::bf16, NumberType::f32}) {
      World world({2, 1, 16, 16, type}, 270, 13);
      world.keys[200 * 16 + 3] = nan;    // rows from token 200 on
      world.values[131 * 16 + 5] = nan;  // one element from token 131 on; a key that others must not touch
      world.values[10 * 16 + 7] = nan;
      for (int d = 0; d < 16; ++d)
        world.queries[(150 * 2 + 1) * 16 + static_cast<std::size_t>(d)] = d == 0 ? infinity : 0.0F;
      world.fill();
      SCOPED_TRACE(name_of(isa));
      expect_reference(world, isa, 0, 270, dense(world, isa, {world.run(0, 270)}, 2));
    }
  }
}

TEST(DenseAttention, MinusInfinityHasNoWeight) {
  for (const Isa isa : available_isas()) {
    World world({1, 1, 16, 16, NumberType::f32}, 260, 17);
    // Scores of block 0 are all -inf, of the others finite.
    for (std::size_t j = 0; j < 260; ++j) {
      for (std::size_t d = 0; d < 16; ++d) {
        world.keys[j * 16 + d] = d == 0 && j < 128 ? -std::numeric_limits<float>::infinity() : static_cast<float>(d);
      }
    }
    for (float& number : world.queries) number = 0.5F;
    world.fill();
    SCOPED_TRACE(name_of(isa));
    expect_reference(world, isa, 0, 260, dense(world, isa, {world.run(0, 260)}, 2));
  }
}

TEST(DenseAttention, RefusesQueriesWithoutTheirKeys) {
  World world({2, 1, 16, 16, NumberType::f32}, 10, 1);
  world.fill();
  EXPECT_THROW(dense(world, Isa::portable, {{world.sequence.get(), 0, 5, 6}}, 1), Error);
  EXPECT_THROW(dense(world, Isa::portable, {{nullptr, 0, 5, 0}}, 1), Error);
}

}  // namespace
}  // namespace plimsoll::executor
