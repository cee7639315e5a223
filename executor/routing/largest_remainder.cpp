#include "executor/routing/largest_remainder.hpp"

#include <cmath>
#include <cstddef>
#include <numeric>

namespace plimsoll::executor {

void largest_remainder(std::int64_t total, std::span<const double> weights, std::span<std::int64_t> parts) {
  const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
  std::int64_t left = total;
  const auto quota = [&](std::size_t i) { return sum > 0 ? static_cast<double>(total) * (weights[i] / sum) : 0.0; };
  for (std::size_t i = 0; i < weights.size(); ++i) {
    parts[i] = static_cast<std::int64_t>(quota(i));
    left -= parts[i];
  }
  // Few weights: the place of each unit that is left is searched anew. What a part already has beyond its quota counts
  // against it, so that no part gets two. Below 0 only where the quotas themselves were rounded up.
  while (left != 0) {
    const double sign = left > 0 ? 1.0 : -1.0;
    std::size_t best = weights.size();
    double most = 0;
    for (std::size_t i = 0; i < weights.size(); ++i) {
      if (!(weights[i] > 0) || (left < 0 && parts[i] == 0)) continue;
      const double lacks = sign * (quota(i) - static_cast<double>(parts[i]));
      if (best == weights.size() || lacks > most) {
        best = i;
        most = lacks;
      }
    }
    if (best == weights.size()) return;
    parts[best] += left > 0 ? 1 : -1;
    left -= left > 0 ? 1 : -1;
  }
}

}  // namespace plimsoll::executor
