// What the pages about plans of all problems have in common: the certificate in facts, large numbers and a sentence.
#pragma once

#include <string>
#include <vector>

#include "planner/common/problem.hpp"
#include "support/page.hpp"

namespace plimsoll::common {

using AmountText = std::string (*)(double);

// Method, status, what it was found with, and the instance's identity where one is given.
void add_facts(const Certificate& certificate, const std::string& identity, std::vector<support::PageFact>& facts);
// Objective, bound and gap.
void add_tiles(const Certificate& certificate, double objective, AmountText text, std::vector<support::Tile>& tiles);
// "The step takes 1.2 s; no plan takes less than 1.1 s: at most 8.3 % could be gained."
std::string verdict_of(const Certificate& certificate, double objective, const std::string& what, AmountText text);

// For a plan that cannot be drawn.
std::string page_of_faults(const std::string& title, const Certificate& certificate, const std::string& identity,
                           const std::vector<std::string>& violations);

}  // namespace plimsoll::common
