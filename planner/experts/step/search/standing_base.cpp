#include "planner/experts/step/search/standing_base.hpp"

#include <algorithm>

#include "planner/experts/context.hpp"
#include "planner/experts/method.hpp"

namespace plimsoll::experts::step {
namespace {

// What a static plan of one layer may cost, per slot.
constexpr std::uint64_t work_per_slot = 4000;

// Memory is what transient slots leave that hold no base replicas.
ExpertInstance base_instance(const Prepared& prepared, bool use_transient_columns) {
  ExpertInstance base = prepared.instance.experts;
  if (use_transient_columns) {
    for (int& slots : base.cluster.slots) slots += prepared.transient;
    base.cluster.fill_slots = false;
    if (base.placement) base.placement = widened(prepared, *base.placement);
  } else if (base.cluster.memory_bytes) {
    const double reserved = static_cast<double>(prepared.transient) * (prepared.pool ? 1.0 : prepared.layers);
    base.cluster.memory_bytes = std::max(0.0, *base.cluster.memory_bytes - reserved * base.model.expert_bytes);
  }
  return base;
}

}  // namespace

Matrix<int> widened(const Prepared& prepared, const Matrix<int>& slots) {
  Matrix<int> wide(slots.rows(), static_cast<std::size_t>(prepared.total_columns()), -1);
  for (std::size_t layer = 0; layer < slots.rows(); ++layer) {
    auto from = slots.row(layer).begin();
    for (int device = 0; device < prepared.devices; ++device) {
      const auto d = static_cast<std::size_t>(device);
      const int own = prepared.instance.experts.cluster.slots[d];
      std::copy(from, from + own, wide.row(layer).begin() + prepared.columns.first_slot[d]);
      from += own;
    }
  }
  return wide;
}

Matrix<int> standing_base(const Prepared& prepared, bool use_transient_columns, std::uint64_t seed, int threads,
                          support::Meter& meter) {
  const ExpertInstance instance = base_instance(prepared, use_transient_columns);
  const experts::Prepared plain(instance);
  if (!plain.impossible.empty()) return {};
  SolveOptions options;
  options.seed = seed;
  options.threads = threads;
  const auto slots = static_cast<std::uint64_t>(plain.layers) * static_cast<std::uint64_t>(plain.total_slots());
  support::Meter own(std::max<std::uint64_t>(1'000'000, work_per_slot * slots), meter.seconds_left(), meter.stop());
  experts::Context inner(plain, options, own);
  experts::run_local(plain, inner);
  meter.add_work(own.work());
  if (!inner.best()) return {};
  return use_transient_columns ? inner.best()->slots : widened(prepared, inner.best()->slots);
}

}  // namespace plimsoll::experts::step
