// Pictures of what devices have to do: heat maps over micro-steps and layers, the layers' times beside their bound, and
// where the time of the step goes.
#pragma once

#include <cstddef>
#include <string>

#include "planner/experts/step/report/story.hpp"

namespace plimsoll::experts::step {

// Each a figure of HTML; empty where there is nothing to see.

std::string picture_of_time(const Story& story);
// Device by micro-step.
std::string picture_of_microsteps(const Story& story);
// Device by layer, micro-step after micro-step.
std::string picture_of_windows(const Story& story);
// Device by layer of one micro-step.
std::string picture_of_layers(const Story& story, std::size_t microstep);
std::string picture_of_layer_times(const Story& story);

// Where most is lost against the bound.
std::size_t worst_microstep(const Story& story);

}  // namespace plimsoll::experts::step
