// The report of a run for people.
#pragma once

#include <string>

#include "executor/run/report_json.hpp"

namespace plimsoll::cli {

[[nodiscard]] std::string run_text(const executor::RunFacts& facts, const executor::RunPlan& plan,
                                   const executor::ModelShape& shape, std::size_t expert_bytes,
                                   const executor::RunResult& result, const executor::RunResult* control);

}  // namespace plimsoll::cli
