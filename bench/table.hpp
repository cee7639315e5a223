// A table of text for the benchmarks: columns as wide as their widest cell, and the same cells as CSV.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

namespace plimsoll::bench {

inline std::string shown(const char* format, double value) {
  char text[64];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

class Table {
 public:
  // The first `left` columns are aligned to the left, the others to the right.
  Table(std::vector<std::string> head, std::size_t left) : left_(left) { rows_.push_back(std::move(head)); }

  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }

  // A row may be shorter than the head; its last cell then runs on.
  void print() const {
    std::vector<std::size_t> width(rows_.front().size(), 0);
    for (const auto& row : rows_) {
      const std::size_t fixed = row.size() == width.size() ? row.size() : row.size() - 1;
      for (std::size_t k = 0; k < fixed; ++k) width[k] = std::max(width[k], row[k].size());
    }
    for (const auto& row : rows_) {
      std::string line;
      for (std::size_t k = 0; k < row.size(); ++k) {
        const std::size_t missing = width[k] > row[k].size() ? width[k] - row[k].size() : 0;
        const bool last = k + 1 == row.size();
        const bool runs_on = last && row.size() < width.size();
        if (k > 0) line += "  ";
        if (k < left_ || runs_on) {
          line += row[k] + (last ? "" : std::string(missing, ' '));
        } else {
          line += std::string(missing, ' ') + row[k];
        }
      }
      std::printf("%s\n", line.c_str());
    }
  }

  // Returns false where the file cannot be written.
  [[nodiscard]] bool write_csv(const std::string& path) const {
    std::ofstream file(path);
    for (const auto& row : rows_) {
      for (std::size_t k = 0; k < row.size(); ++k) {
        std::string cell = row[k];
        if (cell.find_first_of(",\"\n") != std::string::npos) {
          std::string quoted = "\"";
          for (const char c : cell) quoted += c == '"' ? "\"\"" : std::string(1, c);
          cell = quoted + "\"";
        }
        file << (k > 0 ? "," : "") << cell;
      }
      file << "\n";
    }
    return static_cast<bool>(file.flush());
  }

 private:
  std::size_t left_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace plimsoll::bench
