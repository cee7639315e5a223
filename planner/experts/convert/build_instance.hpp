// From what a foreign file says to an instance file: a new one, with what the file lacks from options, or a given one
// in which the file's part takes the place of what stood there.
#pragma once

#include <cstdint>
#include <vector>

#include "planner/common/conversion.hpp"
#include "planner/experts/convert/foreign.hpp"

namespace plimsoll::experts {

// The key of an instance under which conversions keep the layers' numbers in the model.
inline constexpr std::string_view layers_key = "x-layers";

// The numbers of an instance's layers: by --layers, by x-layers, or 0, 1, ... Throws Error where their number differs.
std::vector<std::int64_t> layer_numbers(const support::Json& instance, std::size_t layers,
                                        const ConvertOptions& options);

common::Converted build_instance(Foreign foreign, const common::Document* base, const ConvertOptions& options);

}  // namespace plimsoll::experts
