#include "planner/experts/report.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "planner/common/report.hpp"
#include "planner/experts/bound.hpp"
#include "planner/experts/evaluate.hpp"
#include "planner/experts/prepare.hpp"
#include "planner/experts/search/assemble.hpp"
#include "support/chart.hpp"
#include "support/heat_map.hpp"
#include "support/page.hpp"
#include "support/quantity.hpp"
#include "support/stack.hpp"

namespace plimsoll::experts {
namespace {

using support::count_text;
using support::factor_text;
using support::share_text;

constexpr double nothing = std::numeric_limits<double>::quiet_NaN();
// Layers whose devices are shown one by one.
constexpr std::size_t most_layers_shown = 6;
constexpr std::size_t most_rows = 20;
// Some seconds of work for the bounds of single layers.
constexpr std::uint64_t bound_work = 300'000'000;

struct Story {
  const Prepared& prepared;
  const ExpertPlan& plan;
  const Certificate& certificate;
  Evaluation after;
  Evaluation before;
  std::vector<double> bound;  // [layers] no plan has a smaller largest device time there
  std::vector<double> ideal;  // [layers] every token at the mean of the live devices
};

// Rules that the placement of "before" need not keep.
ExpertInstance without_rules(const ExpertInstance& instance) {
  ExpertInstance free = instance;
  free.cluster.fill_slots = false;
  free.cluster.duplicates = true;
  free.cluster.memory_bytes.reset();
  free.keep_groups_on_a_node = false;
  free.placement.reset();
  free.limits = {};
  free.move_seconds = 0;
  free.dispatch = Dispatch::even;
  return free;
}

std::vector<double> ideal_seconds(const Prepared& prepared) {
  double speed = 0;
  for (int device = 0; device < prepared.devices; ++device) {
    if (prepared.alive[static_cast<std::size_t>(device)]) speed += prepared.speed(device);
  }
  std::vector<double> ideal;
  for (int layer = 0; layer < prepared.layers; ++layer) {
    const auto load = prepared.load(layer);
    ideal.push_back(prepared.instance.cost.token_seconds * std::accumulate(load.begin(), load.end(), 0.0) / speed);
  }
  return ideal;
}

std::vector<double> layer_bounds(const Prepared& prepared) {
  support::Meter meter(bound_work, std::nullopt, nullptr);
  Bounds bounds = quick_bounds(prepared);
  tighten(prepared, {}, 1, meter, bounds);
  std::vector<double> seconds;
  for (const LayerBound& bound : bounds.layers) seconds.push_back(bound.seconds);
  return seconds;
}

double largest(const Evaluation& evaluation, std::size_t layer) {
  const auto seconds = evaluation.device_seconds.row(layer);
  return *std::max_element(seconds.begin(), seconds.end());
}

// A cost in seconds that no one has measured is a number all the same: token_seconds is 1 unless it is given.
std::string amount(double seconds) { return support::duration_text(seconds); }

std::string time_picture(const Story& story) {
  const Prepared& prepared = story.prepared;
  double speed = 0;
  for (int device = 0; device < prepared.devices; ++device) {
    if (prepared.alive[static_cast<std::size_t>(device)]) speed += prepared.speed(device);
  }
  support::Stack stack;
  stack.title = "Where the time goes";
  stack.axis = "seconds, all layers";
  stack.parts = {"experts, perfectly spread", "imbalance", "price of moves", "everything else"};
  const double other = prepared.instance.cost.other_seconds * prepared.layers;
  for (const bool after : {false, true}) {
    const Evaluation& evaluation = after ? story.after : story.before;
    double balanced = 0;
    double experts = 0;
    for (std::size_t layer = 0; layer < evaluation.device_seconds.rows(); ++layer) {
      double work = 0;
      for (int device = 0; device < prepared.devices; ++device) {
        work += evaluation.device_seconds.at(layer, static_cast<std::size_t>(device)) * prepared.speed(device);
      }
      balanced += work / speed;
      experts += largest(evaluation, layer);
    }
    const double moves = after ? prepared.instance.move_seconds * static_cast<double>(story.after.metrics.moves) : 0.0;
    stack.bars.push_back(
        {after ? "the plan" : "before", {balanced, experts - balanced, moves, other}, amount(experts + other + moves)});
  }
  if (story.certificate.bound) {
    stack.line = *story.certificate.bound;
    stack.line_name = "bound " + amount(*story.certificate.bound);
  }
  return support::figure_of(to_svg(stack),
                            "Where the time goes. Dashed: the bound of the certificate; no plan takes less.", true);
}

Matrix<double> over_mean(const Story& story, const Evaluation& evaluation) {
  Matrix<double> amounts(static_cast<std::size_t>(story.prepared.devices), story.ideal.size(), nothing);
  for (std::size_t layer = 0; layer < story.ideal.size(); ++layer) {
    for (std::size_t device = 0; device < amounts.rows(); ++device) {
      if (!(story.ideal[layer] > 0) || !story.prepared.alive[device]) continue;
      amounts.at(device, layer) = evaluation.device_seconds.at(layer, device) / story.ideal[layer];
    }
  }
  return amounts;
}

std::string load_picture(const Story& story, const std::string& before) {
  support::HeatMap map{"Load of each device in each layer, before and after", "device", "layer",
                       "seconds of a device over the mean of all (1: perfectly spread)"};
  map.panels = {{"before: " + before, over_mean(story, story.before)}, {"the plan", over_mean(story, story.after)}};
  map.side_by_side = true;
  const Cluster& cluster = story.prepared.instance.cluster;
  map.row_group = cluster.nodes > 1 ? static_cast<std::size_t>(cluster.devices_per_node) : 0;
  return support::figure_of(to_svg(map), "Device by layer: the darkest device of a column is what the others wait for.",
                            true);
}

std::string layers_picture(const Story& story) {
  support::Chart chart;
  chart.title = "Time of each layer, and its bound";
  chart.width = 900;
  chart.height = 190;
  double most = 0;
  const auto add = [&](const char* name, std::size_t style, const auto& value, bool filled) {
    support::Series series{name, style};
    for (std::size_t layer = 0; layer < story.ideal.size(); ++layer) {
      series.points.emplace_back(static_cast<double>(layer), value(layer));
      most = std::max(most, series.points.back().second);
    }
    series.points.emplace_back(static_cast<double>(story.ideal.size()), series.points.back().second);
    series.markers = support::Markers::none;
    series.undashed = true;
    series.filled = filled;
    series.thickness = 1.2;
    chart.series.push_back(std::move(series));
  };
  add(
      "bound", 6, [&](std::size_t layer) { return story.bound[layer]; }, false);
  add(
      "the plan", 0, [&](std::size_t layer) { return largest(story.after, layer); }, true);
  add(
      "before", 1, [&](std::size_t layer) { return largest(story.before, layer); }, false);
  chart.x = {"layer", support::Unit::number, false, 0.0, static_cast<double>(story.ideal.size())};
  chart.y = {"experts", support::Unit::seconds, false, 0.0, most * 1.04};
  return support::figure_of(
      to_svg(chart), "The largest device time of each layer. No plan is below the bound's line in any layer.", true);
}

// The longest first.
std::vector<std::size_t> layers_by_loss(const Story& story) {
  std::vector<std::size_t> order(story.ideal.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return largest(story.after, a) - story.bound[a] > largest(story.after, b) - story.bound[b];
  });
  return order;
}

std::string devices_picture(const Story& story, std::size_t layer) {
  support::Chart chart;
  chart.title = "Device times of layer " + std::to_string(layer);
  const auto devices = static_cast<std::size_t>(story.prepared.devices);
  double most = 0;
  const auto add = [&](const char* name, std::size_t style, const Evaluation* evaluation, bool filled) {
    support::Series series{name, style};
    for (std::size_t device = 0; device <= devices; ++device) {
      const double seconds = evaluation == nullptr
                                 ? story.bound[layer]
                                 : evaluation->device_seconds.at(layer, std::min(device, devices - 1));
      series.points.emplace_back(static_cast<double>(device), seconds);
      most = std::max(most, seconds);
    }
    series.markers = support::Markers::none;
    series.undashed = true;
    series.filled = filled;
    series.thickness = 1.2;
    chart.series.push_back(std::move(series));
  };
  add("bound of the largest", 6, nullptr, false);
  add("the plan", 0, &story.after, true);
  add("before", 1, &story.before, false);
  chart.x = {"device", support::Unit::number, false, 0.0, static_cast<double>(devices)};
  chart.y = {"seconds", support::Unit::seconds, false, 0.0, most * 1.04};
  return support::figure_of(to_svg(chart), "Layer " + std::to_string(layer) + ": seconds of each device.");
}

support::Table layer_table(const Story& story) {
  support::Table table;
  const auto order = layers_by_loss(story);
  const std::size_t shown = std::min(order.size(), most_rows);
  table.caption =
      "Layers with most left between plan and bound, " + std::to_string(shown) + " of " + std::to_string(order.size());
  table.columns = {{"layer"}, {"tokens"}, {"before"},    {"the plan"},
                   {"bound"}, {"open"},   {"imbalance"}, {"device that ends last"}};
  for (std::size_t k = 0; k < shown; ++k) {
    const std::size_t layer = order[k];
    const double seconds = largest(story.after, layer);
    const auto load = story.prepared.load(static_cast<int>(layer));
    const auto busy = story.after.device_seconds.row(layer);
    const double open = std::max(0.0, seconds - story.bound[layer]);
    table.rows.push_back({{std::to_string(layer)},
                          {support::amount_text(std::accumulate(load.begin(), load.end(), 0.0))},
                          {amount(largest(story.before, layer))},
                          {amount(seconds)},
                          {amount(story.bound[layer])},
                          {share_text(seconds > 0 ? open / seconds : 0)},
                          {story.ideal[layer] > 0 ? factor_text(seconds / story.ideal[layer]) : "-"},
                          {std::to_string(std::max_element(busy.begin(), busy.end()) - busy.begin())}});
  }
  return table;
}

std::string page_of(const Story& story, const std::string& identity) {
  const ExpertInstance& instance = story.prepared.instance;
  const ExpertMetrics& metrics = story.after.metrics;
  const std::string before =
      instance.placement ? "the placement that stands, equal parts" : "every expert once, in order";
  std::vector<support::PageFact> facts;
  facts.push_back({"model", count_text(instance.model.layers, "layer") + ", " +
                                count_text(instance.model.experts, "expert") + ", " +
                                (story.prepared.even ? "even" : "weighted") + " dispatch"});
  facts.push_back({"devices", std::to_string(story.prepared.devices) + " on " +
                                  count_text(instance.cluster.nodes, "node") + ", " +
                                  count_text(story.prepared.total_slots(), "slot") + " a layer"});
  common::add_facts(story.certificate, identity, facts);

  std::vector<support::Tile> tiles;
  common::add_tiles(story.certificate, story.after.objective, amount, tiles);
  tiles.push_back({"imbalance", metrics.imbalance, factor_text(metrics.imbalance),
                   "before " + factor_text(story.before.metrics.imbalance)});
  tiles.push_back({"worst layer", metrics.worst_imbalance, factor_text(metrics.worst_imbalance),
                   "before " + factor_text(story.before.metrics.worst_imbalance)});
  if (instance.placement) {
    tiles.push_back({"moves", static_cast<double>(metrics.moves), std::to_string(metrics.moves),
                     support::bytes_text(metrics.moved_bytes)});
  }
  const double gain = story.after.objective > 0 ? story.before.objective / story.after.objective : 1;
  const std::vector<std::string> findings{
      common::verdict_of(story.certificate, story.after.objective, "All layers take", amount),
      "The largest device of a layer takes " + factor_text(metrics.imbalance) + " times the mean; before (" + before +
          ") " + factor_text(story.before.metrics.imbalance) + " times, and all layers " +
          amount(story.before.objective) + " (" + factor_text(gain) + " times as long)."};

  std::string body = support::faults_of(story.after.violations) + support::tiles_of(tiles);
  body += "<section class=\"findings\">\n" + support::list_of(findings) + "</section>\n";
  body += "<h2>Where the time goes</h2>\n" + time_picture(story) + "<h2>What devices have to do</h2>\n";
  if (story.ideal.size() > 1)
    body += load_picture(story, before) + "<h2>Layers beside their bound</h2>\n" + layers_picture(story);
  const auto order = layers_by_loss(story);
  body += "<h2>Devices of the layers with most left</h2>\n<div class=\"figures\">\n";
  for (std::size_t k = 0; k < std::min(order.size(), most_layers_shown); ++k) body += devices_picture(story, order[k]);
  body += "</div>\n<h2>Layers</h2>\n" + support::section_of(layer_table(story));
  body +=
      "<h2>How to read this</h2>\n<ul>\n<li>Imbalance: mean over layers of the largest device time over token_seconds "
      "* tokens / summed speed of the live devices.</li>\n<li>The plan was evaluated anew from the instance for this "
      "page. The bound of the whole is the certificate's (plimsoll check derives it again); the bounds of single "
      "layers "
      "are computed here, without search.</li>\n</ul>\n";
  return support::to_html(
      {"plimsoll report", instance.name.empty() ? "A plan for experts" : instance.name, facts, body});
}

}  // namespace

