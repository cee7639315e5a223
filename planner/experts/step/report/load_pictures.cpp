#include "planner/experts/step/report/load_pictures.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "planner/experts/step/solve.hpp"
#include "support/chart.hpp"
#include "support/heat_map.hpp"
#include "support/page.hpp"
#include "support/quantity.hpp"
#include "support/stack.hpp"

namespace plimsoll::experts::step {
namespace {

constexpr double nothing = std::numeric_limits<double>::quiet_NaN();

// Steps of a line; more could not be told apart.
constexpr std::size_t most_points = 800;

constexpr const char* amount_name = "seconds of a device over the mean of all (1: perfectly spread)";

std::size_t size(int count) { return static_cast<std::size_t>(count); }

std::string joined_text(const support::HeatMap& map) {
  const auto [rows, columns] = support::joined_cells(map);
  if (rows == 1 && columns == 1) return "";
  return " A cell is the largest of " + support::count_text(static_cast<double>(rows), "device") + " and " +
         support::count_text(static_cast<double>(columns), "column") + ".";
}

// Device seconds over the mean; [devices][columns], a column for each layer of the micro-steps [first, last).
Matrix<double> by_window(const Story& story, const Evaluation& evaluation, std::size_t first, std::size_t last) {
  const Prepared& prepared = story.prepared;
  const std::size_t layers = size(prepared.layers);
  Matrix<double> amounts(size(prepared.devices), (last - first) * layers, nothing);
  for (std::size_t microstep = first; microstep < last; ++microstep) {
    for (std::size_t layer = 0; layer < layers; ++layer) {
      const double ideal = story.ideal.at(microstep, layer);
      for (std::size_t device = 0; device < amounts.rows(); ++device) {
        if (!(ideal > 0) || !prepared.columns.alive[device]) continue;
        amounts.at(device, (microstep - first) * layers + layer) =
            evaluation.device_seconds[microstep].at(layer, device) / ideal;
      }
    }
  }
  return amounts;
}

Matrix<double> by_microstep(const Story& story, const Evaluation& evaluation) {
  const Prepared& prepared = story.prepared;
  Matrix<double> amounts(size(prepared.devices), size(prepared.microsteps), nothing);
  for (std::size_t microstep = 0; microstep < amounts.columns(); ++microstep) {
    double ideal = 0;
    for (const double seconds : story.ideal.row(microstep)) ideal += seconds;
    for (std::size_t device = 0; device < amounts.rows(); ++device) {
      if (!(ideal > 0) || !prepared.columns.alive[device]) continue;
      double sum = 0;
      for (std::size_t layer = 0; layer < size(prepared.layers); ++layer) {
        sum += evaluation.device_seconds[microstep].at(layer, device);
      }
      amounts.at(device, microstep) = sum / ideal;
    }
  }
  return amounts;
}

std::size_t devices_per_node(const Story& story) {
  const Cluster& cluster = story.instance().experts.cluster;
  return cluster.nodes > 1 ? size(cluster.devices_per_node) : 0;
}

// All maps of a page share one scale: that of the single layers.
double scale_end(const Story& story) {
  double most = 0;
  for (const Evaluation* evaluation : {&story.before, &story.after}) {
    const Matrix<double> largest = largest_seconds(*evaluation);
    for (std::size_t k = 0; k < largest.data().size(); ++k) {
      if (story.ideal.data()[k] > 0) most = std::max(most, largest.data()[k] / story.ideal.data()[k]);
    }
  }
  return most;
}

constexpr const char* before_name = "before: base replicas alone, equal parts";
constexpr const char* after_name = "the plan";

// Means over so many neighbours that few enough are left: (place, value).
std::vector<std::pair<double, double>> points_of(const Matrix<double>& seconds) {
  const auto& values = seconds.data();
  const std::size_t block = std::max<std::size_t>(1, (values.size() + most_points - 1) / most_points);
  std::vector<std::pair<double, double>> points;
  const double layers = static_cast<double>(seconds.columns());
  for (std::size_t begin = 0; begin < values.size(); begin += block) {
    const std::size_t end = std::min(values.size(), begin + block);
    double sum = 0;
    for (std::size_t k = begin; k < end; ++k) sum += values[k];
    points.emplace_back(static_cast<double>(begin) / layers, sum / static_cast<double>(end - begin));
  }
  if (!points.empty()) points.emplace_back(static_cast<double>(values.size()) / layers, points.back().second);
  return points;
}

}  // namespace

std::string picture_of_time(const Story& story) {
  support::Stack stack;
  stack.title = "Where the time of the step goes";
  stack.axis = "seconds of the step";
  stack.parts = {"experts, perfectly spread", "imbalance",     "dispatch and combine", "everything else",
                 "waiting for transfers",     "price of moves"};
  for (const bool after : {false, true}) {
    const Evaluation& evaluation = after ? story.after : story.before;
    const Breakdown parts = break_down(story.prepared, evaluation);
    stack.bars.push_back(
        {after ? "the plan" : "before",
         {parts.balanced, parts.imbalance, parts.communication, parts.other, parts.exposed, parts.moves},
         support::duration_text(evaluation.objective)});
  }
  if (story.certificate.bound) {
    stack.line = *story.certificate.bound;
    stack.line_name = "bound " + support::duration_text(*story.certificate.bound);
  }
  return support::figure_of(to_svg(stack),
                            "Where the time goes. Before: the same base replicas without transient ones, every "
                            "expert's tokens in equal parts. Dashed: the bound of the certificate; no plan takes less.",
                            true);
}

std::string picture_of_microsteps(const Story& story) {
  support::HeatMap map{"Load of each device in each micro-step, before and after", "device", "micro-step", amount_name};
  map.panels = {{before_name, by_microstep(story, story.before)}, {after_name, by_microstep(story, story.after)}};
  map.side_by_side = true;
  map.row_group = devices_per_node(story);
  map.most = scale_end(story);
  return support::figure_of(to_svg(map),
                            "Device by micro-step, summed over layers. Lines part nodes." + joined_text(map), true);
}

std::string picture_of_windows(const Story& story) {
  const std::size_t microsteps = size(story.prepared.microsteps);
  support::HeatMap map{"Load of each device in each layer of each micro-step, before and after", "device",
                       story.prepared.layers > 1 ? "layers of micro-step" : "micro-step", amount_name};
  map.panels = {{before_name, by_window(story, story.before, 0, microsteps)},
                {after_name, by_window(story, story.after, 0, microsteps)}};
  map.row_group = devices_per_node(story);
  map.most = scale_end(story);
  map.column_group = size(story.prepared.layers);
  return support::figure_of(to_svg(map),
                            "Device by layer, micro-step after micro-step: the darkest device of a column is what the "
                            "others wait for." +
                                joined_text(map),
                            true);
}

std::string picture_of_layers(const Story& story, std::size_t microstep) {
  const std::string name = "micro-step " + std::to_string(microstep);
  support::HeatMap map{"Load of each device in each layer of " + name, "device", "layer of " + name, amount_name};
  map.panels = {{before_name, by_window(story, story.before, microstep, microstep + 1)},
                {after_name, by_window(story, story.after, microstep, microstep + 1)}};
  map.side_by_side = true;
  map.row_group = devices_per_node(story);
  map.most = scale_end(story);
  return support::figure_of(
      to_svg(map),
      "Enlarged: device by layer of " + name + ", where most is lost against the bound." + joined_text(map), true);
}

std::string picture_of_layer_times(const Story& story) {
  support::Chart chart;
  chart.title = "Time of each layer of each micro-step, and its bound";
  chart.width = 900;
  chart.height = 190;
  const auto add = [&](const char* name, std::size_t style, const Matrix<double>& seconds, bool filled, double thick) {
    support::Series series{name, style, true, points_of(seconds)};
    series.markers = support::Markers::none;
    series.undashed = true;
    series.filled = filled;
    series.thickness = thick;
    chart.series.push_back(std::move(series));
  };
  add("bound", 6, story.bound, false, 1.3);
  add("the plan", 0, largest_seconds(story.after), true, 1.0);
  add("before", 1, largest_seconds(story.before), false, 1.0);
  double most = 0;
  for (const auto& series : chart.series) {
    for (const auto& [place, seconds] : series.points) most = std::max(most, seconds);
  }
  chart.x = {"micro-step, layers in order", support::Unit::number, false, 0.0,
             static_cast<double>(story.prepared.microsteps)};
  chart.y = {"forward, experts", support::Unit::seconds, false, 0.0, most * 1.04};
  const std::size_t windows = story.bound.data().size();
  const std::size_t joined = std::max<std::size_t>(1, (windows + most_points - 1) / most_points);
  return support::figure_of(
      to_svg(chart),
      "The largest device time of each layer, forward. No plan is below the bound's line in any layer." +
          std::string(joined > 1 ? " A step of a line is the mean of " + std::to_string(joined) + " layers." : ""),
      true);
}

std::size_t worst_microstep(const Story& story) {
  const Matrix<double> largest = largest_seconds(story.after);
  std::size_t worst = 0;
  double most = -1;
  for (std::size_t microstep = 0; microstep < largest.rows(); ++microstep) {
    double lost = 0;
    for (std::size_t layer = 0; layer < largest.columns(); ++layer) {
      lost += largest.at(microstep, layer) - story.bound.at(microstep, layer);
    }
    if (lost > most) {
      most = lost;
      worst = microstep;
    }
  }
  return worst;
}

}  // namespace plimsoll::experts::step
