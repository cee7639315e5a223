// Instances, plans and outputs as files, with errors that name them.
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>

#include "planner/opened_instance.hpp"

namespace plimsoll::cli {

// `format` is "json" or a text format of some problem. Throws Error(usage) for any other, with the list.
OpenedInstance open_instance(const std::string& path, const std::string& format = "json");
// The same with a measured cost in place of the instance's own (plimsoll calibrate), where one is named. Throws
// Error(usage) where the instance is none of `experts`.
OpenedInstance open_instance_with_cost(const std::string& path, const std::string& format,
                                       const std::optional<std::string>& cost);
// The option --cost of a verb that reads an instance.
void add_cost_option(CLI::App& command, std::optional<std::string>& cost);
// What --format takes, for its help: "json, gap, ...".
std::string known_formats();

struct OpenedPlan {
  common::Document document;
  Certificate certificate;
  // False where the certificate says infeasible or unknown: such a file holds no plan.
  [[nodiscard]] bool has_plan() const {
    return certificate.status == Status::optimal || certificate.status == Status::feasible;
  }
  // "the certificate says infeasible: device 3 needs ..."
  [[nodiscard]] std::string why_none() const;
};

OpenedPlan open_plan(const std::string& path, const OpenedInstance& opened);

// Both cannot be standard input. Throws Error(usage).
void refuse_two_standard_inputs(const std::string& instance, const std::string& plan);

// Throws Error(file) where writing to `path` later is bound to fail, or would replace the file `input`.
void require_writable(const std::string& path, const std::string& input = "-");
// Writes to a file as a whole, or to standard output for "-".
void write_output(const std::string& path, const std::string& text);

}  // namespace plimsoll::cli
