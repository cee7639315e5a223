// NumPy files as conversions take them: alone or in an archive of numpy.savez, with the place named where a value is
// wrong.
#pragma once

#include <string>
#include <string_view>

#include "planner/experts/convert/options.hpp"
#include "support/npy.hpp"

namespace plimsoll::experts {

// The bytes of the .npy file: the text itself, or the array of an archive that --array names; not needed where there is
// but one.
std::string npy_bytes(std::string_view text, const ConvertOptions& options);

// Those of --step or --steps, by position; all without them. Throws Error(input) where the file has fewer.
Steps chosen_steps(const ConvertOptions& options, std::size_t count);

// A number of tokens. Throws Error(input) with the place where it is none.
double tokens_at(const support::NpyArray& array, std::size_t index);
// "[3][0][7]"
std::string place_in(const support::NpyArray& array, std::size_t index);

}  // namespace plimsoll::experts
