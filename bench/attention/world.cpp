#include "bench/attention/world.hpp"

#include <algorithm>

namespace plimsoll::bench {

using executor::block_keys;

World::World(Bench& bench, const executor::AttentionShape& of, int keys, Keys kind, bool quantised)
    : shape(of),
      pool(of, keys / block_keys + 8 + (bench.options.shuffled ? keys / block_keys : 0), quantised),
      sequence(pool),
      scale(1.0F / std::sqrt(static_cast<float>(of.head_size))),
      topical(kind == Keys::topical) {
  constexpr int step = 8192;
  const auto width = static_cast<std::size_t>(shape.groups * shape.head_size);
  const auto index = static_cast<std::size_t>(shape.index_size);
  std::vector<float> some(step * width);
  numbers.fill(some);
  std::vector<float> index_keys(step * index);
  std::vector<float> centre(index, 0.0F);
  std::size_t left = 0;
  for (int first = 0; first < keys; first += step) {
    const int count = std::min(step, keys - first);
    numbers.fill(index_keys);
    for (std::size_t j = 0; j < index_keys.size() && kind != Keys::random; j += index) {
      if (kind == Keys::outlier_channels) {
        for (std::size_t d = 3; d < index; d += 32) index_keys[j + d] = 30.0F + 10.0F * index_keys[j + d];
        continue;
      }
      if (left == 0) {
        left = 512 + random.below(3584);
        numbers.fill(centre);
        centres.insert(centres.end(), centre.begin(), centre.end());
      }
      --left;
      for (std::size_t d = 0; d < index; ++d)
        index_keys[j + d] = centre[d] + (kind == Keys::tight ? 0.1F : 0.25F) * index_keys[j + d];
    }
    sequence.append(count, some.data(), some.data(), index_keys.data(), bench.team);
  }
  if (bench.options.shuffled) {
    for (int number = 0; number < keys / block_keys; ++number) {
      sequence.move_block(static_cast<int>(random.below(static_cast<std::size_t>(keys / block_keys))));
    }
  }
}

void World::fill_index_queries(std::vector<float>& to) {
  numbers.fill(to);
  if (!topical) return;
  const auto index = static_cast<std::size_t>(shape.index_size);
  for (std::size_t row = 0; row < to.size(); row += index) {
    const std::size_t topic = static_cast<std::size_t>(random.below(centres.size() / index)) * index;
    for (std::size_t d = 0; d < index; ++d) to[row + d] = centres[topic + d] + 0.5F * to[row + d];
  }
}

}  // namespace plimsoll::bench
