#include "solvers/mip/writers.hpp"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <unordered_set>

#include "plimsoll/error.hpp"
#include "support/json_text.hpp"

namespace plimsoll::solvers::mip {

namespace {

using support::number_text;

void require_variables(const Model& model) {
  if (model.variables() > 0) return;
  throw Error(ErrorCode::unsupported, "a model without variables cannot be written as MPS or LP");
}

std::string unused(std::string name, const std::vector<std::string>& taken) {
  while (std::find(taken.begin(), taken.end(), name) != taken.end()) name += "_";
  return name;
}

bool written(const Model& model, int row) {
  return std::isfinite(model.row_lower(row)) || std::isfinite(model.row_upper(row));
}
bool ranged(const Model& model, int row) {
  return std::isfinite(model.row_lower(row)) && std::isfinite(model.row_upper(row)) &&
         model.row_lower(row) != model.row_upper(row);
}

// Both bounds of every integer variable, because readers disagree about what stands there by default.
void add_mps_bounds(const Variable& variable, const std::string& name, std::string& text) {
  const auto line = [&](const char* kind) { text += std::string(" ") + kind + " BND " + name; };
  const auto number = [&](double value) { text += " " + number_text(value) + "\n"; };
  if (variable.lower == variable.upper) {
    line("FX");
    return number(variable.lower);
  }
  if (std::isinf(variable.lower) && std::isinf(variable.upper)) {
    line("FR");
    text += "\n";
    return;
  }
  if (std::isinf(variable.lower)) {
    line("MI");
    text += "\n";
  } else if (variable.lower != 0 || variable.integer || variable.upper < 0) {
    line("LO");
    number(variable.lower);
  }
  if (std::isfinite(variable.upper)) {
    line("UP");
    number(variable.upper);
  } else if (variable.integer) {
    line("PL");
    text += "\n";
  }
}

// The entries of each column, which is how MPS wants them.
std::vector<std::vector<Entry>> by_column(const Model& model) {
  std::vector<std::vector<Entry>> columns(static_cast<std::size_t>(model.variables()));
  for (int row = 0; row < model.rows(); ++row) {
    if (!written(model, row)) continue;
    for (const auto [index, coefficient] : model.row(row)) {
      columns[static_cast<std::size_t>(index)].push_back({row, coefficient});
    }
  }
  return columns;
}

// Terms of a sum, broken into lines of at most about 200 bytes.
class Terms {
 public:
  explicit Terms(std::string& text) : text_(text), line_(text.size()) {}
  void add(double coefficient, const std::string& name) {
    if (text_.size() - line_ > 160) {
      text_ += "\n ";
      line_ = text_.size();
    }
    text_ += coefficient < 0 ? " - " : " + ";
    text_ += number_text(std::abs(coefficient)) + " " + name;
  }

