#include "planner/compare/reference.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <filesystem>

#include "plimsoll/error.hpp"
#include "support/csv.hpp"
#include "support/text.hpp"

namespace plimsoll::compare {
namespace {

struct Number {
  double value = 0;
  double slack = 0;
};

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& character : result) {
    if (character >= 'A' && character <= 'Z') character = static_cast<char>(character - 'A' + 'a');
  }
  return result;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r')) text.remove_suffix(1);
  return text;
}

// Digits behind the point, scaled by the exponent; 0 for whole numbers.
double slack_of(std::string_view text) {
  const std::size_t point = text.find('.');
  if (point == std::string_view::npos) return 0;
  const std::size_t end = std::min(text.find_first_of("eE", point), text.size());
  int exponent = 0;
  if (end < text.size()) {
    const char* first = text.data() + end + 1;
    if (*first == '+') ++first;
    std::from_chars(first, text.data() + text.size(), exponent);
  }
  return 0.5 * std::pow(10.0, exponent - static_cast<int>(end - point - 1));
}

std::optional<Number> number_in(std::string_view text) {
  if (!text.empty() && text.front() == '+') text.remove_prefix(1);
  double value = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  if (result.ec != std::errc{} || result.ptr != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return Number{value, slack_of(text)};
}

[[noreturn]] void fail(std::size_t line, const std::string& message) {
  throw Error(ErrorCode::input, "line " + std::to_string(line) + ": " + message);
}

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  while (!(line = trimmed(line)).empty()) {
    const std::size_t end = std::min(line.find_first_of(" \t"), line.size());
    words.push_back(line.substr(0, end));
    line.remove_prefix(end);
  }
  return words;
}

Reference solu_entry(const std::vector<std::string_view>& words, std::size_t line) {
  const std::string_view kind = words.front();
  const bool valued = kind == "=opt=" || kind == "=best=" || kind == "=bestdual=";
  if (!valued && kind != "=inf=" && kind != "=unkn=" && kind != "=unbd=") {
    fail(line, "expected =opt=, =best=, =bestdual=, =inf= or =unkn=, but found " + support::in_quotes(kind));
  }
  if (words.size() < 2) fail(line, "a name is missing behind " + std::string(kind));
  Reference entry;
  entry.name = words[1];
  entry.line = line;
  entry.infeasible = kind == "=inf=";
  if (!valued) return entry;
  // "=opt= name" without a value stands in MIPLIB files for problems that only ask for a feasible point.
  if (words.size() < 3) {
    if (kind == "=opt=") return entry;
    fail(line, "a value is missing behind " + support::in_quotes(words[1]));
  }
  const auto number = number_in(words[2]);
  if (!number) fail(line, "expected a number, but found " + support::in_quotes(words[2]));
  if (kind == "=bestdual=") {
    entry.bound = number->value;
    entry.bound_slack = number->slack;
  } else {
    entry.value = number->value;
    entry.value_slack = number->slack;
    entry.optimum = kind == "=opt=";
  }
  return entry;
}

