// Whole layers against f64: decode and prefill in ragged batches of three sequences, dense and sparse.
#include "layer_oracle.hpp"

#include <cmath>

#include "world.hpp"

namespace plimsoll::executor {
namespace {

struct Form {
  bool sparse;
  NumberType type;
  Selection::Local local;
  IndexForm form;
};

// Of the new tokens of each sequence, call by call: first tokens, prefill over the ends of blocks, decode.
constexpr int calls[][3] = {{150, 1, 0}, {1, 5, 3}, {230, 1, 130}, {1, 1, 1}, {260, 377, 0}, {2, 1, 7}};
constexpr std::uint64_t seed = 21;

AttentionLayerShape shape_of(const Form& form) {
  AttentionLayerShape shape;
  shape.width = 40;
  shape.attention = {4, 2, 32, 16, form.type};
  shape.sparse = form.sparse;
  shape.selection.blocks = 2;
  shape.selection.local = form.local;
  shape.form = form.form;
  return shape;
}

// Of the root mean square of a row's update. f32: sums of some hundred terms. bf16: normed rows, keys, values and the
// outputs of attention are rounded to 8 bits one after another (each 2^-9 relative at most); dot products of bf16 pairs
// round the softmax weights, too.
double tolerance_for(Isa isa, NumberType type) {
  if (type == NumberType::f32) return 1e-5;
  return isa == Isa::avx512_bf16 ? 0.06 : 0.04;
}
// Scores of index heads are products of rows with 16 normed numbers: |q| |k| is 16.
double clear_gap(NumberType type) { return type == NumberType::f32 ? 1e-4 : 0.15; }

// `expected_rows` is filled by the first call and serves the others of this shape: one result per new token.
void expect_oracle(const Form& form, Isa isa, std::vector<LayerOracle::Result>& expected_rows) {
  const AttentionLayerShape shape = shape_of(form);
  const auto width = static_cast<std::size_t>(shape.width);
  Team team = team_of(2);
  const AttentionLayer layer(shape, isa, seed, team);
  BlockPool pool(shape.attention, 20, true);
  std::vector<Sequence> sequences;
  for (int k = 0; k < 3; ++k) sequences.emplace_back(pool);
  std::vector<LayerOracle> oracles(3, LayerOracle(shape, seed));
  AttentionWorkspace workspace;
  const int slots = selection_slots(shape.selection);
  int clear = 0;
  std::size_t all = 0;
  for (const auto& call : calls) {
    std::vector<NewTokens> tokens;
    int rows = 0;
    for (int k = 2; k >= 0; --k) {  // not in the order of the sequences
      if (call[k] > 0) tokens.push_back({&sequences[static_cast<std::size_t>(k)], rows, call[k]});
      rows += call[k];
    }
    const std::vector<float> before =
        normal_numbers(static_cast<std::size_t>(rows) * width, static_cast<std::uint64_t>(rows), NumberType::f32);
    std::vector<float> hidden = before;
    layer.run(tokens, rows, hidden.data(), workspace, team);
    for (const NewTokens& some : tokens) {
      LayerOracle& oracle = oracles[static_cast<std::size_t>(some.sequence - sequences.data())];
      for (int row = some.first_row; row < some.first_row + some.count; ++row) {
        const auto at = before.begin() + static_cast<std::ptrdiff_t>(row) * shape.width;
        if (all == expected_rows.size()) expected_rows.push_back(oracle.token(Row(at, at + shape.width)));
        const LayerOracle::Result& expected = expected_rows[all++];
        if (expected.gap < clear_gap(form.type)) continue;
        ++clear;
        for (std::size_t group = 0; group < expected.kept.size(); ++group) {
          const auto begin =
              workspace.selected.begin() +
              (static_cast<std::ptrdiff_t>(row) * shape.attention.groups + static_cast<std::ptrdiff_t>(group)) * slots;
          EXPECT_EQ(expected.kept[group], std::vector<int>(begin, std::find(begin, begin + slots, -1)))
              << "row " << row << " group " << group << " gap " << expected.gap;
        }
        double squares = 0;
        for (const double number : expected.update) squares += number * number;
        const double tolerance = tolerance_for(isa, form.type) * std::sqrt(squares / shape.width);
        for (std::size_t d = 0; d < width; ++d) {
          const std::size_t place = static_cast<std::size_t>(row) * width + d;
          ASSERT_NEAR(static_cast<double>(before[place]) + expected.update[d], static_cast<double>(hidden[place]),
                      tolerance + 2e-7)
              << "row " << row << " of " << rows << ", number " << d;
        }
      }
    }
  }
  EXPECT_GT(clear, static_cast<double>(all) * (form.type == NumberType::f32 ? 0.99 : 0.75));
}

TEST(LayerOracle, DenseIsTheLayerInF64) {
  for (const NumberType type : {NumberType::f32, NumberType::bf16}) {
    std::vector<LayerOracle::Result> expected;
    for (const Isa isa : available_isas()) {
      SCOPED_TRACE(testing::Message() << name_of(isa) << ' ' << name_of(type));
      expect_oracle({false, type, Selection::Local::inside, IndexForm::exact}, isa, expected);
    }
  }
}

TEST(LayerOracle, SparseIsTheLayerInF64) {
  for (const NumberType type : {NumberType::f32, NumberType::bf16}) {
    for (const Selection::Local local : {Selection::Local::inside, Selection::Local::beside}) {
      std::vector<LayerOracle::Result> expected;
      for (const Isa isa : available_isas()) {
        for (const IndexForm form : {IndexForm::exact, IndexForm::quantised, IndexForm::hierarchical}) {
          SCOPED_TRACE(testing::Message() << name_of(isa) << ' ' << name_of(type) << ' ' << static_cast<int>(local)
                                          << ' ' << static_cast<int>(form));
          expect_oracle({true, type, local, form}, isa, expected);
        }
      }
    }
  }
}

}  // namespace
}  // namespace plimsoll::executor
