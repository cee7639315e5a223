#include "planner/common/plan_file.hpp"

#include <array>
#include <filesystem>
#include <limits>

#include "support/file.hpp"
#include "support/sha256.hpp"
#include "support/text.hpp"

namespace plimsoll::common {

namespace {

using support::Reader;

template <class T, std::size_t N>
using Names = std::array<std::pair<T, std::string_view>, N>;

constexpr Names<Status, 4> kStatuses = {{{Status::optimal, "optimal"},
                                         {Status::feasible, "feasible"},
                                         {Status::infeasible, "infeasible"},
                                         {Status::unknown, "unknown"}}};
constexpr Names<StoppedBy, 6> kReasons = {{{StoppedBy::optimal, "optimal"},
                                           {StoppedBy::gap, "gap"},
                                           {StoppedBy::work, "work"},
                                           {StoppedBy::time, "time"},
                                           {StoppedBy::interrupt, "interrupt"},
                                           {StoppedBy::exhausted, "exhausted"}}};
constexpr Names<BoundEvidence, 2> kEvidences = {
    {{BoundEvidence::recomputed, "recomputed"}, {BoundEvidence::backend, "backend"}}};

template <class T, std::size_t N>
std::string_view name_in(const Names<T, N>& names, T wanted) {
  for (const auto& [value, name] : names) {
    if (value == wanted) return name;
  }
  throw Error(ErrorCode::internal, "a value without a name");
}

template <class T, std::size_t N>
T value_in(const Names<T, N>& names, const Reader& place) {
  std::vector<std::string> known;
  std::string list;
  for (const auto& [value, name] : names) {
    if (place.json().string() != nullptr && *place.json().string() == name) return value;
    list += (list.empty() ? "" : known.size() + 1 == N ? " or " : ", ") + support::in_quotes(name);
    known.emplace_back(name);
  }
  const std::string guess = place.json().string() != nullptr ? support::nearest(*place.json().string(), known) : "";
  place.fail(list, guess.empty() ? "" : "Maybe '" + guess + "' was meant.");
}

std::optional<double> number_or_null(const Reader& place) {
  if (place.json().is_null()) return std::nullopt;
  if (!place.json().is_number()) place.fail("a number or null");
  return place.number(std::numeric_limits<double>::lowest(), std::numeric_limits<double>::max());
}

void write_number(support::Writer& writer, std::string_view key, const std::optional<double>& number) {
  writer.key(key);
  if (number) {
    writer.value(*number);
  } else {
    writer.null();
  }
}

void write_text_or_null(support::Writer& writer, std::string_view key, const std::string& json) {
  writer.key(key);
  if (json.empty()) {
    writer.null();
  } else {
    writer.raw(json);
  }
}

void write_certificate(support::Writer& writer, const Certificate& certificate) {
  writer.begin_object().key("status").value(name_of(certificate.status));
  write_number(writer, "objective", certificate.objective);
  write_number(writer, "bound", certificate.bound);
  write_number(writer, "gap", certificate.gap);
  writer.key("bound_method").value(certificate.bound_method);
  writer.key("bound_evidence").value(name_of(certificate.bound_evidence));
  writer.key("method").value(certificate.method);
  writer.key("verified").value(certificate.verified);
  writer.key("seed").value(certificate.seed);
  writer.key("stopped_by").value(name_of(certificate.stopped_by));
  writer.key("work").value(certificate.work);
  if (!certificate.reason.empty()) writer.key("reason").value(certificate.reason);
  writer.end_object();
}

void read_instance_link(Reader place, const std::string& expected) {
  static_cast<void>(place.member("name").text());
  const Reader hash = place.member("sha256");
  place.done();
  const std::string found = hash.text();
  if (found.size() != 64 || found.find_first_not_of("0123456789abcdef") != std::string::npos) {
    hash.fail("64 lower-case hexadecimal digits");
  }
  if (found == expected) return;
  throw Error(ErrorCode::input,
              "the plan was made for an instance with hash " + found.substr(0, 12) + "..., this one has " +
                  expected.substr(0, 12) + "...",
              hash.pointer(), "Maybe this plan belongs to another instance.");
}

Certificate read_certificate(Reader place) {
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  Certificate certificate;
  certificate.status = value_in(kStatuses, place.member("status"));
  certificate.objective = number_or_null(place.member("objective"));
  certificate.bound = number_or_null(place.member("bound"));
  certificate.gap = number_or_null(place.member("gap"));
  certificate.bound_method = place.member("bound_method").text();
  certificate.bound_evidence = value_in(kEvidences, place.member("bound_evidence"));
  certificate.method = place.member("method").text();
  certificate.verified = place.member("verified").boolean();
  certificate.seed = static_cast<std::uint64_t>(place.member("seed").integer(0, kMost));
  certificate.stopped_by = value_in(kReasons, place.member("stopped_by"));
  certificate.work = static_cast<std::uint64_t>(place.member("work").integer(0, kMost));
  if (const auto reason = place.optional_member("reason")) certificate.reason = reason->text();
  place.done();
  return certificate;
}

// Null where the status leaves no room for a value, and only there; so that nobody later asks for what is not there.
void check_nulls(const Certificate& certificate, const Reader& plan) {
  const bool has_plan = certificate.status == Status::optimal || certificate.status == Status::feasible;
  const std::string status = "status is " + support::in_quotes(name_of(certificate.status));
  const auto refuse = [](const std::string& message, const std::string& pointer) {
    throw Error(ErrorCode::input, message, pointer);
  };
  if (has_plan && plan.json().is_null()) refuse("null, but the " + status, plan.pointer());
  if (!has_plan && !plan.json().is_null()) refuse("a plan, but the " + status, plan.pointer());
  if (has_plan != certificate.objective.has_value()) {
    refuse(has_plan ? "null, but the " + status : "a number, but the " + status, "/certificate/objective");
  }
  if (certificate.status == Status::optimal && !certificate.bound) {
    refuse("null, but the " + status, "/certificate/bound");
  }
  if (certificate.gap.has_value() != (certificate.objective && certificate.bound)) {
    refuse(certificate.gap ? "a number without both objective and bound" : "null with both objective and bound",
           "/certificate/gap");
  }
}

}  // namespace

std::string identity_in(const support::Json& plan) {
  const support::Json* instance = plan.find("instance");
  const support::Json* hash = instance == nullptr ? nullptr : instance->find("sha256");
  return hash == nullptr || hash->string() == nullptr ? std::string() : *hash->string();
}

std::string_view name_of(Status status) { return name_in(kStatuses, status); }
std::string_view name_of(StoppedBy reason) { return name_in(kReasons, reason); }
std::string_view name_of(BoundEvidence evidence) { return name_in(kEvidences, evidence); }

std::string identity(const Document& document) {
  support::Sha256 hash;
  hash.add(document.text);
  for (const std::string& bytes : document.attachments.contents) hash.add(bytes);
  return hash.finish();
}

Document read_text_document(const std::string& path, const std::string& format) {
  Document document;
  document.source = path;
  document.format = format;
  document.text = support::read_file(path);
  return document;
}

Document read_document(const std::string& path) {
  Document document = read_text_document(path, "json");
  document.json = support::parse(document.text);
  if (path != "-") document.attachments.folder = std::filesystem::path(path).parent_path();
  return document;
}

std::string write_plan(std::string_view problem, const std::string& instance_name, const std::string& instance_sha256,
                       const SolvedPlan& solved, int threads) {
  support::Writer writer;
  writer.begin_object().key("plimsoll").value(1).key("problem").value(problem);
  writer.key("instance").begin_object().key("name").value(instance_name).key("sha256").value(instance_sha256);
  writer.end_object();
  writer.key("certificate");
  write_certificate(writer, solved.certificate);
  write_text_or_null(writer, "metrics", solved.metrics_json);
  write_text_or_null(writer, "plan", solved.plan_json);
  if (!solved.proof_json.empty()) writer.key("proof").raw(solved.proof_json);
  writer.key("run").begin_object().key("seconds").value(solved.seconds).key("threads").value(threads);
  writer.key("version").value(PLIMSOLL_VERSION).end_object();
  return writer.end_object().take();
}

Certificate read_envelope(const support::Json& plan, std::string_view problem, const std::string& instance_sha256) {
  Reader root(plan);
  static_cast<void>(root.member("plimsoll").integer(1, 1));
  const Reader kind = root.member("problem");
  if (kind.text() != problem) kind.fail(support::in_quotes(problem), "Maybe this plan belongs to another instance.");
  const Reader instance = root.member("instance");
  const Reader certificate_place = root.member("certificate");
  const Reader metrics = root.member("metrics");
  const Reader body = root.member("plan");
  const auto proof = root.optional_member("proof");
  const auto run = root.optional_member("run");
  root.done();
  for (const Reader* part : {&metrics, &body}) {
    if (part->json().object() == nullptr && !part->json().is_null()) part->fail("an object or null");
  }
  if (run && run->json().object() == nullptr) run->fail("an object");
  if (proof && proof->json().object() == nullptr) proof->fail("an object");
  const Certificate certificate = read_certificate(certificate_place);
  check_nulls(certificate, body);
  read_instance_link(instance, instance_sha256);
  return certificate;
}

}  // namespace plimsoll::common
