#include "executor/run/transfer_work.hpp"

#include <algorithm>

#include "executor/telemetry/clock.hpp"

namespace plimsoll::executor {
namespace {

// Without a link model: no ports, no rates.
LinkModel link_model(const Cluster* links, int devices, double dilation) {
  if (links != nullptr) return LinkModel(*links, dilation);
  Cluster cluster;
  cluster.devices_per_node = devices;
  return LinkModel(cluster);
}

}  // namespace

TransferWork::TransferWork(const RunPlan& plan, const ModelWeights& weights, DeviceMemory& memory, Isa isa,
                           const Cluster* links, double dilation)
    : plan_(plan),
      weights_(weights),
      memory_(memory),
      dilation_(dilation),
      links_(link_model(links, plan.devices, dilation)),
      jobs_(plan.transfers.size(), -1),
      starts_(plan.windows.size() + 1),
      needs_(plan.windows.size()),
      over_(plan.windows.size(), false),
      engine_(links_.ports(), 1, isa) {
  for (std::size_t t = 0; t < plan.transfers.size(); ++t) {
    const RunTransfer& transfer = plan.transfers[t];
    paths_.push_back(links_.of(transfer.planned));
    starts_[static_cast<std::size_t>(transfer.anchor + 1)].push_back(static_cast<int>(t));
    needs_[static_cast<std::size_t>(transfer.needed_by)].push_back(static_cast<int>(t));
  }
}

void TransferWork::submit(int index, std::int64_t now) {
  const auto t = static_cast<std::size_t>(index);
  const RunTransfer& transfer = plan_.transfers[t];
  const Transfer& planned = transfer.planned;
  TransferJob job;
  job.bytes = weights_.expert_bytes();
  job.to = memory_.slot(planned.to, planned.layer, transfer.slot);
  job.from = planned.from_host ? weights_.expert(planned.layer, planned.expert)
                               : memory_.slot(planned.from, planned.layer, transfer.source_slot);
  job.path = paths_[t];
  job.start_ns = now + static_cast<std::int64_t>(transfer.offset * dilation_ * 1e9);
  if (transfer.source >= 0) job.after = jobs_[static_cast<std::size_t>(transfer.source)];
  job.held = !slot_is_free(index);
  jobs_[t] = engine_.submit(job);
  if (job.held) held_.push_back(index);
}

bool TransferWork::slot_is_free(int index) const {
  const RunTransfer& transfer = plan_.transfers[static_cast<std::size_t>(index)];
  if (transfer.free_after >= 0 && !over_[static_cast<std::size_t>(transfer.free_after)]) return false;
  return std::all_of(transfer.readers.begin(), transfer.readers.end(), [&](int reader) {
    const int job = jobs_[static_cast<std::size_t>(reader)];
    return job >= 0 && engine_.has_arrived(job);
  });
}

void TransferWork::release_free_slots() {
  std::erase_if(held_, [&](int transfer) {
    if (!slot_is_free(transfer)) return false;
    engine_.release(jobs_[static_cast<std::size_t>(transfer)]);
    return true;
  });
}

void TransferWork::release_now(int index) {
  const auto held = std::find(held_.begin(), held_.end(), index);
  if (held == held_.end()) return;
  for (const int reader : plan_.transfers[static_cast<std::size_t>(index)].readers) {
    release_now(reader);
    engine_.wait(jobs_[static_cast<std::size_t>(reader)]);
  }
  release_free_slots();
}

void TransferWork::window_starts(int window, std::int64_t now) {
  release_free_slots();
  for (const int transfer : starts_[static_cast<std::size_t>(window + 1)]) submit(transfer, now);
}

void TransferWork::window_ends(int window) {
  over_[static_cast<std::size_t>(window)] = true;
  release_free_slots();
}

double TransferWork::wait_for(int window) {
  double seconds = 0;
  for (const int transfer : needs_[static_cast<std::size_t>(window)]) {
    const std::int64_t begin = now_ns();
    // All that hold a link or a slot before it in the plan's order, too.
    for (const int before : std::vector<int>(held_)) {
      if (before <= transfer) release_now(before);
    }
    engine_.wait(jobs_[static_cast<std::size_t>(transfer)]);
    seconds += static_cast<double>(now_ns() - begin) * 1e-9;
  }
  return seconds;
}

void TransferWork::record(const std::vector<Lane*>& lanes) const {
  for (std::size_t t = 0; t < jobs_.size(); ++t) {
    if (jobs_[t] < 0) continue;
    const TransferReport report = engine_.report(jobs_[t]);
    if (!report.arrived) continue;
    const Transfer& planned = plan_.transfers[t].planned;
    Lane* lane = lanes[static_cast<std::size_t>(planned.to)];
    record_span(lane, {planned.from_host ? "from host" : "from device",
                       "transfer",
                       report.started_ns,
                       report.ended_ns,
                       {planned.layer, planned.microstep, planned.expert, -1}});
    record_leaving(lane, "weights", t, report.started_ns);
  }
}

}  // namespace plimsoll::executor
