// Exact search on the layers of a local search: what it proves goes to the context, what it finds to the layers.
#pragma once

#include <cstdint>
#include <string>

#include "planner/experts/context.hpp"
#include "planner/experts/search/local_search.hpp"

namespace plimsoll::experts {

class Proof {
 public:
  // `any_size`: also layers that branch and bound is not likely to finish.
  Proof(const Prepared& prepared, Context& context, LocalSearch& local, bool any_size);

  // Looks at every open layer again, with about so much work in all; layers that share limits are decided together.
  // False where there is nothing to look at.
  bool turn(std::uint64_t work);

 private:
  [[nodiscard]] bool worth_a_try(const LayerProblem& problem) const;
  bool prove_layers(std::uint64_t work);
  bool prove_together(std::uint64_t work);
  [[nodiscard]] std::string why_none(int layer) const;

  const Prepared& prepared_;
  Context& context_;
  LocalSearch& local_;
  bool any_size_;
};

}  // namespace plimsoll::experts
