#include "planner/experts/step/report/link_use.hpp"

#include <algorithm>
#include <map>

#include "planner/experts/step/traffic.hpp"

namespace plimsoll::experts::step {
PathKind path_of(const StepInstance& instance, const Transfer& transfer) {
  if (transfer.from_host) return PathKind::host;
  const Links links(instance.experts.cluster);
  return links.node(transfer.from) == links.node(transfer.to) ? PathKind::inside : PathKind::between;
}

std::string name_of(PathKind path) {
  if (path == PathKind::host) return "from host memory";
  return path == PathKind::inside ? "inside a node" : "between nodes";
}

std::vector<int> links_of(const StepInstance& instance, const Transfer& transfer) {
  std::vector<int> links;
  for (const int link : Links(instance.experts.cluster).of(transfer).links) {
    if (link >= 0) links.push_back(link);
  }
  return links;
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
    if (Links(instance.experts.cluster).nic(device) == link / 4) return device / each;
  }
  return 0;
}

namespace {

// When dispatch and combine keep the links busy that carry transfers (docs/formats.md: "communication").
void add_tokens(const Story& story, std::vector<LinkUse>& uses) {
  const StepInstance& instance = story.instance();
  if (instance.sources.empty()) return;
  const TrafficModel model(instance);
  std::vector<Traffic> traffic;
  for (int m = 0; m < story.prepared.microsteps; ++m) {
    const ExpertPlan& part = story.plan.microsteps[static_cast<std::size_t>(m)];
    for (int layer = 0; layer < story.prepared.layers; ++layer) {
      const auto l = static_cast<std::size_t>(layer);
      traffic.push_back(model.of(m, layer, part.slots.row(l), part.shares.row(l)));
    }
  }
  for (LinkUse& use : uses) {
    const auto add = [&](double start, double seconds) {
      if (!(seconds > 0)) return;
      use.tokens.push_back({start, start + seconds});
      use.token_seconds += seconds;
    };
    const auto link = static_cast<std::size_t>(use.link);
    for (std::size_t w = 0; w < story.prepared.windows.size(); ++w) {
      const Window& window = story.prepared.windows[w];
      const Traffic& one = traffic[static_cast<std::size_t>(window.microstep * story.prepared.layers + window.layer)];
      if (link >= one.dispatch_seconds.size()) continue;
      const double start = story.after.window_start[w];
      if (instance.communication.overlap == Overlap::full) {
        add(start, one.dispatch_seconds[link] + one.combine_seconds[link]);
      } else {
        add(start, one.dispatch_seconds[link]);
        add(start + story.after.window_seconds[w] - one.combine, one.combine_seconds[link]);
      }
    }
  }
}

}  // namespace

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
      use.bytes += bytes_of(instance.experts.model, transfer.kind);
    }
  }
  std::vector<LinkUse> list;
  for (auto& [key, use] : uses) {
    std::stable_sort(use.transfers.begin(), use.transfers.end(), [&](std::size_t a, std::size_t b) {
      return story.plan.transfers[a].start_seconds < story.plan.transfers[b].start_seconds;
    });
    list.push_back(std::move(use));
  }
  add_tokens(story, list);
  return list;
}

}  // namespace plimsoll::experts::step
