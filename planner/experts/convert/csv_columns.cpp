#include "planner/experts/convert/csv_columns.hpp"

#include <algorithm>
#include <cctype>
#include <span>
#include <string_view>

#include "planner/experts/convert/foreign.hpp"
#include "plimsoll/error.hpp"
#include "support/text.hpp"

namespace plimsoll::experts {
namespace {

struct Role {
  std::string_view word;
  std::string_view option;  // empty: by its usual names alone
  std::vector<std::string_view> usual;
};

const Role layer_role{"layer",
                      "layer-column",
                      {"layer", "layers", "layer_id", "layerid", "layer_idx", "layer_index", "layer_number",
                       "layer_num", "moe_layer", "moe_layer_id"}};
const Role expert_role{"expert",
                       "expert-column",
                       {"expert", "expert_id", "expertid", "expert_idx", "expert_index", "expert_number",
                        "logical_expert", "logical_expert_id"}};
const Role count_role{"count",
                      "count-column",
                      {"count", "counts", "token_count", "token_counts", "tokens", "num_tokens", "n_tokens", "load",
                       "loads", "freq", "frequency", "hits", "num_routed_tokens", "activations"}};
const Role step_role{
    "step",
    "step-column",
    {"step", "steps", "step_id", "iter", "iteration", "iterations", "forward_pass", "forward_pass_id"}};
const Role slot_role{"slot", {}, {"slot"}};
const Role device_role{"device", {}, {"device"}};

// "Layer ID" and "layer-id" are layer_id.
std::string normal(std::string_view name) {
  std::string result;
  for (const char character : trimmed(name)) {
    const bool gap = character == ' ' || character == '-' || character == '.';
    result += gap ? '_' : static_cast<char>(std::tolower(static_cast<unsigned char>(character)));
  }
  return result;
}

// The number in "e12", "expert_12", "expert12" or "12".
std::optional<std::int64_t> numbered(const std::string& name) {
  std::string_view rest = name;
  for (const std::string_view prefix : {"expert_", "expert", "exp_", "exp", "e_", "e"}) {
    if (rest.substr(0, prefix.size()) != prefix) continue;
    rest.remove_prefix(prefix.size());
    break;
  }
  const bool digits =
      !rest.empty() && std::all_of(rest.begin(), rest.end(), [](char c) { return c >= '0' && c <= '9'; });
  return digits ? whole_number_of(rest) : std::nullopt;
}

class Finder {
 public:
  Finder(const std::vector<std::string>& header, const ConvertOptions& options) : options_(options) {
    for (const std::string& name : header) {
      exact_.emplace_back(trimmed(name));
      normal_.push_back(normal(name));
    }
    used_.assign(header.size(), false);
  }

  CsvColumns run() {
    CsvColumns columns;
    find_conditions(columns);
    columns.layer = find(layer_role);
    columns.expert = find(expert_role);
    if (columns.expert) {
      columns.count = find(count_role);
      if (!columns.count) columns.slot = find(slot_role);
      if (columns.slot) columns.device = find(device_role);
      if (!columns.count && !columns.slot) refuse_missing(count_role);
    } else {
      if (options_.text("count-column")) refuse_missing(expert_role);
      find_wide(columns);
    }
    const bool asked = options_.steps() || options_.text("step-column");
    if (asked || usual(step_role).size() == 1) columns.step = find(step_role);
    if (asked && !columns.step) refuse_missing(step_role);
    if (!columns.layer) refuse_missing(layer_role);
    for (std::size_t column = 0; column < used_.size(); ++column) {
      const bool selects = std::any_of(columns.conditions.begin(), columns.conditions.end(),
                                       [&](const auto& condition) { return condition.first == column; });
      if (!used_[column] && !selects) columns.others.push_back(column);
    }
    return columns;
  }

 private:
  [[nodiscard]] std::string listed() const {
    std::string list;
    for (std::size_t column = 0; column < exact_.size(); ++column) {
      if (column == 12) return list + ", ...";
      list += (column == 0 ? "" : ", ") + support::in_quotes(exact_[column], 30);
    }
    return list;
  }

  [[noreturn]] void refuse_missing(const Role& role) const {
    std::string advice = "Maybe name it with --" + std::string(role.option) + ".";
    for (const char* separator : {";", "\t"}) {
      if (exact_.size() == 1 && exact_[0].find(separator) != std::string::npos) {
        advice = std::string("Maybe its fields are parted by ") + (*separator == ';' ? "semicolons" : "tabs") +
                 "; commas are expected.";
      }
    }
    throw Error(ErrorCode::input,
                "line 1: no column is known as the " + std::string(role.word) + "; the columns are " + listed(), {},
                advice);
  }

