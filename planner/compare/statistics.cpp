#include "planner/compare/statistics.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace plimsoll::compare {

std::optional<double> mean(const std::vector<double>& values) {
  if (values.empty()) return std::nullopt;
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

std::optional<double> shifted_geometric_mean(const std::vector<double>& values, double shift) {
  if (values.empty()) return std::nullopt;
  double sum = 0;
  for (const double value : values) sum += std::log(value + shift);
  return std::max(0.0, std::exp(sum / static_cast<double>(values.size())) - shift);
}

double sign_test(std::size_t better, std::size_t worse) {
  const std::size_t n = better + worse;
  const std::size_t fewer = std::min(better, worse);
  if (n == 0 || 2 * fewer >= n) return 1;
  // Binomial coefficients over 2^n, in logarithms so that large n neither overflow nor vanish.
  double logarithm = -static_cast<double>(n) * std::log(2.0);
  double tail = std::exp(logarithm);
  for (std::size_t k = 1; k <= fewer; ++k) {
    logarithm += std::log(static_cast<double>(n - k + 1) / static_cast<double>(k));
    tail += std::exp(logarithm);
  }
  return std::min(1.0, 2 * tail);
}

std::vector<Curve> performance_profiles(const std::vector<std::vector<std::optional<double>>>& values, double floor) {
  const std::size_t problems = values.empty() ? 0 : values.front().size();
  std::vector<double> best(problems, std::numeric_limits<double>::infinity());
  for (const auto& of_method : values) {
    for (std::size_t p = 0; p < problems; ++p) {
      if (of_method[p]) best[p] = std::min(best[p], std::max(*of_method[p], floor));
    }
  }
  std::vector<Curve> profiles;
  for (const auto& of_method : values) {
    std::vector<double> ratios;
    for (std::size_t p = 0; p < problems; ++p) {
      if (of_method[p]) ratios.push_back(std::max(*of_method[p], floor) / best[p]);
    }
    std::sort(ratios.begin(), ratios.end());
    Curve curve{{1.0, 0.0}};
    for (std::size_t k = 0; k < ratios.size(); ++k) {
      const double share = static_cast<double>(k + 1) / static_cast<double>(problems);
      if (curve.back().first == ratios[k]) {
        curve.back().second = share;
      } else {
        curve.emplace_back(ratios[k], share);
      }
    }
    profiles.push_back(std::move(curve));
  }
  return profiles;
}

Curve counted_until(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  Curve curve;
  for (std::size_t k = 0; k < values.size(); ++k) {
    if (!curve.empty() && curve.back().first == values[k]) curve.pop_back();
    curve.emplace_back(values[k], static_cast<double>(k + 1));
  }
  return curve;
}

Curve mean_of_steps(const std::vector<Curve>& curves) {
  // Every change of one curve changes the sum; it is summed afresh now and then, so that rounding cannot add up.
  std::vector<std::pair<double, std::size_t>> changes;
  for (std::size_t c = 0; c < curves.size(); ++c) {
    for (const auto& [at, value] : curves[c]) changes.emplace_back(at, c);
  }
  std::stable_sort(changes.begin(), changes.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::size_t> taken(curves.size(), 0);
  std::vector<double> now(curves.size(), 0.0);
  Curve result;
  double sum = 0;
  for (std::size_t k = 0; k < changes.size(); ++k) {
    const auto [at, c] = changes[k];
    const double value = curves[c][taken[c]++].second;
    sum += value - now[c];
    now[c] = value;
    if (k + 1 < changes.size() && changes[k + 1].first == at) continue;
    if (k % 64 == 0 || k + 1 == changes.size()) sum = std::accumulate(now.begin(), now.end(), 0.0);
    result.emplace_back(at, std::max(0.0, sum / static_cast<double>(curves.size())));
  }
  return result;
}

}  // namespace plimsoll::compare
