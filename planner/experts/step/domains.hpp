// Tokens per expert by the domain of the text, from a table in the shape `model,domain,layer,expert,count`.
#pragma once

#include <string>
#include <vector>

#include "plimsoll/matrix.hpp"

namespace plimsoll::experts::step {

struct Domains {
  std::vector<std::string> names;      // in the order of the file
  std::vector<Matrix<double>> counts;  // [domains] of [layers][experts]
};

// Reads the file; of several models the named one. Throws Error that names the file.
Domains read_domains(const std::string& path, const std::string& model);

}  // namespace plimsoll::experts::step
