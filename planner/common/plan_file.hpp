// The envelope of a plan file, the same for every problem: {"plimsoll", "problem", "instance", "certificate",
// "metrics", "plan", "proof", "run"}. Everything but `run` is a function of instance, options and seed.
#pragma once

#include <string>

#include "planner/common/problem.hpp"

namespace plimsoll::common {

// Reads a whole file ("-": standard input) and parses it; Error messages carry no file name, the caller adds it.
Document read_document(const std::string& path);
// The same for a text format, which is left to its problem to parse.
Document read_text_document(const std::string& path, const std::string& format);

std::string write_plan(std::string_view problem, const std::string& instance_name, const std::string& instance_sha256,
                       const SolvedPlan& solved, int threads);

// The certificate of a plan file; throws Error(input) on any broken key. `problem` and `instance_sha256` must match.
Certificate read_envelope(const support::Json& plan, std::string_view problem, const std::string& instance_sha256);

// The hash of the instance that a plan file names; its envelope has been read.
std::string identity_in(const support::Json& plan);

std::string_view name_of(Status status);
std::string_view name_of(StoppedBy reason);
std::string_view name_of(BoundEvidence evidence);

}  // namespace plimsoll::common
