#include "planner/compare/rolling/tables.hpp"
#include "support/markup.hpp"
#include "support/page.hpp"
#include "support/quantity.hpp"

namespace plimsoll::compare {
namespace {

std::string title_of(const RollingComparison& comparison) {
  if (!comparison.title.empty()) return comparison.title;
  const std::string on = comparison.instances.size() == 1
                             ? comparison.instances.front().name
                             : support::count_text(static_cast<double>(comparison.instances.size()), "instance");
  return "Planning for the next micro-step on " + on;
}

std::string part_of(const RollingInstance& instance) {
  std::string html = "<h2>" + support::escaped(instance.name) + "</h2>\n<p class=\"notes\">" +
                     support::count_text(instance.microsteps, "micro-step") + ", <code>" +
                     support::escaped(instance.path) + "</code>, SHA-256 <code>" +
                     support::escaped(instance.sha256.substr(0, 16)) + "</code></p>\n";
  html += support::section_of(rolling_table(instance)) + "<div class=\"figures\">\n";
  for (const RollingFigure& figure : rolling_figures(instance)) {
    html += support::figure_of(support::to_svg(figure.chart), figure.caption);
  }
  return html + "</div>\n<details><summary>Imbalance of each micro-step</summary>" +
         support::section_of(microstep_table(instance)) + "</details>\n";
}

constexpr const char* how =
    "<h2>How this was measured</h2>\n<ul>\n"
    "<li>For every micro-step but the first ones, each method plans on the micro-steps before it, with its own last "
    "placement standing. Static methods see their mean, methods of steps each of them. Transient slots are left out: "
    "they need a future that is known.</li>\n"
    "<li>The placement is scored on the micro-step itself. Its shares are solved anew for it, exactly under weighted "
    "dispatch, even under even dispatch, whatever the method would have given.</li>\n"
    "<li>Imbalance: mean over layers with load of the largest device time over token_seconds * tokens / summed speed "
    "of "
    "the live devices.</li>\n"
    "<li>A move is a (layer, expert, device) that the placement before did not have. Plans made afresh are relabelled "
    "first: devices that differ in nothing change names so that as few moves as possible remain (a matching for each "
    "layer). The first plan moves nothing unless the instance has a placement.</li>\n"
    "<li>shares keeps its first placement, which local makes where nothing stands.</li>\n"
    "</ul>\n";

}  // namespace

std::string to_html(const RollingComparison& comparison) {
  std::vector<support::PageFact> facts;
  for (const auto& [name, value] : conditions(comparison)) facts.push_back({name, value, name == "command"});
  std::string body = support::faults_of(faults(comparison));
  body += "<section class=\"findings\">\n" + support::list_of(findings(comparison)) + "</section>\n";
  for (const RollingInstance& instance : comparison.instances) body += part_of(instance);
  return support::to_html(
      support::Page{"plimsoll compare --rolling", title_of(comparison), std::move(facts), body + how});
}

}  // namespace plimsoll::compare
