// What a balancer knows: the cluster with what stands on it, the micro-steps it remembers, and how far a delta has been
// committed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "plimsoll/balancer.hpp"

namespace plimsoll::experts::balancer {

struct Knowledge {
  BalancerOptions options;
  // Its placement is what stands and its dead devices hold nothing; its load is not used.
  ExpertInstance frame;
  std::vector<Matrix<double>> observed;  // oldest first, at most options.window
  std::uint64_t epoch = 0;
  // The delta that is committed in part, and its layers that are. Empty: there is none.
  std::string open_delta;
  std::vector<bool> committed;
};

// Throws Error(input).
void check_options(const BalancerOptions& options);
// The frame of a balancer, with a placement. Throws Error(input) for what the format of instances forbids, and for a
// placement that breaks a rule of the cluster; experts may be missing in it.
ExpertInstance make_frame(const ExpertInstance& instance, const BalancerOptions& options);
// Throws Error(input).
void check_load(const ExpertInstance& frame, const Matrix<double>& load);

std::string write_state(const Knowledge& knowledge);
Knowledge read_state(std::string_view text);

}  // namespace plimsoll::experts::balancer
