#include "solvers/mip/solution_lines.hpp"

#include <charconv>
#include <cmath>

#include "plimsoll/error.hpp"
#include "solvers/mip/writers.hpp"
#include "support/text.hpp"

namespace plimsoll::solvers::mip {

bool SolutionLines::next() {
  line_ = {};
  words_.clear();
  if (rest_.empty()) return false;
  ++number_;
  const std::size_t end = rest_.find('\n');
  line_ = rest_.substr(0, end);
  rest_ = end == std::string_view::npos ? std::string_view() : rest_.substr(end + 1);
  if (!line_.empty() && line_.back() == '\r') line_.remove_suffix(1);
  for (std::size_t at = line_.find_first_not_of(" \t"); at != std::string_view::npos;) {
    const std::size_t stop = line_.find_first_of(" \t", at);
    words_.push_back(line_.substr(at, stop - at));
    at = stop == std::string_view::npos ? stop : line_.find_first_not_of(" \t", stop);
  }
  return true;
}

void SolutionLines::fail(const std::string& what) const {
  const std::string found = line_.empty() ? "" : "; it reads " + support::in_quotes(line_);
  throw Error(ErrorCode::input, "line " + std::to_string(number_) + ": " + what + found);
}

double SolutionLines::number(std::string_view word) const {
  double value = 0;
  const std::string_view digits = !word.empty() && word.front() == '+' ? word.substr(1) : word;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc() || end != digits.data() + digits.size() || !std::isfinite(value)) {
    fail("expected a number, found " + support::in_quotes(word));
  }
  return value;
}

int SolutionLines::whole(std::string_view word, int least, int most) const {
  int value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc() || end != word.data() + word.size() || value < least || value > most) {
    fail("expected a whole number from " + std::to_string(least) + " to " + std::to_string(most) + ", found " +
         support::in_quotes(word));
  }
  return value;
}

SolutionPoint::SolutionPoint(const Model& model)
    : names_(safe_names(model).variables), point_(names_.size(), 0.0), seen_(names_.size(), 0) {
  for (std::size_t j = 0; j < names_.size(); ++j) index_of_.emplace(names_[j], static_cast<int>(j));
}

void SolutionPoint::set(const SolutionLines& lines, std::string_view name, double value) {
  const auto found = index_of_.find(name);
  if (found == index_of_.end()) lines.fail("the model has no variable " + support::in_quotes(name));
  set(lines, found->second, value);
}

void SolutionPoint::set(const SolutionLines& lines, int variable, double value) {
  const auto index = static_cast<std::size_t>(variable);
  if (seen_[index] != 0) lines.fail("variable " + support::in_quotes(names_[index]) + " has a value already");
  seen_[index] = 1;
  point_[index] = value;
}

std::vector<double> SolutionPoint::finish(const SolutionLines& lines, bool all_listed) {
  for (std::size_t j = 0; all_listed && j < seen_.size(); ++j) {
    if (seen_[j] == 0) lines.fail("the file ends without a value for variable " + support::in_quotes(names_[j]));
  }
  return point_;
}

}  // namespace plimsoll::solvers::mip
