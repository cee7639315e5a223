#include "planner/assignment/search/region_worker.hpp"

#include <algorithm>
#include <cmath>

#include "planner/assignment/exact/cost_branch.hpp"
#include "planner/assignment/search/region.hpp"

namespace plimsoll::assignment {
namespace {

constexpr double least_bins = 3;
constexpr std::uint64_t region_work = 6'000'000;

std::size_t z(int index) { return static_cast<std::size_t>(index); }

}  // namespace

RegionWorker::RegionWorker(const Prepared& prepared, std::uint64_t seed)
    : prepared_(prepared), random_(seed, 77), size_(std::min<double>(5, prepared.bins)) {}

bool RegionWorker::done() const { return prepared_.bins <= 3 || prepared_.limits_changes(); }

// A random bin and those to which its items could go at little loss: the more items would lose little, the likelier.
std::vector<int> RegionWorker::choose_bins(const std::vector<int>& bin_of) {
  std::vector<int> bins{static_cast<int>(random_.below(z(prepared_.bins)))};
  const auto wanted = static_cast<std::size_t>(std::lround(size_));
  std::vector<double> pull(z(prepared_.bins), 0.0);
  while (bins.size() < std::min(wanted, z(prepared_.bins))) {
    const int last = bins.back();
    for (int item = 0; item < prepared_.items; ++item) {
      if (bin_of[z(item)] != last) continue;
      const double here = prepared_.cost.at(z(last), z(item));
      for (int bin = 0; bin < prepared_.bins; ++bin) {
        if (!prepared_.can(bin, item)) continue;
        const double loss = std::max(0.0, prepared_.cost.at(z(bin), z(item)) - here);
        pull[z(bin)] += 1 / (1 + loss / (1 + std::abs(here)));
      }
    }
    int next = -1;
    double most = -1;
    for (int bin = 0; bin < prepared_.bins; ++bin) {
      if (std::find(bins.begin(), bins.end(), bin) != bins.end()) continue;
      const double chance = pull[z(bin)] * (0.1 + random_.uniform());
      if (chance <= most) continue;
      most = chance;
      next = bin;
    }
    bins.push_back(next);
  }
  std::sort(bins.begin(), bins.end());
  return bins;
}

void RegionWorker::improve(Context& context) {
  std::vector<int> bin_of = context.best_bins();
  const Region region = region_of(prepared_, bin_of, choose_bins(bin_of));
  context.meter().add_work(4 * z(prepared_.items) * z(prepared_.bins) + 1000);
  if (region.items.size() < 2) return;
  const Prepared prepared(region.instance);
  SolveOptions options;
  options.stop = context.options().stop;
  std::optional<double> seconds;
  if (context.options().time_limit_seconds) seconds = *context.options().time_limit_seconds - context.meter().seconds();
  support::Meter meter(region_work, seconds, options.stop);
  Context inner(prepared, options, meter);
  inner.offer_bins(region.now);
  const auto before = inner.objective();
  CostBranch branch(prepared);
  while (before && !inner.should_stop() && !branch.done()) branch.turn(inner, region_work);
  context.meter().add_work(meter.work());
  const double most = std::max(least_bins, static_cast<double>(prepared_.bins - 1));
  size_ = std::clamp(size_ * (inner.closed() ? 1.05 : 0.93), least_bins, most);
  if (!before || *inner.objective() >= *before) return;
  region.put(inner.best_bins(), bin_of);
  context.offer_bins(bin_of);
}

void RegionWorker::turn(Context& context, std::uint64_t work) {
  const std::uint64_t end = context.meter().work() + work;
  while (context.best() && context.meter().work() < end && !context.should_stop()) improve(context);
}

}  // namespace plimsoll::assignment
