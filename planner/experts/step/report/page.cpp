#include "support/page.hpp"

#include "planner/common/report.hpp"
#include "planner/experts/step/report/link_pictures.hpp"
#include "planner/experts/step/report/load_pictures.hpp"
#include "planner/experts/step/report/report.hpp"
#include "planner/experts/step/report/tables.hpp"
#include "support/quantity.hpp"

namespace plimsoll::experts::step {
namespace {

using support::bytes_text;
using support::count_text;
using support::duration_text;
using support::factor_text;
using support::section_of;
using support::share_text;

// More rows stand behind a fold.
constexpr int most_open_rows = 24;

double share_of(double part, double whole) { return whole > 0 ? part / whole : 0; }

std::string title_of(const Story& story) {
  const std::string& name = story.instance().experts.name;
  return name.empty() ? "A step of " + count_text(story.prepared.microsteps, "micro-step") : name;
}

std::string slots_text(const StepInstance& instance) {
  const auto& slots = instance.experts.cluster.slots;
  bool alike = true;
  for (const int one : slots) alike = alike && one == slots.front();
  std::string text = alike ? std::to_string(slots.front()) + " base slots a layer" : "different numbers of base slots";
  if (instance.transient_slots > 0) text += ", " + count_text(instance.transient_slots, "transient slot") + " a layer";
  if (instance.transient_pool_slots > 0) {
    text += ", a pool of " + count_text(instance.transient_pool_slots, "transient slot") + " for all layers";
  }
  return text;
}

std::string links_text(const Cluster& cluster) {
  if (!cluster.link) return "none: transfers take no time";
  const Link& link = *cluster.link;
  const auto rate = [](double bytes) { return bytes > 0 ? bytes_text(bytes) + "/s" : std::string("no path"); };
  return "inside a node " + rate(link.intra_bytes_per_second) + ", between nodes " + rate(link.nic_bytes_per_second) +
         ", from host memory " + rate(link.host_bytes_per_second) + ", latency " + duration_text(link.latency_seconds);
}

std::vector<support::PageFact> facts_of(const Story& story, const std::string& identity) {
  const StepInstance& instance = story.instance();
  const Prepared& prepared = story.prepared;
  const Cluster& cluster = instance.experts.cluster;
  std::vector<support::PageFact> facts;
  facts.push_back({"step", count_text(prepared.microsteps, "micro-step") + ", " + count_text(prepared.layers, "layer") +
                               ", " + count_text(prepared.experts, "expert") + " of " +
                               bytes_text(instance.experts.model.expert_bytes)});
  facts.push_back({"devices", std::to_string(prepared.devices) + " on " + count_text(cluster.nodes, "node") +
                                  ", each " + slots_text(instance)});
  facts.push_back({"links", links_text(cluster)});
  common::add_facts(story.certificate, identity, facts);
  return facts;
}

std::vector<support::Tile> tiles(const Story& story) {
  const StepMetrics& metrics = story.after.metrics;
  std::vector<support::Tile> list;
  common::add_tiles(story.certificate, story.after.objective, duration_text, list);
  list.push_back({"imbalance", metrics.imbalance, factor_text(metrics.imbalance),
                  "before " + factor_text(story.before.metrics.imbalance) + ", worst layer " +
                      factor_text(metrics.worst_imbalance)});
  list.push_back({"exposed", metrics.exposed_seconds, duration_text(metrics.exposed_seconds),
                  share_text(share_of(metrics.exposed_seconds, metrics.step_seconds)) + " of the step"});
  list.push_back({"transfers", static_cast<double>(metrics.transfers), std::to_string(metrics.transfers),
                  bytes_text(metrics.transferred_bytes)});
  return list;
}

std::vector<std::string> findings(const Story& story, const std::vector<LinkUse>& uses,
                                  const std::vector<Waiting>& waitings) {
  const StepMetrics& metrics = story.after.metrics;
  std::vector<std::string> list;
  list.push_back(common::verdict_of(story.certificate, story.after.objective, "The step takes", duration_text));
  list.push_back("The largest device of a layer takes " + factor_text(metrics.imbalance) +
                 " times the mean; its base replicas alone, with every expert's tokens in equal parts, would take " +
                 factor_text(story.before.metrics.imbalance) + " times the mean, and the step " +
                 duration_text(story.before.objective) + " (" +
                 factor_text(share_of(story.before.objective, story.after.objective)) + " times as long).");
  if (!uses.empty()) {
    double busy = 0;
    double exposed = 0;
    for (const Transfer& transfer : story.plan.transfers) {
      busy += transfer.end_seconds - transfer.start_seconds;
      exposed += std::max(0.0, transfer.end_seconds - std::max(transfer.start_seconds, exposed_from(story, transfer)));
    }
    list.push_back(count_text(static_cast<double>(metrics.transfers), "transfer") + " of " +
                   bytes_text(metrics.transferred_bytes) + " in all: " + share_text(1 - share_of(exposed, busy)) +
                   " of their time lies behind computation, and the step waits " +
                   duration_text(metrics.exposed_seconds) + " for them (" +
                   share_text(share_of(metrics.exposed_seconds, metrics.step_seconds)) + ").");
  }
  if (!waitings.empty()) {
    const WaitingSum most = sums_of(waitings).front();
    list.push_back("Most waiting (" + share_text(share_of(most.seconds, metrics.exposed_seconds)) +
                   ") is for transfers " + name_of(most.path) + ": " + name_of(most.cause) + ".");
  }
  if (story.instance().experts.placement) {
    list.push_back(count_text(static_cast<double>(metrics.moves), "base replica") +
                   " stand where they did not stand before (" + bytes_text(metrics.moved_bytes) + ").");
  }
  return list;
}

std::string load_part(const Story& story) {
  std::string html = "<h2>Where the time goes</h2>\n" + picture_of_time(story);
  html += "<h2>What devices have to do</h2>\n";
  if (story.prepared.microsteps > 1) html += picture_of_microsteps(story);
  html += picture_of_windows(story);
  if (story.prepared.layers > 1 && story.prepared.microsteps > 1)
    html += picture_of_layers(story, worst_microstep(story));
  html += "<h2>Layers beside their bound</h2>\n" + picture_of_layer_times(story);
  return html;
}

std::string link_part(const Story& story, const std::vector<LinkUse>& uses, const std::vector<Waiting>& waitings) {
  if (uses.empty()) return "<h2>Transfers</h2>\n<p>The plan has none.</p>\n";
  std::string html = "<h2>Transfers</h2>\n" + picture_of_links(story, uses);
  html += picture_of_worst_part(story, uses, waitings);
  if (!waitings.empty()) {
    html += "<h2>Where waiting comes from</h2>\n" + section_of(table_of_causes(story, waitings)) +
            section_of(table_of_waitings(story, waitings));
  }
  return html + "<h2>Links</h2>\n" + section_of(table_of_links(story, uses));
}

std::string microstep_part(const Story& story) {
  const std::string table = section_of(table_of_microsteps(story));
  if (story.prepared.microsteps <= most_open_rows) return "<h2>Micro-steps</h2>\n" + table;
  return "<h2>Micro-steps</h2>\n<details><summary>All " + std::to_string(story.prepared.microsteps) + "</summary>" +
         table + "</details>\n";
}

constexpr const char* how_to_read =
    "<h2>How to read this</h2>\n<ul>\n"
    "<li>A window is one layer of one pass of a micro-step; windows follow each other. A forward window waits until "
    "all its transient replicas have arrived: that waiting is exposed.</li>\n"
    "<li>Imbalance: mean over layers and micro-steps of the largest device time over token_seconds * tokens / summed "
    "speed of the live devices. In heat maps the same for each device, so that 1 is perfectly spread.</li>\n"
    "<li>The plan was evaluated anew from the instance for this page. The bound of the whole step is the certificate's "
    "(plimsoll check derives it again); the bounds of single layers are quick ones, computed here.</li>\n"
    "<li>A transfer is marked from the moment at which the window before its own has ended. What kept it from starting "
    "earlier is what ended at the very moment it began.</li>\n"
    "</ul>\n";

}  // namespace

std::string page_of(const Story& story, const std::string& identity) {
  const std::vector<LinkUse> uses = use_of_links(story);
  const std::vector<Waiting> waiting = waitings(story);
  std::string body = support::faults_of(story.after.violations) + support::tiles_of(tiles(story));
  body += "<section class=\"findings\">\n" + support::list_of(findings(story, uses, waiting)) + "</section>\n";
  body += load_part(story) + link_part(story, uses, waiting) + microstep_part(story) + how_to_read;
  return support::to_html({"plimsoll report", title_of(story), facts_of(story, identity), body});
}

}  // namespace plimsoll::experts::step
