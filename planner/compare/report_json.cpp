// The whole comparison as JSON, with what is derived from it; read_comparison takes the runs and leaves what it can
// derive again. docs/schema/comparison.schema.json.
#include <limits>

#include "planner/compare/findings.hpp"
#include "planner/compare/journal.hpp"
#include "planner/compare/report.hpp"
#include "plimsoll/error.hpp"

namespace plimsoll::compare {
namespace {

constexpr double infinite = std::numeric_limits<double>::max();

void write(support::Writer& writer, std::string_view key, const std::optional<double>& number) {
  writer.key(key);
  if (number) {
    writer.value(*number);
  } else {
    writer.null();
  }
}

void write(support::Writer& writer, std::string_view key, const std::vector<std::string>& texts) {
  writer.key(key).begin_array();
  for (const std::string& text : texts) writer.value(text);
  writer.end_array();
}

void write_reference(support::Writer& writer, const std::optional<Reference>& reference) {
  writer.key("reference");
  if (!reference) {
    writer.null();
    return;
  }
  writer.begin_object().key("name").value(reference->name);
  write(writer, "value", reference->value);
  write(writer, "bound", reference->bound);
  writer.key("optimum").value(reference->optimum).key("infeasible").value(reference->infeasible);
  writer.key("value_slack").value(reference->value_slack).key("bound_slack").value(reference->bound_slack);
  writer.end_object();
}

void write_measures(support::Writer& writer, const RunMeasures& measures) {
  writer.key("measures").begin_object();
  write(writer, "gap", measures.gap);
  write(writer, "gap_to_best_bound", measures.gap_to_best_bound);
  write(writer, "gap_to_reference", measures.gap_to_reference);
  write(writer, "seconds_to_best", measures.seconds_to_best);
  write(writer, "primal_integral_seconds", measures.primal_integral);
  writer.key("wins").value(measures.wins).end_object();
}

void write_instance(support::Writer& writer, const Report& report, std::size_t instance) {
  const Comparison& comparison = report.comparison;
  const Instance& one = comparison.instances[instance];
  const InstanceMeasures& measures = report.measures.instances[instance];
  writer.begin_object().key("name").value(one.name).key("path").value(one.path).key("problem").value(one.problem);
  writer.key("sha256").value(one.sha256);
  write_reference(writer, one.reference);
  writer.key("measures").begin_object();
  write(writer, "best_objective", measures.best_objective);
  write(writer, "best_bound", measures.best_bound);
  write(writer, "primal_target", measures.target);
  writer.key("horizon_seconds").value(measures.horizon).end_object();
  writer.key("runs").begin_array();
  for (std::size_t method = 0; method < comparison.methods.size(); ++method) {
    for (std::size_t seed = 0; seed < comparison.seeds.size(); ++seed) {
      const std::size_t index = comparison.index(instance, method, seed);
      writer.begin_object().key("method").value(comparison.methods[method]).key("seed").value(comparison.seeds[seed]);
      writer.key("run");
      write_run(writer, comparison.runs[index]);
      write_measures(writer, report.measures.runs[index]);
      writer.end_object();
    }
  }
  writer.end_array().end_object();
}

void write_summary(support::Writer& writer, const std::string& method, const MethodSummary& one) {
  writer.begin_object().key("method").value(method);
  const auto count = [&](std::string_view key, std::size_t value) {
    writer.key(key).value(static_cast<std::uint64_t>(value));
  };
  count("runs", one.runs);
  count("plans", one.plans);
  count("proven", one.proven);
  count("without_plan", one.without);
  count("refused", one.refused);
  count("failed", one.failed);
  count("wins", one.wins);
  count("wins_alone", one.wins_alone);
  write(writer, "mean_gap", one.mean_gap);
  write(writer, "largest_gap", one.largest_gap);
  write(writer, "mean_gap_to_best_bound", one.mean_gap_to_best_bound);
  write(writer, "mean_gap_to_reference", one.mean_gap_to_reference);
  write(writer, "mean_seconds", one.mean_seconds);
  write(writer, "geometric_mean_seconds", one.geometric_mean_seconds);
  write(writer, "mean_primal_integral_seconds", one.mean_primal_integral);
  writer.end_object();
}

void write_summaries(support::Writer& writer, std::string_view key, const Report& report,
                     const std::vector<MethodSummary>& summary) {
  writer.key(key).begin_array();
  for (std::size_t k = 0; k < summary.size(); ++k) write_summary(writer, report.comparison.methods[k], summary[k]);
  writer.end_array();
}

std::string_view name_of(Fault::Kind kind) {
  switch (kind) {
    case Fault::Kind::failed:
      return "failed";
    case Fault::Kind::refuted:
      return "refuted";
    case Fault::Kind::contradiction:
      break;
  }
  return "contradiction";
}

std::optional<double> number_or_null(const support::Reader& place) {
  if (place.json().is_null()) return std::nullopt;
  return place.number(-infinite, infinite);
}

std::optional<Reference> read_reference(support::Reader place) {
  if (place.json().is_null()) return std::nullopt;
  Reference reference;
  reference.name = place.member("name").text();
  reference.value = number_or_null(place.member("value"));
  reference.bound = number_or_null(place.member("bound"));
  reference.optimum = place.member("optimum").boolean();
  reference.infeasible = place.member("infeasible").boolean();
  reference.value_slack = place.member("value_slack").number(0, infinite);
  reference.bound_slack = place.member("bound_slack").number(0, infinite);
  place.done();
  return reference;
}

void read_instance(support::Reader place, Comparison& comparison) {
  Instance one;
  one.name = place.member("name").text();
  one.path = place.member("path").text();
  one.problem = place.member("problem").text();
  one.sha256 = place.member("sha256").text();
  one.reference = read_reference(place.member("reference"));
  static_cast<void>(place.member("measures"));
  const support::Reader list = place.member("runs");
  const auto runs = list.elements();
  if (runs.size() != comparison.methods.size() * comparison.seeds.size()) list.fail("a run per method and seed");
  for (std::size_t k = 0; k < runs.size(); ++k) {
    support::Reader run = runs[k];
    const support::Reader method = run.member("method");
    if (method.text() != comparison.methods[k / comparison.seeds.size()]) method.fail("runs in the order of methods");
    const support::Reader seed = run.member("seed");
    const auto expected = static_cast<std::int64_t>(comparison.seeds[k % comparison.seeds.size()]);
    static_cast<void>(seed.integer(expected, expected));
    comparison.runs.push_back(read_run(run.member("run")));
    static_cast<void>(run.member("measures"));
    run.done();
  }
  place.done();
  comparison.instances.push_back(std::move(one));
}

}  // namespace

std::string to_json(const Report& report) {
  const Comparison& comparison = report.comparison;
  support::Writer writer;
  writer.begin_object().key("plimsoll").value(1).key("comparison").begin_object();
  writer.key("title").value(comparison.title).key("command").value(comparison.command);
  writer.key("references").value(comparison.references);
  write_limits(writer, comparison.limits);
  write(writer, "methods", comparison.methods);
  writer.key("seeds").begin_array();
  for (const std::uint64_t seed : comparison.seeds) writer.value(seed);
  writer.end_array().end_object();
  writer.key("faults").begin_array();
  for (const Fault& fault : report.faults) {
    writer.begin_object().key("kind").value(name_of(fault.kind));
    writer.key("instance").value(comparison.instances[fault.instance].name);
    writer.key("sentence").value(fault.sentence).end_object();
  }
  writer.end_array();
  write(writer, "findings", findings(report));
  write(writer, "reservations", reservations(report));
  write_summaries(writer, "summary", report, report.summary);
  write_summaries(writer, "summary_of_common", report, report.summary_of_common);
  writer.key("instances").begin_array();
  for (std::size_t instance = 0; instance < comparison.instances.size(); ++instance) {
    write_instance(writer, report, instance);
  }
  return writer.end_array().end_object().take();
}

Comparison read_comparison(std::string_view text) {
  const support::Json json = support::parse(text);
  support::Reader root(json);
  static_cast<void>(root.member("plimsoll").integer(1, 1));
  Comparison comparison;
  support::Reader head = root.member("comparison");
  comparison.title = head.member("title").text();
  comparison.command = head.member("command").text();
  comparison.references = head.member("references").text();
  comparison.limits = read_limits(head);
  for (const support::Reader& method : head.member("methods").elements()) comparison.methods.push_back(method.text());
  for (const support::Reader& seed : head.member("seeds").elements()) {
    comparison.seeds.push_back(static_cast<std::uint64_t>(seed.integer(0, std::numeric_limits<std::int64_t>::max())));
  }
  head.done();
  if (comparison.methods.empty() || comparison.seeds.empty()) head.fail("at least one method and one seed");
  for (const support::Reader& instance : root.member("instances").elements()) read_instance(instance, comparison);
  for (const char* derived : {"faults", "findings", "reservations", "summary", "summary_of_common"}) {
    static_cast<void>(root.member(derived));
  }
  root.done();
  return comparison;
}

}  // namespace plimsoll::compare
