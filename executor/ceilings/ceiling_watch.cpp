#include "executor/ceilings/ceiling_watch.hpp"

#include "executor/ceilings/measurement.hpp"

namespace plimsoll::executor {
namespace {

constexpr double shortest_sample = 0.002;
constexpr double longest_sample = 0.05;
constexpr int most_samples = 5;
constexpr double chunk_seconds = 0.0005;

}  // namespace

CeilingWatch::CeilingWatch(Team& team, const CeilingOptions& options)
    : measurement_(std::make_unique<Measurement>(team, options)), whole_(measurement_->all()) {
  const auto rounds_of_chunk = [&](const Arithmetic& arithmetic, double flops) {
    return 1 + static_cast<std::int64_t>(chunk_seconds * flops / team.size() / arithmetic.flops_per_round);
  };
  f32_rounds_ = rounds_of_chunk(measurement_->f32(), whole_.f32_flops);
  bf16_rounds_ = rounds_of_chunk(measurement_->bf16(), whole_.bf16_flops);
}

CeilingWatch::~CeilingWatch() = default;

void CeilingWatch::again(double seconds) {
  const int samples = std::clamp(static_cast<int>(std::min(seconds, 1.0) / longest_sample), 1, most_samples);
  for (int k = 0; k < samples; ++k) sample(std::clamp(seconds, shortest_sample, longest_sample));
}

void CeilingWatch::sample(double length) {
  const std::size_t all = measurement_->bytes();
  const auto asked = static_cast<std::size_t>(length * whole_.read_bytes_per_second);
  const std::size_t bytes = std::clamp(asked / stream_grain * stream_grain, stream_grain, all);
  if (at_ + bytes > all) at_ = 0;
  const double read = measurement_->read_again(at_, bytes);
  at_ += bytes;
  const auto chunks = static_cast<int>(length / chunk_seconds);
  const double f32 = measurement_->compute_again(measurement_->f32(), f32_rounds_, chunks);
  const bool same = &measurement_->bf16() == &measurement_->f32();
  const double bf16 = same ? f32 : measurement_->compute_again(measurement_->bf16(), bf16_rounds_, chunks);
  period_.read_bytes_per_second = std::max(period_.read_bytes_per_second, read);
  period_.f32_flops = std::max(period_.f32_flops, f32);
  period_.bf16_flops = std::max(period_.bf16_flops, bf16);
  ++period_.samples;
}

const CeilingWatch::Period& CeilingWatch::period() {
  if (period_.samples == 0) again(0);
  return period_;
}

}  // namespace plimsoll::executor
