#pragma once

#include <string>

#include "plimsoll/documents.hpp"
#include "plimsoll/plimsoll.h"

struct plimsoll_instance {
  plimsoll::InstanceDocument document;
};

namespace plimsoll::c {

// Arrays become text and go through the reader of instance files, so that one place judges every instance, and a plan
// made from arrays can be checked against the file that plimsoll_instance_json gives.
plimsoll_instance* make_instance(const std::string& text, const std::string& folder = ".");

}  // namespace plimsoll::c
