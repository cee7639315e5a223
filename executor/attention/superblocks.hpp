// A bound on the scores of two blocks of index keys at once, so that most blocks need not be read.
//
// Of the keys k of a superblock: the box [centre - half, centre + half] that holds them, and the radius of the
// ellipsoid around the centre with the box's axes, r = max_k || (k - centre) / half ||_2 <= sqrt(size). For every query
// q
//
//   q . k <= q . centre + min( sum_d |q_d| half_d, r * || q o half ||_2 ).
//
// The box is the tighter one where few dimensions matter to the query, the ellipsoid where many do.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "executor/attention/box_sums.hpp"
#include "executor/attention/shape.hpp"
#include "executor/kernels/isa.hpp"

namespace plimsoll::executor {

class BlockPool;
class Team;

class Superblocks {
 public:
  static constexpr int blocks = 2;

  explicit Superblocks(int size) : size_(size) {}

  // Adds every superblock whose blocks are all among the first `complete` ones of the table.
  void extend(const BlockPool& pool, std::span<const std::int32_t> table, int complete, Team& team);

  [[nodiscard]] int count() const { return static_cast<int>(radius_.size()); }
  // At least every score that the kernels could compute in f32 for this query and a key of the superblock; infinite
  // where a key is not finite. `query_norm` is at least the query's Euclidean norm. Beside it the score of the centre,
  // which bounds nothing but tells where good keys may be.
  struct Bound {
    float upper;
    float centre;
  };
  [[nodiscard]] Bound bound(Isa isa, int superblock, const float* query, float query_norm) const;
  // Of what bound() reads.
  [[nodiscard]] std::int64_t bytes_each() const { return (2 * static_cast<std::int64_t>(size_) + 2) * 4; }

 private:
  int size_;
  std::vector<float> boxes_;   // [superblock][centre: size, half: size]
  std::vector<float> radius_;  // infinite: no bound
  std::vector<float> reach_;   // of the box: the largest norm of a point in it
};

}  // namespace plimsoll::executor
