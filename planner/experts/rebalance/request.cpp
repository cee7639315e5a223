#include "planner/experts/rebalance/request.hpp"

#include <string>

#include "planner/experts/read_parts.hpp"
#include "plimsoll/error.hpp"
#include "support/json.hpp"

namespace plimsoll::experts {
namespace {

std::string place(const char* table, std::size_t row, std::size_t column) {
  return std::string(table) + "/" + std::to_string(row) + "/" + std::to_string(column);
}

void check_load(const Matrix<double>& load) {
  if (load.rows() == 0 || load.columns() == 0) refuse("expected at least one layer and one expert", "/load");
  const double cells = static_cast<double>(load.rows()) * static_cast<double>(load.columns());
  if (cells > static_cast<double>(kMostCells)) {
    refuse("layers * experts is more than the " + std::to_string(kMostCells) + " that this version handles", "/load");
  }
  for (std::size_t layer = 0; layer < load.rows(); ++layer) {
    for (std::size_t expert = 0; expert < load.columns(); ++expert) {
      const double tokens = load.at(layer, expert);
      if (tokens >= 0 && tokens <= kMostTokens) continue;
      refuse("expected a number of tokens from 0 to 1e15, got " + support::Json(tokens).shown(),
             place("/load", layer, expert));
    }
  }
}

void check_counts(const RebalanceRequest& request) {
  const auto positive = [](int value, const char* pointer) {
    if (value < 1) refuse("expected a number of at least 1, got " + std::to_string(value), pointer);
  };
  positive(request.slots, "/slots");
  positive(request.groups, "/groups");
  positive(request.nodes, "/nodes");
  positive(request.devices, "/devices");
  if (request.devices % request.nodes != 0) {
    refuse("expected a divisor of the " + std::to_string(request.devices) + " devices, got " +
               std::to_string(request.nodes),
           "/nodes");
  }
  if (request.slots % request.devices != 0) {
    refuse("expected a multiple of the " + std::to_string(request.devices) + " devices, got " +
               std::to_string(request.slots),
           "/slots");
  }
  const std::size_t experts = request.load.columns();
  if (static_cast<std::size_t>(request.slots) < experts) {
    refuse("expected at least one slot for each of the " + std::to_string(experts) + " experts, got " +
               std::to_string(request.slots),
           "/slots");
  }
  if (static_cast<double>(request.slots) * static_cast<double>(request.load.rows()) > static_cast<double>(kMostCells)) {
    refuse("layers * slots is more than the " + std::to_string(kMostCells) + " that this version handles", "/slots");
  }
  if (is_hierarchical(request) && experts % static_cast<std::size_t>(request.groups) != 0) {
    refuse("expected a divisor of the " + std::to_string(experts) + " experts, got " + std::to_string(request.groups),
           "/groups");
  }
}

void check_placement(const RebalanceRequest& request) {
  const Matrix<int>& placement = *request.placement;
  const std::size_t layers = request.load.rows();
  const auto slots = static_cast<std::size_t>(request.slots);
  if (placement.rows() != layers || placement.columns() != slots) {
    refuse("expected " + std::to_string(layers) + " rows of " + std::to_string(slots) + " slots, got " +
               std::to_string(placement.rows()) + " of " + std::to_string(placement.columns()),
           "/placement");
  }
  const int experts = static_cast<int>(request.load.columns());
  for (std::size_t layer = 0; layer < layers; ++layer) {
    for (std::size_t slot = 0; slot < slots; ++slot) {
      const int expert = placement.at(layer, slot);
      if (expert >= -1 && expert < experts) continue;
      refuse("expected an expert below " + std::to_string(experts) + ", or -1, got " + std::to_string(expert),
             place("/placement", layer, slot));
    }
  }
}

void check_dead(const RebalanceRequest& request) {
  for (std::size_t k = 0; k < request.dead.size(); ++k) {
    const int device = request.dead[k];
    const std::string pointer = "/dead/" + std::to_string(k);
    if (device < 0 || device >= request.devices) {
      refuse("expected a device below " + std::to_string(request.devices) + ", got " + std::to_string(device), pointer);
    }
    if (k > 0 && device <= request.dead[k - 1]) {
      refuse("expected devices in ascending order, got " + std::to_string(device) + " after " +
                 std::to_string(request.dead[k - 1]),
             pointer);
    }
  }
}

void check_mode(const RebalanceRequest& request, RebalanceMode mode) {
  if (mode == RebalanceMode::best) return;
  const auto refuse_in_mode = [](const char* what, const char* pointer) {
    throw Error(ErrorCode::unsupported, std::string("mode compatible ") + what, pointer, "Maybe use mode best.");
  };
  if (!request.dead.empty()) refuse_in_mode("knows no dead devices", "/dead");
  if (request.max_moves) refuse_in_mode("plans afresh and cannot keep a limit of moves", "/max_moves");
}

}  // namespace

bool is_hierarchical(const RebalanceRequest& request) { return request.groups % request.nodes == 0; }

void check_request(const RebalanceRequest& request, const RebalanceOptions& options) {
  check_load(request.load);
  check_counts(request);
  if (request.placement) check_placement(request);
  if (request.max_moves && *request.max_moves < 0) {
    refuse("expected a number of at least 0, got " + std::to_string(*request.max_moves), "/max_moves");
  }
  if (request.max_moves && !request.placement) {
    refuse("a limit of moves needs to know what stands now", "/max_moves", "Maybe the placement is missing.");
  }
  check_dead(request);
  check_mode(request, options.mode);
}

ExpertInstance instance_of(const RebalanceRequest& request, Dispatch dispatch) {
  ExpertInstance instance;
  const bool grouped = is_hierarchical(request) && request.nodes > 1;
  instance.model.layers = static_cast<int>(request.load.rows());
  instance.model.experts = static_cast<int>(request.load.columns());
  instance.model.groups = grouped ? request.groups : 1;
  instance.keep_groups_on_a_node = grouped;
  instance.cluster.nodes = request.nodes;
  instance.cluster.devices_per_node = request.devices / request.nodes;
  const auto devices = static_cast<std::size_t>(request.devices);
  instance.cluster.slots.assign(devices, request.slots / request.devices);
  instance.cluster.speed.assign(devices, 1.0);
  instance.cluster.dead = request.dead;
  instance.dispatch = dispatch;
  instance.load = request.load;
  instance.placement = request.placement;
  instance.limits.max_moves = request.max_moves;
  return instance;
}

}  // namespace plimsoll::experts
