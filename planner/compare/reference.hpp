// What is known about an instance from elsewhere: MIPLIB's .solu files, and tables (CSV) of best known values.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace plimsoll::compare {

struct Reference {
  std::string name;  // as the file has it: a name, or a path
  // The objective of the best plan known; with `optimum` no plan is better.
  std::optional<double> value;
  std::optional<double> bound;
  bool optimum = false;
  bool infeasible = false;
  // Half a unit of the last printed digit behind the point: 196.6667 is 196.66665 to 196.66675; 7615 is exact.
  double value_slack = 0;
  double bound_slack = 0;
  std::size_t line = 0;
};

enum class ReferenceFormat { csv, solu };

// By the name's ending; by the text where it says nothing ("=opt= ..." begins a line of .solu).
ReferenceFormat reference_format(std::string_view path, std::string_view text);

// Throws Error(input) that names the line. CSV: a head with one of the columns Path, Instance, Name or File, and any of
// "Best known bound", "Optimum", "Best known solution value", in any order and case; empty cells are unknown.
std::vector<Reference> read_references(std::string_view text, ReferenceFormat format);

// The entry for an instance: whose path ends the instance's path, else whose name is the instance's, else whose file
// name is, all without endings such as ".json". Throws Error(input) where two entries fit equally well and differ.
std::optional<Reference> find_reference(const std::vector<Reference>& references, const std::string& name,
                                        const std::string& path);

}  // namespace plimsoll::compare
