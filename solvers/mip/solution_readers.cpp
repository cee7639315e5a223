#include "solvers/mip/solution_readers.hpp"

#include <cstdlib>

#include "plimsoll/error.hpp"
#include "solvers/mip/solution_lines.hpp"
#include "support/text.hpp"

namespace plimsoll::solvers::mip {

namespace {

std::string trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return std::string(text.substr(begin, text.find_last_not_of(" \t") - begin + 1));
}

bool ends_with(const std::string& text, std::string_view end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

// "cost = 733 (MINimum)" behind "Objective:", in both kinds of file.
void take_glpk_objective(const SolutionLines& lines, ForeignSolution& found) {
  const auto& words = lines.words();
  for (std::size_t k = 0; k + 1 < words.size(); ++k) {
    if (words[k] == "=") found.objective = lines.number(words[k + 1]);
  }
}

void require_glpk_point(const SolutionLines& lines, const std::string& status) {
  // "INTEGER OPTIMAL", "INTEGER NON-OPTIMAL", "OPTIMAL", "FEASIBLE" bring a point.
  const bool brings = (ends_with(status, "OPTIMAL") || status == "FEASIBLE");
  if (!brings) lines.fail("glpsol found no solution");
}

// glpsol -w: "j <column> <value>", in front of the value a status where a relaxation was solved.
ForeignSolution read_glpk_plain(const Model& model, SolutionLines& lines) {
  ForeignSolution found;
  SolutionPoint point(model);
  std::size_t value_at = 0;
  bool ended = false;
  while (!ended && lines.next()) {
    const auto& words = lines.words();
    if (words.empty()) continue;
    if (words[0] == "c") {
      if (words.size() > 2 && words[1] == "Status:") {
        found.status = trimmed(lines.line().substr(lines.line().find(':') + 1));
        require_glpk_point(lines, found.status);
      }
      if (words.size() > 2 && words[1] == "Objective:") take_glpk_objective(lines, found);
    } else if (words[0] == "s" && words.size() >= 5) {
      value_at = words[1] == "bas" ? 3 : 2;
      if (lines.whole(words[3], 0, most_variables) != model.variables()) {
        lines.fail("the model has " + std::to_string(model.variables()) + " variables");
      }
    } else if (words[0] == "j" && value_at != 0 && words.size() > value_at) {
      point.set(lines, lines.whole(words[1], 1, model.variables()) - 1, lines.number(words[value_at]));
    } else if (words[0] == "e") {
      ended = true;
    } else if (words[0] != "i" || value_at == 0) {
      lines.fail("expected a line of glpsol's plain solution");
    }
  }
  if (value_at == 0) lines.fail("the file ends before its line \"s ...\"");
  if (!ended) lines.fail("the file ends before its line \"e o f\"");
  found.point = point.finish(lines, true);
  return found;
}

// glpsol -o: a table below "No. Column name"; a name of more than 12 letters stands on a line of its own.
ForeignSolution read_glpk_table(const Model& model, SolutionLines& lines) {
  ForeignSolution found;
  SolutionPoint point(model);
  bool in_columns = false;
  std::string long_name;
  while (lines.next()) {
    const auto& words = lines.words();
    if (lines.begins_with("Status:")) {
      found.status = trimmed(lines.line().substr(7));
      require_glpk_point(lines, found.status);
    } else if (lines.begins_with("Objective:")) {
      take_glpk_objective(lines, found);
    } else if (words.size() > 2 && words[0] == "No." && (words[1] == "Column" || words[1] == "Row")) {
      in_columns = words[1] == "Column";
    } else if (in_columns && !words.empty() && words[0].front() != '-') {
      std::size_t at = 0;
      std::string name = long_name;
      if (long_name.empty()) {
        // The tables end with a line of words.
        if (words[0].find_first_not_of("0123456789") != std::string_view::npos) break;
        if (words.size() < 2) lines.fail("expected a number, a name and a value");
        name = std::string(words[1]);
        at = 2;
      }
      if (at == words.size()) {
        long_name = name;
        continue;
      }
      // "*" marks an integer, two letters the status in a basis.
      const std::string_view mark = words[at];
      if (mark == "*" || mark == "B" || mark == "NL" || mark == "NU" || mark == "NS" || mark == "NF") ++at;
      if (at >= words.size()) lines.fail("expected a value");
      point.set(lines, name, lines.number(words[at]));
      long_name.clear();
    }
  }
  found.point = point.finish(lines, true);
  while (!lines.begins_with("End of output")) {
    if (!lines.next()) lines.fail("the file ends before its line \"End of output\"");
  }
  return found;
}

ForeignSolution read_glpk(const Model& model, std::string_view text) {
  SolutionLines lines(text);
  if (lines.next() && lines.begins_with("Problem:")) return read_glpk_table(model, lines);
  if (!lines.begins_with("c ")) lines.fail("expected a solution of glpsol, which begins with \"Problem:\" or \"c \"");
  SolutionLines again(text);
  return read_glpk_plain(model, again);
}

// "Optimal - objective value 58.00000000", then "[**] <column> <name> <value> <reduced cost>" for values that are not
// 0.
ForeignSolution read_cbc(const Model& model, std::string_view text) {
  SolutionLines lines(text);
  constexpr std::string_view divider = " - objective value ";
  const bool any = lines.next();
  const std::size_t at = any ? lines.line().find(divider) : std::string_view::npos;
  if (at == std::string_view::npos) {
    lines.fail("expected a solution of cbc, which begins with \"... - objective value ...\"");
  }
  ForeignSolution found;
  found.status = trimmed(lines.line().substr(0, at));
  const bool optimal = found.status == "Optimal";
  const bool stopped = found.status.rfind("Stopped on", 0) == 0 && found.status.find('(') == std::string::npos;
  if (!optimal && !stopped) lines.fail("cbc found no solution");
  found.objective = lines.number(trimmed(lines.line().substr(at + divider.size())));
  SolutionPoint point(model);
  while (lines.next()) {
    const auto& words = lines.words();
    if (words.empty()) continue;
    const std::size_t first = words[0] == "**" ? 1 : 0;
    if (words.size() < first + 3) lines.fail("expected a column, its name and its value");
    point.set(lines, words[first + 1], lines.number(words[first + 2]));
  }
  found.point = point.finish(lines, false);
  return found;
}

// "Model status", its status, "# Primal solution values", "Feasible", "# Columns <count>", then "<name> <value>".
ForeignSolution read_highs(const Model& model, std::string_view text) {
  SolutionLines lines(text);
  const bool any = lines.next();
  if (!any || lines.words().size() != 2 || lines.line() != "Model status") {
    lines.fail("expected a raw solution of HiGHS, which begins with \"Model status\"");
  }
  ForeignSolution found;
  if (lines.next()) found.status = trimmed(lines.line());
  SolutionPoint point(model);
  bool primal = false;
  bool complete = false;
  bool sparse = false;
  while (!complete && lines.next()) {
    const auto& words = lines.words();
    if (lines.begins_with("# Primal solution")) {
      primal = true;
      if (!lines.next() || trimmed(lines.line()) != "Feasible") lines.fail("HiGHS found no solution");
    } else if (primal && words.size() == 2 && words[0] == "Objective") {
      found.objective = lines.number(words[1]);
    } else if (primal && words.size() == 3 && words[0] == "#" && words[1] == "Columns") {
      // The sparse style counts downwards: "# Columns -<count>", "<name> <value> <column>" where a value is not 0.
      const int count = lines.whole(words[2], -most_variables, most_variables);
      sparse = count < 0;
      for (int k = 0; k < std::abs(count); ++k) {
        const std::size_t expected = sparse ? 3 : 2;
        if (!lines.next() || lines.words().size() != expected) lines.fail("expected a name and a value");
        point.set(lines, lines.words()[0], lines.number(lines.words()[1]));
      }
      complete = true;
    }
  }
  if (!complete) lines.fail("the file ends before its columns");
  found.point = point.finish(lines, !sparse);
  return found;
}

}  // namespace

SolutionFormat solution_format_named(std::string_view name) {
  if (name == "glpk") return SolutionFormat::glpk;
  if (name == "cbc") return SolutionFormat::cbc;
  if (name == "highs") return SolutionFormat::highs;
  const std::string near = support::nearest(name, {"glpk", "cbc", "highs"});
  throw Error(ErrorCode::usage,
              "there is no solution format " + support::in_quotes(name) + "; expected \"glpk\", \"cbc\" or \"highs\"",
              {}, near.empty() ? "" : "Maybe \"" + near + "\" was meant");
}

ForeignSolution read_solution(const Model& model, SolutionFormat format, std::string_view text) {
  switch (format) {
    case SolutionFormat::glpk:
      return read_glpk(model, text);
    case SolutionFormat::cbc:
      return read_cbc(model, text);
    case SolutionFormat::highs:
      return read_highs(model, text);
  }
  throw Error(ErrorCode::usage, "there is no such solution format");
}

}  // namespace plimsoll::solvers::mip
