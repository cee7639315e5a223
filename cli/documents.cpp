#include "cli/documents.hpp"

#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "cli/errors.hpp"
#include "cli/terminal.hpp"
#include "planner/common/plan_file.hpp"
#include "planner/experts/measured_cost.hpp"
#include "support/file.hpp"
#include "support/text.hpp"

namespace plimsoll::cli {
namespace {

// The problem that reads the text format; what follows a colon is the problem's business.
const common::ProblemKind& kind_of_format(const std::string& format) {
  const std::string_view name = std::string_view(format).substr(0, format.find(':'));
  for (const auto& kind : problems()) {
    if (kind.text_formats == nullptr) continue;
    for (const auto& known : kind.text_formats()) {
      if (known.name == name) return kind;
    }
  }
  throw Error(ErrorCode::usage, "--format: expected one of " + known_formats() + ", got " + support::in_quotes(format));
}

// Files that start with a number are text formats that nobody has named.
common::Document read_json_document(const std::string& path) {
  try {
    return common::read_document(path);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::input || path == "-") throw;
    const std::string text = support::read_file(path);
    const std::size_t first = text.find_first_not_of(" \t\r\n");
    if (first == std::string::npos || text[first] < '0' || text[first] > '9') throw;
    throw Error(error.code(), error.what(), error.pointer(),
                "Maybe this is a text format: see --format (" + known_formats() + ").");
  }
}

}  // namespace

std::string known_formats() {
  std::string list = "json";
  for (const auto& kind : problems()) {
    if (kind.text_formats == nullptr) continue;
    for (const auto& format : kind.text_formats()) list += ", " + std::string(format.name);
  }
  return list;
}

OpenedInstance open_instance(const std::string& path, const std::string& format) {
  if (format != "json") {
    const common::ProblemKind& kind = kind_of_format(format);
    return about_file(path, [&] {
      OpenedInstance opened;
      opened.document = common::read_text_document(path, format);
      opened.kind = &kind;
      opened.instance = kind.load(opened.document);
      opened.sha256 = common::identity(opened.document);
      return opened;
    });
  }
  return about_file(path, [&] { return plimsoll::open_instance(read_json_document(path)); });
}

OpenedInstance open_instance_with_cost(const std::string& path, const std::string& format,
                                       const std::optional<std::string>& cost) {
  if (!cost) return open_instance(path, format);
  if (format != "json")
    throw Error(ErrorCode::usage, "--cost goes with instances in JSON, not with --format " + format);
  if (path == "-" && *cost == "-") {
    throw Error(ErrorCode::usage, "only one of INSTANCE and --cost can be standard input");
  }
  common::Document document = about_file(path, [&] { return read_json_document(path); });
  about_file(path, [&] {
    if (kind_of(document.json).name == "experts") return;
    throw Error(ErrorCode::usage, "--cost goes with instances of experts, and this is none");
  });
  document =
      about_file(*cost, [&] { return experts::with_measured_cost(std::move(document), common::read_document(*cost)); });
  return about_file(path, [&] { return plimsoll::open_instance(std::move(document)); });
}

void add_cost_option(CLI::App& command, std::optional<std::string>& cost) {
  command.add_option("--cost", cost, "A measured cost (plimsoll calibrate) in place of the instance's own")
      ->type_name("COST");
}

OpenedPlan open_plan(const std::string& path, const OpenedInstance& opened) {
  return about_file(path, [&] {
    OpenedPlan plan;
    plan.document = common::read_document(path);
    plan.certificate = common::read_envelope(plan.document.json, opened.kind->name, opened.sha256);
    return plan;
  });
}

std::string OpenedPlan::why_none() const {
  std::string text = "the certificate says " + std::string(common::name_of(certificate.status));
  if (!certificate.reason.empty()) text += ": " + certificate.reason;
  return text;
}

void refuse_two_standard_inputs(const std::string& instance, const std::string& plan) {
  if (instance == "-" && plan == "-") {
    throw Error(ErrorCode::usage, "only one of INSTANCE and PLAN can be standard input");
  }
}

void require_writable(const std::string& path, const std::string& input) {
  namespace fs = std::filesystem;
  if (path == "-") {
    if (output_is_writable()) return;
    throw Error(ErrorCode::file, "cannot write to standard output: it is closed");
  }
  const auto refuse = [&](const std::string& reason, const std::string& advice) {
    throw Error(ErrorCode::file, "cannot write " + support::in_quotes(path, 400) + ": " + reason, {}, advice);
  };
  std::error_code ignored;
  const fs::file_status status = fs::status(path, ignored);
  if (path.empty() || fs::is_directory(status)) refuse("this is no file name", "Maybe name a file, such as plan.json.");
  if (input != "-" && fs::equivalent(path, input, ignored)) {
    refuse("this is the instance, it would be overwritten", "Maybe name another file.");
  }
  // Anything but a regular file (a device, a pipe) is written in place, a file is put into its folder.
  const bool in_place = fs::exists(status) && !fs::is_regular_file(status);
  const fs::path parent = fs::path(path).parent_path();
  const fs::path folder = parent.empty() ? fs::path(".") : parent;
  if (!in_place && !fs::is_directory(folder, ignored)) {
    refuse("there is no folder " + support::in_quotes(folder.string(), 400), "Maybe create it first.");
  }
  const fs::path needed = in_place ? fs::path(path) : folder;
  if (::access(needed.c_str(), in_place ? W_OK : W_OK | X_OK) != 0) {
    refuse(std::generic_category().message(errno), "Maybe name a file in another folder.");
  }
}

void write_output(const std::string& path, const std::string& text) {
  if (path == "-") {
    print_data(text);
  } else {
    support::write_file_whole(path, text);
  }
}

}  // namespace plimsoll::cli
