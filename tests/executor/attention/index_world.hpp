// Index keys of several kinds, for tests of selection.
#pragma once

#include "executor/attention/index_branch.hpp"
#include "world.hpp"

namespace plimsoll::executor {

enum class Keys { random, clustered, outlier_channels, whole_numbers, constant, tiny, huge, not_finite };

inline constexpr Keys all_keys[] = {Keys::random,        Keys::clustered, Keys::outlier_channels,
                                    Keys::whole_numbers, Keys::constant,  Keys::tiny,
                                    Keys::huge,          Keys::not_finite};

inline void shape_index_keys(World& world, Keys kind, std::uint64_t seed) {
  support::Random random(seed, 77);
  const auto size = static_cast<std::size_t>(world.shape.index_size);
  std::vector<float> centre(size, 0.5F);
  for (std::size_t j = 0; j < world.index_keys.size() / size; ++j) {
    if (j % 1024 == 700) {
      for (float& number : centre) number = static_cast<float>(random.normal());
    }
    for (std::size_t d = 0; d < size; ++d) {
      float& number = world.index_keys[j * size + d];
      if (kind == Keys::clustered) number = centre[d] + 0.1F * number;
      if (kind == Keys::outlier_channels && d % 16 == 3) number = 40.0F + 20.0F * number;
      if (kind == Keys::whole_numbers) number = static_cast<float>(random.below(3)) - 1.0F;
      if (kind == Keys::constant) number = 0.7F;
      if (kind == Keys::tiny) number *= 1e-38F;
      if (kind == Keys::huge) number *= 1e18F;
      if (kind == Keys::not_finite && random.below(20000) == 0) {
        number =
            random.below(2) == 0 ? std::numeric_limits<float>::quiet_NaN() : std::numeric_limits<float>::infinity();
      }
    }
  }
  for (float& number : world.index_keys) {
    if (world.shape.type == NumberType::bf16) number = to_float(to_bfloat16(number));
  }
  if (kind == Keys::whole_numbers) {
    for (float& number : world.index_queries) number = static_cast<float>(random.below(3)) - 1.0F;
  }
}

inline std::vector<std::int32_t> select(const World& world, Isa isa, IndexForm form, const Selection& selection,
                                        const std::vector<QueryRun>& runs, int threads = 2,
                                        IndexTraffic* traffic = nullptr) {
  std::vector<std::int32_t> selected(
      static_cast<std::size_t>(world.tokens * world.shape.groups * selection_slots(selection)), -2);
  Team team = team_of(threads);
  AttentionWorkspace workspace;
  const IndexTraffic read = select_blocks({world.shape, selection, form, isa}, runs, world.index_queries.data(),
                                          selected.data(), workspace, team);
  if (traffic != nullptr) *traffic = read;
  return selected;
}

}  // namespace plimsoll::executor