std::vector<Reference> read_solu(std::string_view text) {
  std::vector<Reference> found;
  std::size_t line = 0;
  while (!text.empty()) {
    ++line;
    const std::size_t end = std::min(text.find('\n'), text.size());
    const auto words = words_of(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (words.empty() || words.front().front() == '#') continue;
    Reference entry = solu_entry(words, line);
    // "=best=" and "=bestdual=" of one instance are one entry.
    const auto same =
        std::find_if(found.begin(), found.end(), [&](const Reference& r) { return r.name == entry.name; });
    if (same == found.end()) {
      found.push_back(std::move(entry));
    } else if (entry.bound && !same->bound) {
      same->bound = entry.bound;
      same->bound_slack = entry.bound_slack;
    } else if (entry.value && !same->value) {
      entry.bound = same->bound;
      entry.bound_slack = same->bound_slack;
      *same = std::move(entry);
    } else {
      fail(line, support::in_quotes(entry.name) + " stands in line " + std::to_string(same->line) + " already");
    }
  }
  return found;
}

struct Columns {
  std::size_t name = std::string::npos;
  std::size_t bound = std::string::npos;
  std::size_t optimum = std::string::npos;
  std::size_t value = std::string::npos;
};

Columns columns_of(const std::vector<std::string>& head, const support::CsvReader& reader) {
  static constexpr std::array<std::string_view, 4> names = {"path", "instance", "name", "file"};
  static constexpr std::array<std::string_view, 3> bounds = {"best known bound", "best bound", "bound"};
  static constexpr std::array<std::string_view, 2> optima = {"optimum", "optimal value"};
  static constexpr std::array<std::string_view, 5> values = {"best known solution value", "best known value",
                                                             "best known", "best", "value"};
  std::vector<std::string> cells;
  for (const std::string& cell : head) cells.push_back(lower(trimmed(cell)));
  const auto find = [&](const auto& wanted) {
    for (const std::string_view word : wanted) {
      const auto place = std::find(cells.begin(), cells.end(), word);
      if (place != cells.end()) return static_cast<std::size_t>(place - cells.begin());
    }
    return std::string::npos;
  };
  Columns columns{find(names), find(bounds), find(optima), find(values)};
  if (columns.name == std::string::npos) {
    reader.fail("no column is called Path, Instance, Name or File", "Maybe this is no table of best known values.");
  }
  if (columns.bound == std::string::npos && columns.optimum == std::string::npos &&
      columns.value == std::string::npos) {
    reader.fail(R"(no column is called "Best known bound", "Optimum" or "Best known solution value")");
  }
  return columns;
}

std::vector<Reference> read_csv(std::string_view text) {
  support::CsvReader reader(text);
  std::vector<std::string> fields;
  if (!reader.next(fields)) throw Error(ErrorCode::input, "the file is empty, expected a table with a head");
  const Columns columns = columns_of(fields, reader);
  const std::size_t width = fields.size();
  std::vector<Reference> found;
  while (reader.next(fields)) {
    if (fields.size() != width) {
      reader.fail("expected " + std::to_string(width) + " fields as in the head, but found " +
                  std::to_string(fields.size()));
    }
    Reference entry;
    entry.line = reader.line();
    entry.name = trimmed(fields[columns.name]);
    if (entry.name.empty()) reader.fail("the name is empty");
    const auto cell = [&](std::size_t column) -> std::optional<Number> {
      if (column == std::string::npos) return std::nullopt;
      const std::string word = lower(trimmed(fields[column]));
      if (word.empty() || word == "-" || word == "?" || word == "na" || word == "n/a" || word == "unknown") {
        return std::nullopt;
      }
      if (word == "infeasible" || word == "inf") {
        entry.infeasible = true;
        return std::nullopt;
      }
      const auto number = number_in(word);
      if (!number) reader.fail("expected a number, but found " + support::in_quotes(fields[column]));
      return number;
    };
    const auto optimum = cell(columns.optimum);
    const auto bound = cell(columns.bound);
    const auto value = cell(columns.value);
    entry.optimum = optimum.has_value();
    if (const auto best = optimum ? optimum : value) {
      entry.value = best->value;
      entry.value_slack = best->slack;
    }
    if (bound) {
      entry.bound = bound->value;
      entry.bound_slack = bound->slack;
    }
    found.push_back(std::move(entry));
  }
  return found;
}

// "a/b/gap1-0.json" as "a/b/gap1-0"; only endings that are no part of a name ("x.5" stays).
std::string without_ending(const std::string& path) {
  const std::filesystem::path whole(path);
  const std::string ending = whole.extension().string();
  const bool is_ending = ending.size() > 1 && ending.size() <= 6 &&
                         std::any_of(ending.begin(), ending.end(), [](char c) { return c >= 'a' && c <= 'z'; });
  return is_ending ? path.substr(0, path.size() - ending.size()) : path;
}

std::string last_part(const std::string& path) { return path.substr(path.find_last_of('/') + 1); }

bool ends_path(const std::string& path, const std::string& end) {
  if (!path.ends_with(end)) return false;
  return path.size() == end.size() || path[path.size() - end.size() - 1] == '/';
}

bool same_content(const Reference& a, const Reference& b) {
  return a.value == b.value && a.bound == b.bound && a.optimum == b.optimum && a.infeasible == b.infeasible;
}

}  // namespace

ReferenceFormat reference_format(std::string_view path, std::string_view text) {
  if (path.ends_with(".solu")) return ReferenceFormat::solu;
  if (path.ends_with(".csv")) return ReferenceFormat::csv;
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && (text[first] == '=' || text[first] == '#') ? ReferenceFormat::solu
                                                                                       : ReferenceFormat::csv;
}

std::vector<Reference> read_references(std::string_view text, ReferenceFormat format) {
  if (format == ReferenceFormat::csv) return read_csv(text);
  if (support::find_broken_utf8(text) != std::string_view::npos || text.find('\0') != std::string_view::npos) {
    throw Error(ErrorCode::input, "bytes that are no text in UTF-8", {}, "Maybe this is no .solu file.");
  }
  return read_solu(text);
}

std::optional<Reference> find_reference(const std::vector<Reference>& references, const std::string& name,
                                        const std::string& path) {
  const std::string whole = without_ending(path);
  const auto rank = [&](const Reference& reference) -> std::size_t {
    const std::string entry = without_ending(reference.name);
    if (entry.find('/') != std::string::npos && ends_path(whole, entry)) return 3 + entry.size();
    if (!name.empty() && (reference.name == name || entry == name)) return 3;
    if (entry == last_part(whole)) return 2;
    const std::string file = last_part(entry);
    return file == last_part(whole) || (!name.empty() && file == name) ? 1 : 0;
  };
  const Reference* best = nullptr;
  std::size_t highest = 0;
  const Reference* rival = nullptr;
  for (const Reference& reference : references) {
    const std::size_t fit = rank(reference);
    if (fit == 0 || fit < highest) continue;
    if (fit > highest) rival = nullptr;
    if (fit == highest && best != nullptr && !same_content(*best, reference)) rival = &reference;
    if (fit > highest) best = &reference;
    highest = fit;
  }
  if (best == nullptr) return std::nullopt;
  if (rival != nullptr) {
    throw Error(ErrorCode::input, "lines " + std::to_string(best->line) + " and " + std::to_string(rival->line) +
                                      " both fit the instance " + support::in_quotes(path, 200) + " and differ");
  }
  return *best;
}

}  // namespace plimsoll::compare
