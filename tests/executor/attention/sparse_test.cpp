#include "executor/attention/sparse.hpp"

#include <algorithm>

#include "executor/attention/dense.hpp"
#include "index_world.hpp"

namespace plimsoll::executor {
namespace {

struct Result {
  std::vector<float> outputs;
  std::vector<float> log_sums;
  bool operator==(const Result&) const = default;
};

Result empty(const World& world) {
  return {std::vector<float>(world.outputs(), -7.0F),
          std::vector<float>(static_cast<std::size_t>(world.tokens * world.shape.query_heads), -7.0F)};
}

Result sparse(const World& world, Isa isa, SparseOrder order, const Selection& selection,
              const std::vector<std::int32_t>& selected, const std::vector<QueryRun>& runs, int threads = 2) {
  Result result = empty(world);
  Team team = team_of(threads);
  AttentionWorkspace workspace;
  sparse_attention(world.shape, block_kernels(isa, world.shape.type), world.scale, order, runs, world.queries.data(),
                   selected.data(), selection_slots(selection), result.outputs.data(), result.log_sums.data(),
                   workspace, team);
  return result;
}

Result dense(const World& world, Isa isa, const std::vector<QueryRun>& runs) {
  Result result = empty(world);
  Team team = team_of(2);
  AttentionWorkspace workspace;
  dense_attention(world.shape, block_kernels(isa, world.shape.type), world.scale, runs, world.queries.data(),
                  result.outputs.data(), result.log_sums.data(), workspace, team);
  return result;
}

TEST(SparseAttention, OfAllBlocksIsDenseBitForBit) {
  for (const Isa isa : available_isas()) {
    World world({8, 2, 32, 16, NumberType::bf16}, 21 * block_keys + 57, 3);
    world.fill();
    for (const auto& [first, count] : {std::pair{0, world.tokens}, std::pair{world.tokens - 1, 1}}) {
      const Selection selection{40};
      const std::vector<QueryRun> runs = {world.run(first, count)};
      const auto selected = select(world, isa, IndexForm::exact, selection, runs);
      const Result expected = dense(world, isa, runs);
      EXPECT_TRUE(expected == sparse(world, isa, SparseOrder::by_query, selection, selected, runs)) << name_of(isa);
      EXPECT_TRUE(expected == sparse(world, isa, SparseOrder::by_block, selection, selected, runs)) << name_of(isa);
    }
  }
}

TEST(SparseAttention, AgreesWithF64AndCapturesTheMassThatSoftmaxGives) {
  for (const Isa isa : available_isas()) {
    for (const NumberType type : {NumberType::bf16, NumberType::f32}) {
      World world({6, 2, 32, 32, type}, 9 * block_keys + 70, 5);
      world.fill();
      const std::vector<QueryRun> runs = {world.run(0, world.tokens)};
      const Selection selection{3};
      const auto selected = select(world, isa, IndexForm::exact, selection, runs);
      const Result result = sparse(world, isa, SparseOrder::by_query, selection, selected, runs);
      const Result whole = dense(world, isa, runs);
      const double tolerance = tolerance_of(isa, type);
      for (int row = 0; row < world.tokens; row += 53) {
        for (int head = 0; head < 6; ++head) {
          const auto list = selected.begin() + (row * 2 + head / 3) * 3;
          const auto kept = [&](int key) { return std::find(list, list + 3, key / block_keys) != list + 3; };
          const ReferenceRow expected = reference_attention(world.reference(), head, world.query(row, head), row, kept);
          const ReferenceRow all =
              reference_attention(world.reference(), head, world.query(row, head), row, [](int) { return true; });
          const auto at = static_cast<std::size_t>(row * 6 + head);
          for (std::size_t d = 0; d < 32; ++d) {
            expect_close(expected.output[d], static_cast<double>(result.outputs[at * 32 + d]), tolerance, row, head);
          }
          const double mass =
              std::exp(static_cast<double>(result.log_sums[at]) - static_cast<double>(whole.log_sums[at]));
          EXPECT_NEAR(mass, std::exp(expected.log_sum - all.log_sum), tolerance);
          EXPECT_LE(mass, 1 + 1e-5);
        }
      }
    }
  }
}

TEST(SparseAttention, BitsDoNotDependOnOrderThreadsOrPlaces) {
  for (const Isa isa : available_isas()) {
    World world({16, 2, 32, 16, NumberType::bf16}, 22 * block_keys + 11, 7);
    world.fill();
    const std::vector<QueryRun> runs = {world.run(19 * block_keys - 3, world.tokens - 19 * block_keys + 3)};
    for (const Selection selection : {Selection{16}, Selection{16, false, Selection::Local::beside}, Selection{1}}) {
      const auto selected = select(world, isa, IndexForm::exact, selection, runs);
      const Result expected = sparse(world, isa, SparseOrder::by_query, selection, selected, runs, 1);
      EXPECT_TRUE(expected == sparse(world, isa, SparseOrder::by_query, selection, selected, runs, 3));
      EXPECT_TRUE(expected == sparse(world, isa, SparseOrder::by_block, selection, selected, runs, 1));
      EXPECT_TRUE(expected == sparse(world, isa, SparseOrder::by_block, selection, selected, runs, 3));
      std::vector<QueryRun> single;
      for (int token = runs[0].first_row; token < world.tokens; ++token) single.push_back(world.run(token, 1));
      EXPECT_TRUE(expected == sparse(world, isa, SparseOrder::by_block, selection, selected, single));
      for (int number = 0; number < 22; ++number) world.sequence->move_block((number * 7) % 22);
      EXPECT_TRUE(expected == sparse(world, isa, SparseOrder::by_query, selection, selected, runs, 2));
      // One query alone: chunks are shared out.
      const std::vector<QueryRun> last = {world.run(world.tokens - 1, 1)};
      const Result one = sparse(world, isa, SparseOrder::by_query, selection, selected, last, 2);
      EXPECT_TRUE(std::equal(one.outputs.end() - 16 * 32, one.outputs.end(), expected.outputs.end() - 16 * 32));
    }
  }
}

TEST(SparseAttention, PackedSequencesAreIndependent) {
  const Isa isa = best_isa();
  World a({8, 2, 32, 16, NumberType::bf16}, 700, 20);
  a.fill();
  World b({8, 2, 32, 16, NumberType::bf16}, 700, 21);
  b.fill();
  b.queries = a.queries;
  b.index_queries = a.index_queries;
  const Selection selection{2};
  // Rows 0..9 of the packed queries belong to the one, 10..14 to the other.
  const std::vector<QueryRun> runs = {{a.sequence.get(), 0, 10, 690}, {b.sequence.get(), 10, 5, 300}};
  const auto selected = select(a, isa, IndexForm::exact, selection, runs);
  const Result both = sparse(a, isa, SparseOrder::by_block, selection, selected, runs);
  const Result first = sparse(a, isa, SparseOrder::by_block, selection, selected, {runs[0]});
  const Result second = sparse(b, isa, SparseOrder::by_query, selection,
                               select(b, isa, IndexForm::exact, selection, {runs[1]}), {runs[1]});
  const std::ptrdiff_t row = 8 * 32;
  EXPECT_TRUE(std::equal(first.outputs.begin(), first.outputs.begin() + 10 * row, both.outputs.begin()));
  EXPECT_TRUE(std::equal(second.outputs.begin() + 10 * row, second.outputs.begin() + 15 * row,
                         both.outputs.begin() + 10 * row));
}

}  // namespace
}  // namespace plimsoll::executor
