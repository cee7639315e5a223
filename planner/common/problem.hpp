// What a problem must offer so that every verb of the program works for it. A problem folder implements LoadedInstance
// for its own types and fills in one ProblemKind; planner/registry.cpp lists the kinds.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "planner/common/integer_program.hpp"
#include "planner/common/line_stream.hpp"
#include "plimsoll/certificate.hpp"
#include "plimsoll/options.hpp"
#include "support/json.hpp"
#include "support/meter.hpp"

namespace plimsoll::common {

// An instance or plan file after parsing: the tree, where it came from, and its identity.
struct Document {
  std::string source;           // path as the user gave it, or "-"
  std::string format = "json";  // or one of the problem's text formats; then `json` is null
  support::Json json;
  mutable support::Attachments attachments;
  std::string text;  // the bytes of the file itself
};

// SHA-256 over the file's bytes followed by those of every attached .npy, in hexadecimal.
std::string identity(const Document& document);

// A solved instance, ready to be written. The two JSON texts go into the plan file as they are.
struct SolvedPlan {
  Certificate certificate;
  std::string metrics_json;  // an object
  std::string plan_json;     // an object; empty where there is no plan
  std::string proof_json;    // an object with which `check` computes the bound anew; empty where it needs nothing
  std::vector<std::pair<std::string, std::string>> summary;  // what the user reads at the end: name, value
  struct Bar {
    std::string label;
    double value = 0;
  };
  std::vector<Bar> bars;  // one per device
  std::string bar_unit;
  double seconds = 0;  // wall clock from `start` on
};

// A page of HTML about a plan, whatever it is worth.
struct PlanReport {
  std::string html;
  std::vector<std::string> violations;  // one sentence each; they stand on the page, too
};

struct MethodInfo {
  std::string_view name;
  std::string_view supports;  // which part of the format, in a few words
  std::string_view help;      // one line
};

// Methods of a problem, or of one kind of its instances.
struct MethodList {
  std::string_view of;  // "experts", "experts with micro-steps"
  std::vector<MethodInfo> methods;
};

class RollingPlanner;  // rolling.hpp

class LoadedInstance {
 public:
  virtual ~LoadedInstance() = default;
  [[nodiscard]] virtual const std::string& name() const = 0;
  // Those that instances of this kind can be solved with.
  [[nodiscard]] virtual MethodList methods() const = 0;
  [[nodiscard]] virtual SolvedPlan solve(const SolveOptions& options,
                                         support::Meter::Clock::time_point start) const = 0;
  // Every violation of the plan and of its certificate, one sentence each. Throws Error(input) where the plan's format
  // is broken. `plan` is the whole plan file; the caller has checked the envelope and the instance's identity.
  [[nodiscard]] virtual std::vector<std::string> check(const support::Json& plan,
                                                       const Certificate& certificate) const = 0;
  // What binds, per device, for people.
  [[nodiscard]] virtual std::string explain(const support::Json& plan) const = 0;
  // The plan in pictures. `plan` is the whole plan file, as for check(). Throws Error(unsupported) where the problem
  // has none.
  [[nodiscard]] virtual PlanReport report(const support::Json& plan, const Certificate& certificate) const;
  // The whole problem as an integer program, every optimal plan in it but for copies that differ in nothing. With a
  // cutoff, only plans whose objective is at most that have to be in it. Lives no longer than this instance. Throws
  // Error(unsupported) where the problem has no such program or this instance is too large for it.
  [[nodiscard]] virtual std::unique_ptr<IntegerProgram> integer_program(std::optional<double> cutoff) const;
  // Lives no longer than this instance. Throws Error(unsupported) where there is no next micro-step to plan for.
  [[nodiscard]] virtual std::unique_ptr<RollingPlanner> rolling() const;
  // Plans what comes line by line, after this instance. Throws Error(unsupported) where nothing can come.
  [[nodiscard]] virtual std::unique_ptr<LineStream> line_stream(const LineStreamOptions& options) const;
};

struct GenerateOption {
  std::string_view name;      // without dashes
  std::string_view fallback;  // the default, as text
  std::string_view help;
};

// A plain text format that instances are read from directly (--format NAME).
struct TextFormat {
  std::string_view name;
  std::string_view help;  // one line
};

struct Conversions;  // conversion.hpp

struct ProblemKind {
  std::string_view name;
  std::string_view summary;
  // One list, or one for each kind of instances.
  std::vector<MethodList> (*methods)();
  std::unique_ptr<LoadedInstance> (*load)(const Document& document);
  std::span<const GenerateOption> (*generate_options)();
  // The text of an instance file.
  std::string (*generate)(const std::map<std::string, std::string, std::less<>>& values, std::uint64_t seed);
  // Other people's formats; null where the problem knows none.
  const Conversions* (*conversions)() = nullptr;
  // What `load` takes besides JSON; null where there is nothing.
  std::span<const TextFormat> (*text_formats)() = nullptr;
};

}  // namespace plimsoll::common

namespace plimsoll {

// Every problem of this build; defined in planner/registry.cpp.
std::span<const common::ProblemKind> problems();
// Throws Error(input) that lists the known names.
const common::ProblemKind& find_problem(std::string_view name);

}  // namespace plimsoll
