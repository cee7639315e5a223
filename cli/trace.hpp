// `solve --trace FILE`: one line of JSON for each better plan or bound, written at once, so that a file of a solve that
// was killed is complete up to then. docs/formats.md, "A trace".
#pragma once

#include <optional>
#include <string>

#include "plimsoll/error.hpp"
#include "plimsoll/options.hpp"

namespace plimsoll::cli {

class Trace {
 public:
  // Without a path nothing is written. "-" is standard output. Throws Error(file).
  explicit Trace(const std::optional<std::string>& path);
  Trace(const Trace&) = delete;
  Trace& operator=(const Trace&) = delete;
  ~Trace();

  void add(const Progress& progress);
  // The last line of a solve that an error ended.
  void add(const Error& error);

 private:
  void write(const std::string& line);

  int descriptor_ = -1;
  std::string path_;
  std::optional<double> objective_;
  std::optional<double> bound_;
};

// "unsupported"
std::string name_of(ErrorCode code);

}  // namespace plimsoll::cli
