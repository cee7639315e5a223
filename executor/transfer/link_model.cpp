#include "executor/transfer/link_model.hpp"

#include <cstddef>
#include <string>

#include "plimsoll/error.hpp"

namespace plimsoll::executor {
namespace {

// Of device d: ports 5 d + these; a NIC has the number of a device.
enum Port { out, in, nic_out, nic_in, host, ports_of_device };

}  // namespace

LinkModel::LinkModel(const Cluster& cluster, double dilation)
    : devices_(cluster.devices()),
      devices_per_node_(cluster.devices_per_node),
      given_(cluster.link.has_value()),
      link_(cluster.link.value_or(Link{})),
      dilation_(dilation),
      nic_of_device_(cluster.nic_of_device) {
  if (!(dilation >= 1)) {
    throw Error(ErrorCode::usage, "a dilation of links is 1 or more, not " + std::to_string(dilation));
  }
}

std::string LinkModel::name(int port) const {
  const std::string number = std::to_string(port / ports_of_device);
  switch (port % ports_of_device) {
    case out:
      return "the out port of device " + number;
    case in:
      return "the in port of device " + number;
    case nic_out:
      return "the sending side of NIC " + number;
    case nic_in:
      return "the receiving side of NIC " + number;
    default:
      return "the host link of device " + number;
  }
}

int LinkModel::nic(int device) const {
  return nic_of_device_.empty() ? device : nic_of_device_[static_cast<std::size_t>(device)];
}

LinkPath LinkModel::path(int first, int second, double rate, const char* key) const {
  if (!given_) return {};
  if (!(rate > 0)) {
    throw Error(ErrorCode::input, "a transfer goes over " + name(first) + ", which has no rate",
                std::string("/cluster/link/") + key, "Maybe give " + std::string(key) + ".");
  }
  return {{first, second}, rate / dilation_, link_.latency_seconds * dilation_};
}

LinkPath LinkModel::between(int from, int to) const {
  if (from / devices_per_node_ == to / devices_per_node_) {
    return path(ports_of_device * from + out, ports_of_device * to + in, link_.intra_bytes_per_second,
                "intra_bytes_per_second");
  }
  return path(ports_of_device * nic(from) + nic_out, ports_of_device * nic(to) + nic_in, link_.nic_bytes_per_second,
              "nic_bytes_per_second");
}

LinkPath LinkModel::from_host(int to) const {
  return path(ports_of_device * to + host, -1, link_.host_bytes_per_second, "host_bytes_per_second");
}

LinkPath LinkModel::of(const Transfer& transfer) const {
  return transfer.from_host ? from_host(transfer.to) : between(transfer.from, transfer.to);
}

}  // namespace plimsoll::executor
