#pragma once

#include <string>

#include "plimsoll/documents.hpp"
#include "plimsoll/plimsoll.h"

struct plimsoll_plan {
  plimsoll::PlanDocument document;
  std::string text;                 // the plan file; empty for plans of plimsoll_rebalance
  plimsoll::Matrix<int> rank = {};  // of plans of plimsoll_rebalance
};