  // The column of this very name, or else the one whose name differs in case and punctuation only.
  [[nodiscard]] std::size_t named(const std::string& name, std::string_view option) const {
    std::vector<std::size_t> found;
    for (std::size_t column = 0; column < exact_.size(); ++column) {
      if (exact_[column] == name) found.push_back(column);
    }
    for (std::size_t column = 0; column < exact_.size() && found.empty(); ++column) {
      if (normal_[column] == normal(name)) found.push_back(column);
    }
    if (found.size() == 1) return found.front();
    const std::string guess = support::nearest(name, exact_);
    throw Error(ErrorCode::input,
                "--" + std::string(option) + ": " +
                    (found.empty() ? "there is no column " : "several columns have the name ") +
                    support::in_quotes(name) + "; the columns are " + listed(),
                {}, guess.empty() || !found.empty() ? "" : "Maybe '" + guess + "' was meant.");
  }

  [[nodiscard]] std::vector<std::size_t> usual(const Role& role) const {
    std::vector<std::size_t> found;
    for (std::size_t column = 0; column < normal_.size(); ++column) {
      const bool known = std::find(role.usual.begin(), role.usual.end(), normal_[column]) != role.usual.end();
      if (known && !used_[column]) found.push_back(column);
    }
    return found;
  }

  std::optional<std::size_t> find(const Role& role) {
    const std::optional<std::string> name = role.option.empty() ? std::nullopt : options_.text(role.option);
    std::optional<std::size_t> column;
    if (name) {
      column = named(*name, role.option);
    } else {
      const std::vector<std::size_t> found = usual(role);
      if (found.empty()) return std::nullopt;
      if (found.size() > 1) {
        throw Error(ErrorCode::input,
                    "line 1: the " + std::string(role.word) + " could be " + support::in_quotes(exact_[found[0]]) +
                        " or " + support::in_quotes(exact_[found[1]]),
                    {}, role.option.empty() ? "" : "Maybe name it with --" + std::string(role.option) + ".");
      }
      column = found.front();
    }
    if (used_[*column]) {
      throw Error(ErrorCode::input, "the column " + support::in_quotes(exact_[*column]) + " is asked for twice");
    }
    used_[*column] = true;
    return column;
  }

  // A column that selects rows may still be the layer, the expert or the step.
  void find_conditions(CsvColumns& columns) const {
    for (const auto& [name, value] : options_.where()) {
      const std::size_t column = named(name, "where");
      const auto same = std::find_if(columns.conditions.begin(), columns.conditions.end(),
                                     [&](const auto& condition) { return condition.first == column; });
      if (same != columns.conditions.end()) {
        same->second.push_back(value);
      } else {
        columns.conditions.push_back({column, {value}});
      }
    }
  }

  // One column per expert, each of 0 to n - 1 once.
  void find_wide(CsvColumns& columns) {
    for (std::size_t column = 0; column < normal_.size(); ++column) {
      const std::optional<std::int64_t> expert = used_[column] ? std::nullopt : numbered(normal_[column]);
      if (expert && *expert < most_foreign_experts) columns.experts.emplace_back(column, static_cast<int>(*expert));
    }
    std::sort(columns.experts.begin(), columns.experts.end(),
              [](const auto& a, const auto& b) { return std::pair(a.second, a.first) < std::pair(b.second, b.first); });
    for (std::size_t i = 0; i < columns.experts.size(); ++i) {
      if (columns.experts[i].second == static_cast<int>(i)) continue;
      throw Error(ErrorCode::input, "line 1: of the columns of single experts, the one of expert " + std::to_string(i) +
                                        " is missing or another stands twice");
    }
    if (columns.experts.empty()) refuse_missing(expert_role);
    for (const auto& [column, expert] : columns.experts) used_[column] = true;
  }

  const ConvertOptions& options_;
  std::vector<std::string> exact_;
  std::vector<std::string> normal_;
  std::vector<bool> used_;
};

}  // namespace

CsvColumns find_columns(const std::vector<std::string>& header, const ConvertOptions& options) {
  return Finder(header, options).run();
}

}  // namespace plimsoll::experts
