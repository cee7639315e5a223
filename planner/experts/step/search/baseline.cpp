#include "planner/experts/step/search/baseline.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "planner/experts/search/assemble.hpp"
#include "planner/experts/search/eplb_placement.hpp"
#include "planner/experts/step/search/shares.hpp"
#include "plimsoll/error.hpp"

namespace plimsoll::experts::step {
namespace {

constexpr double no_room = 1e300;

[[noreturn]] void refuse(std::string_view method, const std::string& what, const std::string& pointer) {
  throw Error(ErrorCode::unsupported, "method " + std::string(method) + " " + what, pointer,
              "Maybe use foresight or auto.");
}

// EPLB for each layer and any number of slots per device.
class EplbLayers {
 public:
  EplbLayers(const Prepared& prepared, std::string_view method, Context& context)
      : prepared_(prepared), method_(method), context_(context) {
    const auto& source = prepared.instance.experts;
    const auto& slots = source.cluster.slots;
    refuse_move_limits(prepared, method);
    if (!source.cluster.dead.empty()) refuse(method, "knows no dead devices", "/cluster/dead");
    if (std::any_of(slots.begin(), slots.end(), [&](int each) { return each != slots.front(); })) {
      refuse(method, "needs the same number of slots on every device", "/cluster/slots");
    }
    // As published: hierarchical where groups stay on a node and go round evenly, global otherwise.
    const bool hierarchical = source.keep_groups_on_a_node;
    shape_ = {hierarchical ? source.model.groups : 1, hierarchical ? source.cluster.nodes : 1, prepared.devices};
    if (shape_.groups % shape_.nodes != 0) {
      refuse(method, "needs a number of groups that the nodes divide", "/model/groups");
    }
  }

  [[nodiscard]] int slots(int extra) const { return prepared_.base_slots.front() + extra; }
  [[nodiscard]] bool fits(int extra) const { return slots(extra) * prepared_.devices >= prepared_.experts; }

  std::vector<int> place(int layer, int extra) {
    if (!fits(extra)) refuse(method_, "finds fewer slots than experts", "/cluster/slots");
    const int replicas = slots(extra) * prepared_.devices;
    context_.meter().add_work(static_cast<std::uint64_t>(replicas) * static_cast<std::uint64_t>(prepared_.experts));
    std::vector<float> weight;
    for (const double load : prepared_.columns.load(layer)) weight.push_back(static_cast<float>(load));
    return eplb_placement(weight, replicas, shape_).expert;
  }

  // The largest load of a device when shares are even.
  double largest_load(int layer, int extra) {
    if (!fits(extra)) return no_room;
    const std::vector<int> placed = place(layer, extra);
    std::vector<double> piece(static_cast<std::size_t>(prepared_.experts), 0.0);
    for (const int expert : placed) piece[static_cast<std::size_t>(expert)] += 1.0;
    for (std::size_t expert = 0; expert < piece.size(); ++expert) {
      piece[expert] = prepared_.columns.load(layer)[expert] / piece[expert];
    }
    double largest = 0;
    for (std::size_t first = 0; first < placed.size(); first += static_cast<std::size_t>(slots(extra))) {
      double sum = 0;
      for (int k = 0; k < slots(extra); ++k) {
        sum += piece[static_cast<std::size_t>(placed[first + static_cast<std::size_t>(k)])];
      }
      largest = std::max(largest, sum);
    }
    return largest;
  }

 private:
  const Prepared& prepared_;
  std::string_view method_;
  Context& context_;
  EplbShape shape_;
};

}  // namespace

void refuse_move_limits(const Prepared& prepared, std::string_view method) {
  const auto& limits = prepared.instance.experts.limits;
  if (!limits.max_moves && !limits.max_moves_per_device) return;
  refuse(method, "plans afresh and cannot keep a move limit",
         limits.max_moves ? "/limits/max_moves" : "/limits/max_moves_per_device");
}

void offer_or_refuse(Context& context, StepPlan plan, std::string_view method) {
  context.offer(std::move(plan));
  if (context.last_violation().empty()) return;
  throw Error(ErrorCode::unsupported,
              "the plan of method " + std::string(method) + " breaks this instance: " + context.last_violation(), {},
              "Maybe use foresight or auto.");
}

ExtraColumns extra_columns(const Prepared& prepared) {
  ExtraColumns extra(static_cast<std::size_t>(prepared.layers));
  for (int position = 0; position < prepared.transient; ++position) {
    if (prepared.pool) {
      extra[static_cast<std::size_t>(position % prepared.layers)].push_back(position);
    } else {
      for (auto& columns : extra) columns.push_back(position);
    }
  }
  return extra;
}

StepPlan even_plan(const Prepared& prepared, Matrix<int> base) {
  StepPlan plan;
  for (int microstep = 0; microstep < prepared.microsteps; ++microstep) {
    ExpertPlan& each = plan.microsteps.emplace_back(empty_plan(prepared.columns));
    each.slots = base;
    for (int layer = 0; layer < prepared.layers; ++layer) share_evenly(prepared, microstep, layer, each);
  }
  plan.base = std::move(base);
  return plan;
}

Matrix<int> eplb_base(const Prepared& prepared, const ExtraColumns& extra, std::string_view method, Context& context) {
  EplbLayers layers(prepared, method, context);
  Matrix<int> base(static_cast<std::size_t>(prepared.layers), static_cast<std::size_t>(prepared.total_columns()), -1);
  for (int layer = 0; layer < prepared.layers; ++layer) {
    const auto& columns = extra[static_cast<std::size_t>(layer)];
    const std::vector<int> placed = layers.place(layer, static_cast<int>(columns.size()));
    auto next = placed.begin();
    for (int device = 0; device < prepared.devices; ++device) {
      const int first = prepared.columns.first_slot[static_cast<std::size_t>(device)];
      const auto own = base.row(static_cast<std::size_t>(layer)).subspan(static_cast<std::size_t>(first));
      const int slots = prepared.base_slots.front();
      for (int k = 0; k < slots; ++k) own[static_cast<std::size_t>(k)] = *next++;
      for (const int position : columns) own[static_cast<std::size_t>(slots + position)] = *next++;
    }
  }
  return base;
}

Matrix<int> eplb_base(const Prepared& prepared, std::string_view method, Context& context) {
  if (!prepared.pool) return eplb_base(prepared, extra_columns(prepared), method, context);
  EplbLayers layers(prepared, method, context);
  ExtraColumns extra(static_cast<std::size_t>(prepared.layers));
  std::vector<double> now;
  std::vector<double> with_one_more;
  for (int layer = 0; layer < prepared.layers; ++layer) {
    now.push_back(layers.largest_load(layer, 0));
    with_one_more.push_back(layers.largest_load(layer, 1));
  }
  for (int position = 0; position < prepared.transient; ++position) {
    std::size_t best = 0;
    for (std::size_t layer = 1; layer < now.size(); ++layer) {
      if (now[layer] - with_one_more[layer] > now[best] - with_one_more[best]) best = layer;
    }
    extra[best].push_back(position);
    now[best] = with_one_more[best];
    with_one_more[best] = layers.largest_load(static_cast<int>(best), static_cast<int>(extra[best].size()) + 1);
  }
  return eplb_base(prepared, extra, method, context);
}

}  // namespace plimsoll::experts::step
