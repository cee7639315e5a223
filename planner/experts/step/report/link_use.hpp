// Who uses which link when, under names that people know.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "planner/experts/step/links.hpp"
#include "planner/experts/step/report/story.hpp"

namespace plimsoll::experts::step {

enum class LinkKind { port_out, port_in, nic_out, nic_in, host };
enum class PathKind { inside, between, host };

PathKind path_of(const StepInstance& instance, const Transfer& transfer);
std::string name_of(PathKind path);

// The links that a transfer takes, numbered as in links.hpp.
std::vector<int> links_of(const StepInstance& instance, const Transfer& transfer);

LinkKind kind_of_link(const StepInstance& instance, int link);
// "device 3 in", "NIC 2 out", "host to 5"
std::string name_of_link(const StepInstance& instance, int link);
// The node of the device, or of the lowest device that uses the NIC.
int node_of_link(const StepInstance& instance, int link);

// From here on the step waits for the transfer; its end or later where it does not.
double exposed_from(const Story& story, const Transfer& transfer);

struct Interval {
  double start = 0;
  double end = 0;
};

struct LinkUse {
  int link = 0;
  std::vector<std::size_t> transfers;  // indices into the plan's, in the order of their start
  double busy_seconds = 0;
  double exposed_seconds = 0;    // of it
  std::vector<Interval> tokens;  // dispatch and combine, in the order of time
  double token_seconds = 0;
  double bytes = 0;
};

// Every link that carries a transfer, by kind and number.
std::vector<LinkUse> use_of_links(const Story& story);

}  // namespace plimsoll::experts::step
