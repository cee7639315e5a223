// What a balancer is made of, and whether it fits together.
#include <algorithm>
#include <cmath>
#include <string>

#include "planner/experts/balancer/judge.hpp"
#include "planner/experts/balancer/recover.hpp"
#include "planner/experts/balancer/state.hpp"
#include "planner/experts/json.hpp"
#include "planner/experts/read_parts.hpp"
#include "planner/experts/solve.hpp"
#include "planner/experts/valid.hpp"
#include "support/json_text.hpp"

namespace plimsoll::experts::balancer {
namespace {

// Enough for a first placement that is close to the best one, in tenths of a second for the models of today: the plans
// that follow mend it.
std::uint64_t first_placement_work(const ExpertInstance& frame) {
  std::uint64_t slots = 0;
  for (const int device_slots : frame.cluster.slots) slots += static_cast<std::uint64_t>(device_slots);
  return 1'000'000 + 1'000 * slots * static_cast<std::uint64_t>(frame.model.layers);
}

void refuse_option(const std::string& name, const std::string& expected, double value) {
  refuse("expected " + name + " to be " + expected + ", got " + support::number_text(value), "/options/" + name);
}

// The instance as the reader of files would have it, whose rules are the ones that hold here.
ExpertInstance checked(ExpertInstance instance) {
  const auto layers = static_cast<std::size_t>(std::max(0, instance.model.layers));
  const auto experts = static_cast<std::size_t>(std::max(0, instance.model.experts));
  if (layers > 0 && experts > 0 && instance.load.empty() &&
      static_cast<double>(layers) * static_cast<double>(experts) <= static_cast<double>(kMostCells)) {
    instance.load = Matrix<double>(layers, experts, 0.0);
  }
  return valid(instance);
}

// The groups of a placement on one node each, no twins where none may be, no more than the memory holds.
void check_placement(const ExpertInstance& frame) {
  const ExpertInstance working = working_instance(frame, frame.load);
  const Prepared prepared(working);
  for (int layer = 0; layer < prepared.layers; ++layer) {
    const auto row = frame.placement->row(static_cast<std::size_t>(layer));
    std::vector<int> home(static_cast<std::size_t>(frame.model.groups), -1);
    for (std::size_t slot = 0; slot < row.size(); ++slot) {
      if (row[slot] < 0) continue;
      const std::string place = "/placement/" + std::to_string(layer) + "/" + std::to_string(slot);
      const auto device = static_cast<std::size_t>(prepared.device_of_slot(static_cast<int>(slot)));
      const auto first = row.begin() + prepared.first_slot[device];
      const auto here = row.begin() + static_cast<std::ptrdiff_t>(slot);
      if (!frame.cluster.duplicates && std::find(first, here, row[slot]) != here) {
        refuse("device " + std::to_string(device) + " holds expert " + std::to_string(row[slot]) +
                   " twice, and duplicates are forbidden",
               place);
      }
      int& node = home[static_cast<std::size_t>(prepared.group[static_cast<std::size_t>(row[slot])])];
      if (node < 0) node = prepared.node[device];
      if (frame.keep_groups_on_a_node && node != prepared.node[device]) {
        refuse("expert " + std::to_string(row[slot]) + " stands on node " + std::to_string(prepared.node[device]) +
                   ", others of its group on node " + std::to_string(node),
               place);
      }
    }
  }
  const std::vector<std::int64_t> room = memory_room(prepared, *frame.placement);
  for (std::size_t device = 0; device < room.size(); ++device) {
    if (room[device] >= 0) continue;
    refuse("device " + std::to_string(device) + " holds " + std::to_string(-room[device]) +
               " replicas more than its memory",
           "/placement");
  }
}

Matrix<int> first_placement(const ExpertInstance& frame, std::uint64_t seed) {
  ExpertInstance instance = frame;
  const double tile = std::max(1.0, static_cast<double>(frame.cost.tile_tokens));
  for (std::size_t layer = 0; layer < instance.load.rows(); ++layer) {
    const auto row = instance.load.row(layer);
    if (std::all_of(row.begin(), row.end(), [](double tokens) { return tokens == 0; })) {
      std::fill(row.begin(), row.end(), tile);
    }
  }
  instance.limits = {};
  instance.move_seconds = 0;
  SolveOptions options;
  options.method = "local";
  options.work_limit = first_placement_work(frame);
  options.seed = seed;
  const ExpertSolution solution = solve(instance, options, support::Meter::Clock::now());
  if (!solution.certificate.objective) {
    throw Error(ErrorCode::input, "there is no first placement: " + solution.certificate.reason);
  }
  return solution.plan.slots;
}

}  // namespace

void check_options(const BalancerOptions& options) {
  if (options.window < 1) refuse_option("window", "at least 1", options.window);
  if (!(options.decay > 0 && options.decay <= 1)) refuse_option("decay", "above 0 and at most 1", options.decay);
  if (options.horizon_microsteps < 1) {
    refuse_option("horizon_microsteps", "at least 1", static_cast<double>(options.horizon_microsteps));
  }
  if (!(options.least_gain >= 0 && options.least_gain <= 1e6)) {
    refuse_option("least_gain", "from 0 to 1e6", options.least_gain);
  }
}

ExpertInstance make_frame(const ExpertInstance& instance, const BalancerOptions& options) {
  // Limits and prices of moves hold from the first placement on, which need not be there yet.
  ExpertInstance frame = instance;
  if (!frame.placement && instance.model.layers > 0) {
    frame.limits = {};
    frame.move_seconds = 0;
    frame = checked(std::move(frame));
    frame.placement = first_placement(frame, options.seed);
    frame.limits = instance.limits;
    frame.move_seconds = instance.move_seconds;
  }
  frame = checked(std::move(frame));
  const Prepared prepared(frame);
  Matrix<int>& slots = *frame.placement;
  for (std::size_t layer = 0; layer < slots.rows(); ++layer) {
    for (std::size_t slot = 0; slot < slots.columns(); ++slot) {
      const int device = prepared.device_of_slot(static_cast<int>(slot));
      if (!prepared.alive[static_cast<std::size_t>(device)]) slots.at(layer, slot) = -1;
    }
  }
  frame.load = Matrix<double>(frame.load.rows(), frame.load.columns(), 0.0);
  check_placement(frame);
  return frame;
}

void check_load(const ExpertInstance& frame, const Matrix<double>& load) {
  const auto layers = static_cast<std::size_t>(frame.model.layers);
  const auto experts = static_cast<std::size_t>(frame.model.experts);
  if (load.rows() != layers || load.columns() != experts) {
    refuse("expected loads of " + std::to_string(layers) + " layers and " + std::to_string(experts) + " experts, got " +
               std::to_string(load.rows()) + " and " + std::to_string(load.columns()),
           "/load");
  }
  for (std::size_t layer = 0; layer < layers; ++layer) {
    for (std::size_t expert = 0; expert < experts; ++expert) {
      const double tokens = load.at(layer, expert);
      if (tokens >= 0 && tokens <= kMostTokens) continue;
      refuse("expected 0 to 1e15 tokens, got " + (std::isfinite(tokens) ? support::number_text(tokens) : "no number"),
             "/load/" + std::to_string(layer) + "/" + std::to_string(expert));
    }
  }
  if (frame.cost.tile_tokens >= 1) check_whole_loads(load, "/load");
}

}  // namespace plimsoll::experts::balancer
