#include "planner/experts/convert/exporting.hpp"

#include <algorithm>

#include "plimsoll/error.hpp"
#include "support/json_text.hpp"

namespace plimsoll::experts {
namespace {

[[noreturn]] void refuse(const std::string& message, const std::string& pointer, const std::string& advice) {
  throw Error(ErrorCode::unsupported, message, pointer, advice);
}

}  // namespace

void require_even_slots(const ExpertInstance& instance, const ExpertPlan& plan, std::string_view target,
                        Duplicates duplicates) {
  const Cluster& cluster = instance.cluster;
  const std::string engine(target);
  if (!cluster.dead.empty()) {
    refuse("device " + std::to_string(cluster.dead.front()) + " is dead, and " + engine +
               " numbers its ranks without gaps",
           "/plan/slots", "Maybe make an instance of the live devices only.");
  }
  const auto uneven = std::adjacent_find(cluster.slots.begin(), cluster.slots.end(), std::not_equal_to<>());
  if (uneven != cluster.slots.end()) {
    const auto device = std::distance(cluster.slots.begin(), uneven);
    refuse("device " + std::to_string(device) + " has " + std::to_string(*uneven) + " slots, device " +
               std::to_string(device + 1) + " has " + std::to_string(*std::next(uneven)) + ", and " + engine +
               " needs the same number on every device",
           "/plan/slots", "Maybe solve with one number as cluster.slots.");
  }
  const auto each = static_cast<std::size_t>(cluster.slots.front());
  for (std::size_t layer = 0; layer < plan.slots.rows(); ++layer) {
    const auto row = plan.slots.row(layer);
    for (std::size_t slot = 0; slot < row.size(); ++slot) {
      const std::string pointer = "/plan/slots/" + std::to_string(layer) + "/" + std::to_string(slot);
      const std::size_t device = slot / each;
      if (row[slot] < 0) {
        refuse("a slot of device " + std::to_string(device) + " is empty, and " + engine + " takes no -1", pointer,
               "Maybe solve with \"fill_slots\": true.");
      }
      const auto begin = row.begin() + static_cast<std::ptrdiff_t>(device * each);
      const auto end = row.begin() + static_cast<std::ptrdiff_t>(slot);
      if (duplicates == Duplicates::forbidden && std::find(begin, end, row[slot]) != end) {
        refuse("device " + std::to_string(device) + " holds expert " + std::to_string(row[slot]) + " twice, and " +
                   engine + " maps an expert to one place on a device",
               pointer, "Maybe solve with \"duplicates\": false.");
      }
    }
  }
}

std::string write_csv(const ExpertInstance& instance, const ExpertPlan& plan, const std::vector<std::int64_t>& layers) {
  std::vector<int> device_of_slot;
  for (int device = 0; device < instance.cluster.devices(); ++device) {
    device_of_slot.insert(device_of_slot.end(),
                          static_cast<std::size_t>(instance.cluster.slots[static_cast<std::size_t>(device)]), device);
  }
  std::string text = "layer,slot,device,expert,share\n";
  for (std::size_t layer = 0; layer < plan.slots.rows(); ++layer) {
    for (std::size_t slot = 0; slot < plan.slots.columns(); ++slot) {
      text += std::to_string(layers[layer]) + "," + std::to_string(slot) + "," + std::to_string(device_of_slot[slot]) +
              "," + std::to_string(plan.slots.at(layer, slot)) + "," +
              support::number_text(plan.shares.at(layer, slot)) + "\n";
    }
  }
  return text;
}

}  // namespace plimsoll::experts
