#include "planner/experts/step/report/link_use.hpp"

#include <algorithm>
#include <map>

namespace plimsoll::experts::step {
namespace {

int nic_of(const StepInstance& instance, int device) {
  const auto& nics = instance.experts.cluster.nic_of_device;
  return nics.empty() ? device : nics[static_cast<std::size_t>(device)];
}

}  // namespace

PathKind path_of(const StepInstance& instance, const Transfer& transfer) {
  if (transfer.from_host) return PathKind::host;
  const int each = instance.experts.cluster.devices_per_node;
  return transfer.from / each == transfer.to / each ? PathKind::inside : PathKind::between;
}

std::string name_of(PathKind path) {
  if (path == PathKind::host) return "from host memory";
  return path == PathKind::inside ? "inside a node" : "between nodes";
}

std::vector<int> links_of(const StepInstance& instance, const Transfer& transfer) {
  const int devices = instance.experts.cluster.devices();
  switch (path_of(instance, transfer)) {
    case PathKind::host:
      return {4 * devices + transfer.to};
    case PathKind::inside:
      return {4 * transfer.from, 4 * transfer.to + 1};
    case PathKind::between:
      break;
  }
  return {4 * nic_of(instance, transfer.from) + 2, 4 * nic_of(instance, transfer.to) + 3};
}

LinkKind kind_of_link(const StepInstance& instance, int link) {
  if (link >= 4 * instance.experts.cluster.devices()) return LinkKind::host;
  constexpr LinkKind kinds[] = {LinkKind::port_out, LinkKind::port_in, LinkKind::nic_out, LinkKind::nic_in};
  return kinds[link % 4];
}

std::string name_of_link(const StepInstance& instance, int link) {
  const int devices = instance.experts.cluster.devices();
  switch (kind_of_link(instance, link)) {
    case LinkKind::port_out:
      return "device " + std::to_string(link / 4) + " out";
    case LinkKind::port_in:
      return "device " + std::to_string(link / 4) + " in";
    case LinkKind::nic_out:
      return "NIC " + std::to_string(link / 4) + " out";
    case LinkKind::nic_in:
      return "NIC " + std::to_string(link / 4) + " in";
    case LinkKind::host:
      break;
  }
  return "host to device " + std::to_string(link - 4 * devices);
}

int node_of_link(const StepInstance& instance, int link) {
  const int devices = instance.experts.cluster.devices();
  const int each = instance.experts.cluster.devices_per_node;
  const LinkKind kind = kind_of_link(instance, link);
  if (kind == LinkKind::host) return (link - 4 * devices) / each;
  if (kind == LinkKind::port_out || kind == LinkKind::port_in) return link / 4 / each;
  for (int device = 0; device < devices; ++device) {
    if (nic_of(instance, device) == link / 4) return device / each;
  }
  return 0;
}

double bytes_of(const StepInstance& instance, const Transfer& transfer) {
  const ExpertModel& model = instance.experts.model;
  return transfer.kind == TransferKind::weights ? model.expert_bytes : model.gradient_bytes;
}

double exposed_from(const Story& story, const Transfer& transfer) {
  if (transfer.kind == TransferKind::gradient) return story.last_end();
  const int window = story.prepared.forward_window.at(static_cast<std::size_t>(transfer.microstep),
                                                      static_cast<std::size_t>(transfer.layer));
  const auto w = static_cast<std::size_t>(window);
  return story.after.window_start[w] - story.after.waited[w];
}

std::vector<LinkUse> use_of_links(const Story& story) {
  const StepInstance& instance = story.instance();
  std::map<std::pair<LinkKind, int>, LinkUse> uses;
  for (std::size_t k = 0; k < story.plan.transfers.size(); ++k) {
    const Transfer& transfer = story.plan.transfers[k];
    const double exposed = exposed_from(story, transfer);
    for (const int link : links_of(instance, transfer)) {
      LinkUse& use = uses[{kind_of_link(instance, link), link}];
      use.link = link;
      use.transfers.push_back(k);
      use.busy_seconds += transfer.end_seconds - transfer.start_seconds;
      use.exposed_seconds += std::max(0.0, transfer.end_seconds - std::max(transfer.start_seconds, exposed));
      use.bytes += bytes_of(instance, transfer);
    }
  }
  std::vector<LinkUse> list;
  for (auto& [key, use] : uses) {
    std::stable_sort(use.transfers.begin(), use.transfers.end(), [&](std::size_t a, std::size_t b) {
      return story.plan.transfers[a].start_seconds < story.plan.transfers[b].start_seconds;
    });
    list.push_back(std::move(use));
  }
  return list;
}

}  // namespace plimsoll::experts::step
