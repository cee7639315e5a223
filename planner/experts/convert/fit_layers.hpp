// The layers and experts of a foreign file made to fit those that an instance has, or that were asked for.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "planner/experts/convert/foreign.hpp"

namespace plimsoll::experts {

// "1 layer", "2 layers"
std::string count_of(std::size_t count, const std::string& noun);

// Keeps the layers of these numbers. Where one is missing: refused.
void keep_layers(Foreign& foreign, const std::vector<std::int64_t>& wanted);
// Of a file that has to fit these layers: by their numbers, where those are the model's and the file has them all, else
// by their order. Numbers that are mere places would pick the first rows of a longer file, dense layers and all.
void match_layers(Foreign& foreign, const std::vector<std::int64_t>& wanted, bool numbered, const std::string& whose);
// Experts that a file of counts leaves out got no tokens.
void widen(Foreign& foreign, std::size_t experts, const std::string& whose);

}  // namespace plimsoll::experts
