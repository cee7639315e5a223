// How early a layer can end after m moves, bounded from below by what stands. Three proofs, the largest counts:
//   cut       experts X that stand on devices N(X) alone take at least load(X) / (speed(N(X)) + the m fastest others)
//   devices   experts that stand on device d alone leave it one by one, largest first, and each that leaves is a move:
//             d ends by T only after k_d(T) of them, and no expert is counted for two devices
//   nodes     the same for groups that are kept on a node: a group that leaves takes all its experts along
#pragma once

#include <cstdint>
#include <vector>

#include "planner/experts/prepare.hpp"

namespace plimsoll::experts {

struct StandingCurve {
  std::int64_t lost = 0;        // experts that stand on no live device: a move each, beside those counted below
  std::vector<double> seconds;  // [moves] at least so long after so many moves, falling to `floor` at the end
};

// `floor`: a time that the layer does not beat in any case.
StandingCurve standing_curve(const Prepared& prepared, int layer, double floor);

}  // namespace plimsoll::experts
