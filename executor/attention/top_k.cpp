#include "executor/attention/top_k.hpp"

#include <cstddef>

namespace plimsoll::executor {

int top_k(std::span<const float> scores, std::span<Ranked> best) {
  const std::size_t room = best.size();
  std::size_t held = 0;
  if (room == 0) return 0;
  const auto insert = [&](float score, std::size_t index, std::size_t at) {
    // Behind those that are as good: they have lower indices.
    for (; at > 0 && best[at - 1].score < score; --at) best[at] = best[at - 1];
    best[at] = {score, static_cast<std::int32_t>(index)};
  };
  std::size_t index = 0;
  for (; index < scores.size() && held < room; ++index) insert(scores[index], index, held++);
  // Eight at a time: past the first few hundred scores hardly any enters.
  constexpr std::size_t step = 8;
  for (; index + step <= scores.size(); index += step) {
    const float worst = best[room - 1].score;
    bool any = false;
    for (std::size_t k = 0; k < step; ++k) any |= scores[index + k] > worst;
    if (!any) continue;
    for (std::size_t k = index; k < index + step; ++k) {
      if (scores[k] > best[room - 1].score) insert(scores[k], k, room - 1);
    }
  }
  for (; index < scores.size(); ++index) {
    if (scores[index] > best[room - 1].score) insert(scores[index], index, room - 1);
  }
  return static_cast<int>(held);
}

}  // namespace plimsoll::executor
