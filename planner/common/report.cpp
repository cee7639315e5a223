#include "planner/common/report.hpp"

#include <algorithm>

#include "planner/common/certify.hpp"
#include "planner/common/plan_file.hpp"
#include "support/quantity.hpp"

namespace plimsoll::common {

void add_facts(const Certificate& certificate, const std::string& identity, std::vector<support::PageFact>& facts) {
  facts.push_back({"plan", "by method " + certificate.method + ", seed " + std::to_string(certificate.seed) + ", " +
                               std::string(name_of(certificate.status)) + "; stopped by " +
                               std::string(name_of(certificate.stopped_by)) + " after " +
                               std::to_string(certificate.work) + " units of work"});
  if (certificate.bound) {
    const bool backend = certificate.bound_evidence == BoundEvidence::backend;
    facts.push_back({"bound", "by " + certificate.bound_method + (backend ? ", a solver's word" : "")});
  }
  if (!identity.empty()) facts.push_back({"instance", "SHA-256 " + identity, true});
}

void add_tiles(const Certificate& certificate, double objective, AmountText text, std::vector<support::Tile>& tiles) {
  tiles.push_back({"objective", objective, text(objective), std::string(name_of(certificate.status))});
  if (!certificate.bound) return;
  tiles.push_back({"bound", *certificate.bound, text(*certificate.bound), "no plan is below"});
  const double gap = gap_of(objective, *certificate.bound);
  tiles.push_back({"gap", gap, support::share_text(gap), "the most that could be gained"});
}

std::string verdict_of(const Certificate& certificate, double objective, const std::string& what, AmountText text) {
  std::string sentence = what + " " + text(objective);
  if (!certificate.bound) return sentence + "; no bound is known.";
  sentence += "; no plan takes less than " + text(*certificate.bound) + " (" + certificate.bound_method + ")";
  if (is_optimal(objective, *certificate.bound)) return sentence + ": it is optimal.";
  return sentence + ": at most " + support::share_text(gap_of(objective, *certificate.bound)) + " could be gained.";
}

std::string page_of_faults(const std::string& title, const Certificate& certificate, const std::string& identity,
                           const std::vector<std::string>& violations) {
  std::vector<support::PageFact> facts;
  add_facts(certificate, identity, facts);
  return support::to_html({"plimsoll report", title.empty() ? "A plan" : title, facts,
                           support::faults_of(violations) + "<p>The plan is too broken to be drawn.</p>\n"});
}

}  // namespace plimsoll::common
