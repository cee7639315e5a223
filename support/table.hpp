// A table of text that is written once and read in three ways: in a terminal, in Markdown, in a page of HTML.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace plimsoll::support {

enum class Tone {
  plain,
  best,   // bold, with a mark where there is no bold
  quiet,  // "refused", "-"
  bad,    // "failed"
};

struct Cell {
  std::string text;
  Tone tone = Tone::plain;
  std::string more = {};  // said where somebody points at the cell
};

struct Column {
  std::string name;
  bool numeric = true;    // set to the right, in figures of one width
  std::string more = {};  // what the column means
};

struct Table {
  std::string caption;
  std::vector<Column> columns;
  std::vector<std::vector<Cell>> rows;
  std::vector<std::size_t> style_of_row = {};  // where rows are lines of a chart: a sample stands before the name
};

// Makes the smallest (or largest) numbers of a column bold, unless all are the same; one value per row.
void mark_best(Table& table, std::size_t column, const std::vector<std::optional<double>>& values,
               bool smallest = true);

std::string to_text(const Table& table);
std::string to_markdown(const Table& table);
std::string to_html(const Table& table);

}  // namespace plimsoll::support