ExpertPlan plan_before(const ExpertInstance& instance) {
  const Prepared prepared(instance);
  ExpertPlan plan = empty_plan(prepared);
  // How many experts each live device gets: as equal as its slots allow.
  std::vector<int> quota(static_cast<std::size_t>(prepared.devices), 0);
  for (int given = 0; given < prepared.experts; ++given) {
    std::size_t least = quota.size();
    for (std::size_t device = 0; device < quota.size(); ++device) {
      if (quota[device] < prepared.slots[device] && (least == quota.size() || quota[device] < quota[least])) {
        least = device;
      }
    }
    if (least == quota.size()) break;
    ++quota[least];
  }
  for (int layer = 0; layer < prepared.layers; ++layer) {
    const auto row = plan.slots.row(static_cast<std::size_t>(layer));
    int next = 0;
    for (std::size_t device = 0; device < quota.size() && !instance.placement; ++device) {
      for (int k = 0; k < quota[device]; ++k) row[static_cast<std::size_t>(prepared.first_slot[device] + k)] = next++;
    }
    if (instance.placement) {
      const auto stands = instance.placement->row(static_cast<std::size_t>(layer));
      for (std::size_t slot = 0; slot < row.size(); ++slot) {
        const auto device = static_cast<std::size_t>(prepared.device_of_slot(static_cast<int>(slot)));
        row[slot] = prepared.alive[device] ? stands[slot] : -1;
      }
    }
    share_evenly(prepared, layer, plan);
  }
  return plan;
}

common::PlanReport report(const ExpertInstance& instance, const ExpertPlan& plan, const Certificate& certificate,
                          const std::string& identity) {
  const Prepared prepared(instance);
  Evaluation after = evaluate(instance, plan);
  common::PlanReport made;
  made.violations = after.violations;
  if (after.layer_seconds.size() != static_cast<std::size_t>(prepared.layers)) {
    made.html = common::page_of_faults(instance.name, certificate, identity, after.violations);
    return made;
  }
  Evaluation before = evaluate(without_rules(instance), plan_before(instance));
  made.html = page_of({prepared, plan, certificate, std::move(after), std::move(before), layer_bounds(prepared),
                       ideal_seconds(prepared)},
                      identity);
  return made;
}

}  // namespace plimsoll::experts
