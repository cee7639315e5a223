#include "planner/experts/step/links.hpp"

namespace plimsoll::experts::step {

std::string Links::name(int link) const {
  if (link >= 4 * devices_) return "the host link of device " + std::to_string(link - 4 * devices_);
  const std::string number = std::to_string(link / 4);
  switch (link % 4) {
    case 0:
      return "the out port of device " + number;
    case 1:
      return "the in port of device " + number;
    case 2:
      return "the sending side of NIC " + number;
    default:
      return "the receiving side of NIC " + number;
  }
}

Path Links::between(int from, int to) const {
  if (node(from) == node(to)) {
    return {{out_port(from), in_port(to)}, given() ? cluster_->link->intra_bytes_per_second : 0.0};
  }
  return {{nic_out(from), nic_in(to)}, given() ? cluster_->link->nic_bytes_per_second : 0.0};
}

Path Links::from_host(int to) const {
  return {{host_link(to), -1}, given() ? cluster_->link->host_bytes_per_second : 0.0};
}

}  // namespace plimsoll::experts::step
