#include <algorithm>

#include "executor/attention/top_k.hpp"
#include "index_world.hpp"
#include "plimsoll/error.hpp"

namespace plimsoll::executor {
namespace {

constexpr IndexForm forms[] = {IndexForm::exact, IndexForm::quantised, IndexForm::hierarchical};

// The list of one query and group without its -1s.
std::vector<std::int32_t> list_of(const World& world, const Selection& selection, const std::vector<std::int32_t>& all,
                                  int row, int group) {
  const int slots = selection_slots(selection);
  const auto begin = all.begin() + (row * world.shape.groups + group) * slots;
  return {begin, std::find(begin, begin + slots, -1)};
}

TEST(TopK, AgreesWithSortingAndPrefersLowIndices) {
  support::Random random(5, 0);
  for (int turn = 0; turn < 300; ++turn) {
    std::vector<float> scores(random.below(200));
    for (float& score : scores) score = static_cast<float>(random.below(turn % 3 == 0 ? 4 : 1000));
    if (scores.size() > 3) scores[2] = -std::numeric_limits<float>::infinity();
    std::vector<std::int32_t> order(scores.size());
    for (std::size_t k = 0; k < order.size(); ++k) order[k] = static_cast<std::int32_t>(k);
    std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) {
      return scores[static_cast<std::size_t>(a)] > scores[static_cast<std::size_t>(b)];
    });
    std::vector<Ranked> best(random.below(40));
    const int found = top_k(scores, best);
    ASSERT_EQ(found, static_cast<int>(std::min(best.size(), scores.size())));
    for (int k = 0; k < found; ++k)
      EXPECT_EQ(best[static_cast<std::size_t>(k)].index, order[static_cast<std::size_t>(k)]);
  }
}

TEST(Selection, IsThatOfTheReference) {
  for (const Isa isa : available_isas()) {
    for (const Keys kind : {Keys::random, Keys::whole_numbers, Keys::constant}) {
      World world({4, 2, 16, 32, NumberType::bf16}, 12 * block_keys + 30, 40, true);
      shape_index_keys(world, kind, 8);
      world.fill();
      for (const int k : {1, 2, 5, 16}) {
        for (const auto local : {Selection::Local::inside, Selection::Local::beside}) {
          for (const bool per_group : {true, false}) {
            const Selection selection{k, per_group, local};
            const std::vector<std::int32_t> all =
                select(world, isa, IndexForm::exact, selection, {world.run(0, world.tokens)});
            for (int row = 0; row < world.tokens; row += 41) {
              std::vector<double> joint;
              for (int group = 0; group < 2; ++group) {
                const float* query = &world.index_queries[static_cast<std::size_t>((row * 2 + group) * 32)];
                std::vector<double> scores = reference_block_scores(world.reference(), query, row);
                if (!per_group && group == 0) joint = scores;
                for (std::size_t b = 0; b < joint.size(); ++b) joint[b] = std::max(joint[b], scores[b]);
                if (per_group) {
                  EXPECT_EQ(list_of(world, selection, all, row, group),
                            reference_selection(scores, row / block_keys, selection))
                      << row;
                }
              }
              if (per_group) continue;
              const auto expected = reference_selection(joint, row / block_keys, selection);
              EXPECT_EQ(list_of(world, selection, all, row, 0), expected) << row;
              EXPECT_EQ(list_of(world, selection, all, row, 1), expected) << row;
            }
          }
        }
      }
    }
  }
}

TEST(Selection, FormsKeepTheSameSets) {
  for (const Isa isa : available_isas()) {
    for (const Keys kind : all_keys) {
      for (std::uint64_t seed = 0; seed < (isa == Isa::portable ? 2 : 6); ++seed) {
        SCOPED_TRACE(testing::Message() << name_of(isa) << " keys " << static_cast<int>(kind) << " seed " << seed);
        const NumberType type = seed % 3 == 2 ? NumberType::f32 : NumberType::bf16;
        World world({4, 2, 16, seed % 2 == 0 ? 64 : 128, type}, 50 * block_keys + 1, 50 + seed, true);
        shape_index_keys(world, kind, seed);
        if (seed == 1) world.index_queries[5] = std::numeric_limits<float>::quiet_NaN();
        if (seed == 3) world.index_queries[5] = std::numeric_limits<float>::infinity();
        world.fill();
        std::vector<QueryRun> runs = {world.run(49 * block_keys + 100, 29),
                                      {world.sequence.get(), 0, 2, 50 * block_keys - 1},
                                      {world.sequence.get(), 2, 3, 17 * block_keys - 1}};
        const Selection selection{seed % 2 == 0 ? 4 : 16, seed % 4 != 3,
                                  seed % 3 == 0 ? Selection::Local::inside : Selection::Local::beside};
        const std::vector<std::int32_t> exact = select(world, isa, IndexForm::exact, selection, runs);
        EXPECT_EQ(exact, select(world, isa, IndexForm::quantised, selection, runs));
        EXPECT_EQ(exact, select(world, isa, IndexForm::hierarchical, selection, runs));
        // Few queries take the other branch of the hierarchical form.
        runs.erase(runs.begin());
        const std::vector<std::int32_t> few = select(world, isa, IndexForm::exact, selection, runs);
        EXPECT_EQ(few, select(world, isa, IndexForm::hierarchical, selection, runs));
        EXPECT_EQ(few, select(world, isa, IndexForm::quantised, selection, runs, 1));
      }
    }
  }
}

TEST(Selection, DoesNotDependOnBatchesThreadsOrPlaces) {
  World world({4, 2, 16, 64, NumberType::bf16}, 40 * block_keys, 60, true);
  world.fill();
  for (const IndexForm form : forms) {
    const Selection selection{8};
    const int last = world.tokens - 300;
    const std::vector<std::int32_t> whole = select(world, best_isa(), form, selection, {world.run(last, 300)}, 1);
    for (int number = 0; number < 40; ++number) world.sequence->move_block((number * 7) % 40);
    std::vector<QueryRun> single;
    for (int token = last; token < world.tokens; ++token) single.push_back(world.run(token, 1));
    EXPECT_EQ(whole, select(world, best_isa(), form, selection, single, 3));
  }
}

TEST(Selection, HierarchyReadsLittleOfClusteredKeys) {
  World world({4, 4, 16, 64, NumberType::bf16}, 256 * block_keys + 1, 70, true);
  shape_index_keys(world, Keys::clustered, 5);
  world.fill();
  const std::vector<QueryRun> runs = {world.run(256 * block_keys, 1)};
  IndexTraffic flat;
  IndexTraffic hierarchical;
  const auto expected = select(world, best_isa(), IndexForm::quantised, {}, runs, 2, &flat);
  EXPECT_EQ(expected, select(world, best_isa(), IndexForm::hierarchical, {}, runs, 2, &hierarchical));
  EXPECT_LT(hierarchical.quantised_bytes, flat.quantised_bytes);
}

TEST(Selection, RefusesACacheWithoutWhatItReads) {
  World world({4, 2, 16, 64, NumberType::bf16}, 300, 60, false);
  world.fill();
  EXPECT_THROW((void)select(world, Isa::portable, IndexForm::quantised, {}, {world.run(0, 300)}), Error);
  EXPECT_THROW((void)select(world, Isa::portable, IndexForm::exact, {0}, {world.run(0, 300)}), Error);
}

}  // namespace
}  // namespace plimsoll::executor
