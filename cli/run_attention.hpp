// The options of `run` that put attention in front of the experts.
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>

#include "executor/run/attention_request.hpp"

namespace plimsoll::cli {

struct AttentionArguments {
  std::optional<std::string> kind;
  std::optional<std::string> context;
  std::optional<std::string> sequences;
  std::optional<std::string> index;
  bool shared_context = false;
};

void add_attention_options(CLI::App& command, AttentionArguments& arguments);

// What was asked for; nothing without --attention. Throws Error(usage), also for options that need it.
std::optional<executor::AttentionRequest> attention_of(const AttentionArguments& arguments);

}  // namespace plimsoll::cli
