// The lines of a solution file, their words, and the point that fills up while they are read.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "solvers/mip/model.hpp"

namespace plimsoll::solvers::mip {

class SolutionLines {
 public:
  explicit SolutionLines(std::string_view text) : rest_(text) {}
  // Goes to the next line; false at the end.
  bool next();
  [[nodiscard]] std::string_view line() const { return line_; }
  [[nodiscard]] const std::vector<std::string_view>& words() const { return words_; }
  [[nodiscard]] bool begins_with(std::string_view prefix) const { return line_.substr(0, prefix.size()) == prefix; }
  // Throws Error(input) that names the line.
  [[noreturn]] void fail(const std::string& what) const;
  // A finite number; fails else.
  [[nodiscard]] double number(std::string_view word) const;
  [[nodiscard]] int whole(std::string_view word, int least, int most) const;

 private:
  std::string_view rest_;
  std::string_view line_;
  std::vector<std::string_view> words_;
  int number_ = 0;
};

class SolutionPoint {
 public:
  explicit SolutionPoint(const Model& model);
  // Sets a value by name or by index; fails (at the current line) where the variable is unknown or comes twice.
  void set(const SolutionLines& lines, std::string_view name, double value);
  void set(const SolutionLines& lines, int variable, double value);
  // Fails where a value is missing, if every variable had to be listed; else those are 0.
  std::vector<double> finish(const SolutionLines& lines, bool all_listed);

 private:
  std::vector<std::string> names_;
  std::unordered_map<std::string_view, int> index_of_;
  std::vector<double> point_;
  std::vector<char> seen_;
};

}  // namespace plimsoll::solvers::mip
