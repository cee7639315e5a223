// Routing as it was logged, a line of JSON for some tokens of a layer: {"step": 0, "layer": 3, "top_indices": [[5, 1],
// [2, 7]]}, or [5, 1] for one token. Other keys are of no interest here.
#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "planner/experts/convert/foreign.hpp"
#include "plimsoll/error.hpp"
#include "support/json.hpp"

namespace plimsoll::experts {
namespace {

using support::Reader;

constexpr std::int64_t most_number = 1'000'000'000;  // of a step or a layer

std::size_t place_of(const std::vector<std::int64_t>& ascending, std::int64_t number) {
  return static_cast<std::size_t>(std::lower_bound(ascending.begin(), ascending.end(), number) - ascending.begin());
}

class Log {
 public:
  explicit Log(const ConvertOptions& options) : chosen_(options.steps()) {}

  void add_line(std::string_view text) {
    const support::Json json = support::parse(text);
    Reader line(json);
    const std::int64_t step = line.member("step").integer(0, most_number);
    const std::int64_t layer = line.member("layer").integer(0, most_number);
    const Reader indices = line.member("top_indices");
    if (indices.json().array() == nullptr) indices.fail("a list of experts, or a list of such lists");
    if (chosen_ && !chosen_->contains(step)) return;
    steps_.insert(step);
    layers_.insert(layer);
    if (indices.json().array()->empty()) return;
    if (indices.json().array()->front().array() == nullptr) {
      add_token(indices, step, layer);
      return;
    }
    for (const Reader& token : indices.elements()) add_token(token, step, layer);
  }

  Foreign take() {
    if (counts_.empty()) {
      throw Error(ErrorCode::input, "the file holds no routes", {},
                  chosen_ ? "Maybe other steps are meant: see --step and --steps." : "");
    }
    const auto experts = static_cast<std::size_t>(last_) + 1;
    check_foreign_cells("the table of micro-steps, layers and experts", {steps_.size(), layers_.size(), experts});
    check_foreign_size("the table of layers and experts", layers_.size(), experts);
    Foreign foreign;
    foreign.layers.assign(layers_.begin(), layers_.end());
    foreign.more_experts = true;
    foreign.microsteps.assign(steps_.size(), Matrix<double>(layers_.size(), experts));
    const std::vector<std::int64_t> steps(steps_.begin(), steps_.end());
    for (const auto& [place, tokens] : counts_) {
      const auto& [step, layer, expert] = place;
      foreign.microsteps[place_of(steps, step)].at(place_of(foreign.layers, layer), static_cast<std::size_t>(expert)) =
          tokens;
    }
    sum_up_microsteps(foreign);
    note(foreign);
    return foreign;
  }

 private:
  void add_token(const Reader& token, std::int64_t step, std::int64_t layer) {
    if (token.json().array() == nullptr) token.fail("a list of experts");
    std::vector<std::int64_t> experts;
    for (const Reader& element : token.elements()) {
      const std::int64_t expert = element.integer(0, most_foreign_experts - 1);
      if (std::find(experts.begin(), experts.end(), expert) != experts.end()) {
        element.fail("an expert that the token does not go to already");
      }
      experts.push_back(expert);
      counts_[{step, layer, expert}] += 1;
      last_ = std::max(last_, expert);
    }
  }

  void note(Foreign& foreign) const {
    if (*steps_.begin() != 0 || *steps_.rbegin() != static_cast<std::int64_t>(steps_.size()) - 1) {
      foreign.notes.push_back("the steps " + std::to_string(*steps_.begin()) + " to " +
                              std::to_string(*steps_.rbegin()) + " become micro-steps 0 to " +
                              std::to_string(steps_.size() - 1));
    }
  }

  std::optional<Steps> chosen_;
  std::set<std::int64_t> steps_;
  std::set<std::int64_t> layers_;
  std::int64_t last_ = 0;
  std::map<std::tuple<std::int64_t, std::int64_t, std::int64_t>, double> counts_;  // by step, layer, expert
};

}  // namespace

Foreign read_routing_jsonl(std::string_view text, const ConvertOptions& options) {
  Log log(options);
  std::size_t number = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    ++number;
    if (line.empty() || line == "\r") continue;
    try {
      log.add_line(line);
    } catch (const Error& error) {
      throw Error(error.code(),
                  "line " + std::to_string(number) + ": " + error.pointer() + (error.pointer().empty() ? "" : ": ") +
                      error.what(),
                  {}, error.advice());
    }
  }
  return log.take();
}

}  // namespace plimsoll::experts
