// The verbs of the program. Each adds its own command to the parser and gives back what to do when it was asked for.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>

#include "cli/exit_codes.hpp"
#include "support/meter.hpp"

namespace plimsoll::cli {

struct Verb {
  CLI::App* command = nullptr;
  std::function<int()> run;
};

// `start` is when the program began: a time limit covers reading too.
Verb add_solve(CLI::App& program, support::Meter::Clock::time_point start);
Verb add_check(CLI::App& program);
Verb add_explain(CLI::App& program);
Verb add_report(CLI::App& program);
Verb add_methods(CLI::App& program);
Verb add_generate(CLI::App& program);
Verb add_convert(CLI::App& program);
Verb add_export(CLI::App& program);
Verb add_compare(CLI::App& program);
Verb add_run(CLI::App& program);
Verb add_calibrate(CLI::App& program);
Verb add_roofline(CLI::App& program);

}  // namespace plimsoll::cli
