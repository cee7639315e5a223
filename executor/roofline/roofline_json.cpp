#include "executor/roofline/roofline.hpp"
#include "support/json.hpp"

namespace plimsoll::executor {

std::string roofline_json(const Roofline& roofline, const ModelShape& shape, const std::string& machine) {
  const Ceilings& ceilings = roofline.ceilings;
  support::Writer writer;
  writer.begin_object().key("plimsoll").value(1).key("report").value("roofline");
  writer.key("shape").value(shape.name).key("machine").value(machine);
  writer.key("isa").value(name_of(ceilings.isa)).key("threads").value(ceilings.threads);
  writer.key("ceilings").begin_object();
  writer.key("f64_flops_per_second").value(ceilings.f64_flops).key("f32_flops_per_second").value(ceilings.f32_flops);
  writer.key("bf16_flops_per_second").value(ceilings.bf16_flops);
  writer.key("read_bytes_per_second").value(ceilings.read_bytes_per_second);
  writer.key("copy_bytes_per_second").value(ceilings.copy_bytes_per_second);
  writer.key("other_busy").value(ceilings.other_busy).end_object();
  writer.key("kernels").begin_array();
  for (const RooflinePoint& point : roofline.points) {
    writer.begin_flat_object().key("kernel").value(point.kernel).key("tokens").value(point.tokens);
    writer.key("flops").value(point.flops).key("bytes").value(point.bytes).key("seconds").value(point.seconds);
    writer.key("bound").value(point.compute_bound ? "compute" : "memory").key("share").value(point.share);
    writer.key("ceiling").value(point.ceiling);
    writer.key("other_busy").value(point.other_busy).end_object();
  }
  writer.end_array().end_object();
  return writer.take();
}

}  // namespace plimsoll::executor
