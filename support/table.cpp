#include "support/table.hpp"

#include <algorithm>
#include <initializer_list>
#include <string_view>

#include "support/chart.hpp"
#include "support/markup.hpp"

namespace plimsoll::support {
namespace {

// Control characters would move a terminal's cursor or end a row.
std::string on_one_line(const std::string& text) {
  std::string line = text;
  for (char& character : line) {
    const auto byte = static_cast<unsigned char>(character);
    if (byte < 0x20 || byte == 0x7f) character = ' ';
  }
  return line;
}

std::string marked(const Cell& cell) { return on_one_line(cell.text) + (cell.tone == Tone::best ? "*" : ""); }

std::string for_markdown(const std::string& text) {
  std::string safe;
  for (const char character : on_one_line(text)) {
    if (character == '|' || character == '\\' || character == '`' || character == '*' || character == '_' ||
        character == '[' || character == ']') {
      safe += '\\';
    }
    if (character == '<') {
      safe += "&lt;";
    } else if (character == '&') {
      safe += "&amp;";
    } else {
      safe += character;
    }
  }
  return safe;
}

std::string_view class_of(Tone tone) {
  switch (tone) {
    case Tone::best:
      return "best";
    case Tone::quiet:
      return "quiet";
    case Tone::bad:
      return "bad";
    case Tone::plain:
      break;
  }
  return "";
}

// Longer names may be broken into lines, anywhere if need be.
constexpr std::size_t longest_on_one_line = 28;

std::string_view wrapping(const std::string& text) { return characters(text) > longest_on_one_line ? "long" : ""; }

std::string classes_of(std::initializer_list<std::string_view> classes) {
  std::string list;
  for (const std::string_view one : classes) {
    if (!one.empty()) list += (list.empty() ? "" : " ") + std::string(one);
  }
  return list.empty() ? "" : " class=\"" + list + "\"";
}

std::string html_cell(const Table& table, std::size_t row, std::size_t column) {
  const Cell& cell = table.rows[row][column];
  const std::string tag = column == 0 ? "th" : "td";
  std::string html = "<" + tag + (column == 0 ? " scope=\"row\"" : "") +
                     classes_of({class_of(cell.tone), table.columns[column].numeric ? "n" : "", wrapping(cell.text)});
  if (!cell.more.empty()) html += " title=\"" + escaped(cell.more) + "\"";
  html += ">";
  if (column == 0 && row < table.style_of_row.size()) html += style_sample(table.style_of_row[row]);
  return html + escaped(cell.text) + "</" + tag + ">";
}

}  // namespace

void mark_best(Table& table, std::size_t column, const std::vector<std::optional<double>>& values, bool smallest) {
  std::optional<double> best;
  std::optional<double> other;
  for (const auto& value : values) {
    if (!value) continue;
    best = best ? (smallest ? std::min(*best, *value) : std::max(*best, *value)) : *value;
    other = other ? (smallest ? std::max(*other, *value) : std::min(*other, *value)) : *value;
  }
  if (!best || *best == *other) return;
  for (std::size_t row = 0; row < values.size(); ++row) {
    if (values[row] == best) table.rows[row][column].tone = Tone::best;
  }
}

std::string to_text(const Table& table) {
  std::vector<std::size_t> widths;
  for (const Column& column : table.columns) widths.push_back(characters(column.name));
  for (const auto& row : table.rows) {
    for (std::size_t k = 0; k < row.size(); ++k) widths[k] = std::max(widths[k], characters(marked(row[k])));
  }
  std::string text;
  const auto add_row = [&](const auto& cell_of) {
    std::string line;
    for (std::size_t k = 0; k < widths.size(); ++k) {
      const std::string cell = cell_of(k);
      const std::string space(widths[k] - characters(cell), ' ');
      line += (k == 0 ? "" : "  ") + (table.columns[k].numeric ? space + cell : cell + space);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  };
  add_row([&](std::size_t k) { return table.columns[k].name; });
  for (const auto& row : table.rows) add_row([&](std::size_t k) { return marked(row[k]); });
  return text;
}

std::string to_markdown(const Table& table) {
  std::string head = "|";
  std::string rule = "|";
  for (const Column& column : table.columns) {
    head += " " + for_markdown(column.name) + " |";
    rule += column.numeric ? "---:|" : "---|";
  }
  std::string text = head + "\n" + rule + "\n";
  for (const auto& row : table.rows) {
    text += "|";
    for (const Cell& cell : row) {
      const std::string mark = cell.tone == Tone::best ? "**" : "";
      text += " " + mark + for_markdown(cell.text) + mark + " |";
    }
    text += "\n";
  }
  return text;
}

std::string to_html(const Table& table) {
  std::string html = "<div class=\"scroll\"><table>";
  if (!table.caption.empty()) html += "<caption>" + escaped(table.caption) + "</caption>";
  html += "\n<thead><tr>";
  for (const Column& column : table.columns) {
    html += "<th scope=\"col\"" + classes_of({column.numeric ? "n" : "", wrapping(column.name)});
    if (!column.more.empty()) html += " title=\"" + escaped(column.more) + "\"";
    html += ">" + escaped(column.name) + "</th>";
  }
  html += "</tr></thead>\n<tbody>\n";
  for (std::size_t row = 0; row < table.rows.size(); ++row) {
    html += "<tr>";
    for (std::size_t column = 0; column < table.rows[row].size(); ++column) html += html_cell(table, row, column);
    html += "</tr>\n";
  }
  return html + "</tbody></table></div>\n";
}

}  // namespace plimsoll::support
