#include "planner/experts/step/domains.hpp"

#include <algorithm>
#include <map>

#include "planner/experts/convert/foreign.hpp"
#include "plimsoll/error.hpp"
#include "support/csv.hpp"
#include "support/file.hpp"
#include "support/text.hpp"

namespace plimsoll::experts::step {
namespace {

// The different values of a column, in the order of the file; empty where there is no such column.
std::vector<std::string> values_of(std::string_view text, std::string_view column) {
  support::CsvReader reader(text);
  std::vector<std::string> row;
  std::vector<std::string> values;
  if (!reader.next(row)) throw Error(ErrorCode::input, "expected a header and rows, got an empty file");
  const auto found =
      std::find_if(row.begin(), row.end(), [&](const std::string& name) { return trimmed(name) == column; });
  if (found == row.end()) return values;
  const auto index = static_cast<std::size_t>(found - row.begin());
  while (reader.next(row)) {
    if (index >= row.size()) reader.fail("expected a value in the column " + support::in_quotes(column));
    std::string value(trimmed(row[index]));
    if (std::find(values.begin(), values.end(), value) == values.end()) values.push_back(std::move(value));
    if (values.size() > 10'000) reader.fail("more than 10000 values in the column " + support::in_quotes(column));
  }
  return values;
}

Domains read(std::string_view text) {
  Domains domains;
  domains.names = values_of(text, "domain");
  if (domains.names.empty()) {
    throw Error(ErrorCode::input, "expected the columns domain, layer, expert and count, and rows");
  }
  if (values_of(text, "model").size() > 1) {
    throw Error(ErrorCode::input, "expected counts of one model, the column \"model\" has several");
  }
  std::vector<std::int64_t> layers;
  for (const std::string& name : domains.names) {
    const common::ConvertValues where{{"where", {"domain=" + name}}};
    const Foreign counts = read_csv(text, ConvertOptions(where));
    if (!counts.load) throw Error(ErrorCode::input, "expected counts, got a table of slots");
    if (layers.empty()) layers = counts.layers;
    if (counts.layers != layers) {
      throw Error(ErrorCode::input, "the domain " + support::in_quotes(name) + " has other layers than " +
                                        support::in_quotes(domains.names.front()));
    }
    domains.counts.push_back(*counts.load);
  }
  // The last experts may have no row in a domain.
  std::size_t experts = 0;
  for (const Matrix<double>& counts : domains.counts) experts = std::max(experts, counts.columns());
  for (Matrix<double>& counts : domains.counts) {
    Matrix<double> all(counts.rows(), experts);
    for (std::size_t layer = 0; layer < counts.rows(); ++layer) {
      std::copy(counts.row(layer).begin(), counts.row(layer).end(), all.row(layer).begin());
    }
    counts = std::move(all);
  }
  return domains;
}

}  // namespace

Domains read_domains(const std::string& path) {
  const std::string text = support::read_file(path);
  try {
    return read(text);
  } catch (const Error& error) {
    throw Error(error.code(), support::in_quotes(path, 400) + ": " + error.what(), error.pointer(), error.advice());
  }
}

}  // namespace plimsoll::experts::step
