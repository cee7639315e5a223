#include "executor/calibrate/calibrate.hpp"
#include "support/json.hpp"

namespace plimsoll::executor {

std::string cost_json(const MeasuredCost& measured, const ModelShape& shape, const std::string& machine,
                      const std::string& command) {
  support::Writer writer;
  writer.begin_object().key("plimsoll").value(1).key("measured").value(shape.name);
  writer.key("x-machine").value(machine).key("x-command").value(command).key("x-other_busy").value(measured.other_busy);
  writer.key("cost").begin_object();
  writer.key("token_seconds").value(measured.cost.token_seconds);
  writer.key("other_seconds").value(measured.cost.other_seconds);
  writer.key("expert_seconds").begin_array();
  for (const ExpertCost::Point& point : measured.cost.expert_seconds) {
    writer.line(std::vector<double>{point.tokens, point.seconds});
  }
  writer.end_array().end_object();
  writer.key("expert_bytes").value(measured.expert_bytes);
  if (measured.link.intra_bytes_per_second > 0) {
    writer.key("link").begin_object();
    writer.key("intra_bytes_per_second").value(measured.link.intra_bytes_per_second);
    writer.key("nic_bytes_per_second").value(measured.link.nic_bytes_per_second);
    writer.key("host_bytes_per_second").value(measured.link.host_bytes_per_second);
    writer.key("latency_seconds").value(measured.link.latency_seconds).end_object();
  }
  writer.key("shared_bytes_per_second").value(measured.shared_bytes_per_second);
  writer.key("devices_at_once").value(measured.devices_at_once);
  writer.key("threads_of_a_device").value(measured.threads_of_a_device);
  writer.end_object();
  return writer.take();
}

}  // namespace plimsoll::executor