 private:
  std::string& text_;
  std::size_t line_;
};

void add_lp_row(const Model& model, int row, const SafeNames& names, const std::string& label, const char* sense,
                double side, std::string& text) {
  text += " " + label + ":";
  Terms terms(text);
  for (const auto [index, coefficient] : model.row(row)) {
    terms.add(coefficient, names.variables[static_cast<std::size_t>(index)]);
  }
  if (model.row(row).empty()) terms.add(0, names.variables.front());
  text += std::string(" ") + sense + " " + number_text(side) + "\n";
}

void add_lp_bounds(const Variable& variable, const std::string& name, std::string& text) {
  if (variable.lower == variable.upper) {
    text += " " + name + " = " + number_text(variable.lower) + "\n";
  } else if (std::isinf(variable.lower) && std::isinf(variable.upper)) {
    text += " " + name + " free\n";
  } else if (std::isinf(variable.upper)) {
    if (variable.lower != 0) text += " " + name + " >= " + number_text(variable.lower) + "\n";
  } else {
    text += " " + (std::isinf(variable.lower) ? "-inf" : number_text(variable.lower)) + " <= " + name +
            " <= " + number_text(variable.upper) + "\n";
  }
}

}  // namespace

std::string mps_text(const Model& model, const std::string& name) {
  require_variables(model);
  const SafeNames names = safe_names(model);
  const std::string cost = unused("cost", names.rows);
  std::string text = "NAME " + name + " FREE\nROWS\n N " + cost + "\n";
  std::string sides;
  std::string ranges;
  for (int row = 0; row < model.rows(); ++row) {
    if (!written(model, row)) continue;
    const std::string& label = names.rows[static_cast<std::size_t>(row)];
    const double lower = model.row_lower(row);
    const double upper = model.row_upper(row);
    text += std::string(lower == upper ? " E " : std::isinf(upper) ? " G " : " L ") + label + "\n";
    const double side = std::isinf(upper) ? lower : upper;
    if (side != 0) sides += " RHS " + label + " " + number_text(side) + "\n";
    if (ranged(model, row)) ranges += " RNG " + label + " " + number_text(upper - lower) + "\n";
  }
  text += "COLUMNS\n";
  const auto columns = by_column(model);
  bool integers = false;
  std::string bounds;
  for (int j = 0; j < model.variables(); ++j) {
    const Variable& variable = model.variable(j);
    const std::string& label = names.variables[static_cast<std::size_t>(j)];
    if (variable.integer != integers) {
      text += std::string(" MARKER 'MARKER' ") + (variable.integer ? "'INTORG'\n" : "'INTEND'\n");
      integers = variable.integer;
    }
    // A column without any entry would not exist.
    const auto& entries = columns[static_cast<std::size_t>(j)];
    if (variable.cost != 0 || entries.empty())
      text += " " + label + " " + cost + " " + number_text(variable.cost) + "\n";
    for (const auto [row, coefficient] : entries) {
      text += " " + label + " " + names.rows[static_cast<std::size_t>(row)] + " " + number_text(coefficient) + "\n";
    }
    add_mps_bounds(variable, label, bounds);
  }
  if (integers) text += " MARKER 'MARKER' 'INTEND'\n";
  text += "RHS\n" + sides;
  if (!ranges.empty()) text += "RANGES\n" + ranges;
  if (!bounds.empty()) text += "BOUNDS\n" + bounds;
  return text + "ENDATA\n";
}

std::string lp_text(const Model& model, const std::string& name) {
  require_variables(model);
  const SafeNames names = safe_names(model);
  std::string text = "\\ " + name + "\nMinimize\n " + unused("cost", names.rows) + ":";
  {
    // All variables, so that every reader numbers them as the model does.
    Terms terms(text);
    for (int j = 0; j < model.variables(); ++j) {
      terms.add(model.variable(j).cost, names.variables[static_cast<std::size_t>(j)]);
    }
  }
  text += "\nSubject To\n";
  std::unordered_set<std::string> taken(names.rows.begin(), names.rows.end());
  bool any = false;
  for (int row = 0; row < model.rows(); ++row) {
    if (!written(model, row)) continue;
    any = true;
    const std::string& label = names.rows[static_cast<std::size_t>(row)];
    const double lower = model.row_lower(row);
    const double upper = model.row_upper(row);
    if (lower == upper) {
      add_lp_row(model, row, names, label, "=", upper, text);
      continue;
    }
    if (std::isfinite(upper)) add_lp_row(model, row, names, label, "<=", upper, text);
    if (std::isinf(lower)) continue;
    std::string second = label;
    if (ranged(model, row)) {
      do second += "_low";
      while (!taken.insert(second).second);
    }
    add_lp_row(model, row, names, second, ">=", lower, text);
  }
  // glpsol wants one constraint at least.
  if (!any) text += " " + unused("nothing", names.rows) + ": + 0 " + names.variables.front() + " <= 0\n";
  std::string bounds;
  std::string integers;
  for (int j = 0; j < model.variables(); ++j) {
    const std::string& label = names.variables[static_cast<std::size_t>(j)];
    add_lp_bounds(model.variable(j), label, bounds);
    if (model.variable(j).integer) integers += " " + label + "\n";
  }
  if (!bounds.empty()) text += "Bounds\n" + bounds;
  if (!integers.empty()) text += "General\n" + integers;
  return text + "End\n";
}

}  // namespace plimsoll::solvers::mip
