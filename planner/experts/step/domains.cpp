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

constexpr std::size_t most_values = 10'000;

// Holds for every row where the file has no such column.
struct Condition {
  std::string_view column;
  std::string value;
};

// The different values of a column in the rows that meet the condition, in the order of the file; none where there is
// no such column.
std::vector<std::string> values_of(std::string_view text, std::string_view column, const Condition& condition = {}) {
  support::CsvReader reader(text);
  std::vector<std::string> row;
  std::vector<std::string> values;
  if (!reader.next(row)) throw Error(ErrorCode::input, "expected a header and rows, got an empty file");
  const auto place = [&](std::string_view name) {
    const auto found =
        std::find_if(row.begin(), row.end(), [&](const std::string& head) { return trimmed(head) == name; });
    return static_cast<std::size_t>(found - row.begin());
  };
  const std::size_t wanted = place(column);
  const std::size_t judged = place(condition.column);
  const std::size_t columns = row.size();
  if (wanted == columns) return values;
  while (reader.next(row)) {
    if (row.size() != columns) reader.fail("expected " + std::to_string(columns) + " fields as in the header");
    if (judged < columns && trimmed(row[judged]) != condition.value) continue;
    std::string value(trimmed(row[wanted]));
    if (std::find(values.begin(), values.end(), value) == values.end()) values.push_back(std::move(value));
    if (values.size() > most_values) reader.fail("more than 10000 values in the column " + support::in_quotes(column));
  }
  return values;
}

// The model whose counts are taken; empty where the file tells none apart.
std::string model_in(std::string_view text, const std::string& wanted) {
  const std::vector<std::string> models = values_of(text, "model");
  if (wanted.empty() && models.size() < 2) return models.empty() ? "" : models.front();
  if (std::find(models.begin(), models.end(), wanted) != models.end()) return wanted;
  std::string list;
  for (const std::string& model : models) list += (list.empty() ? "" : ", ") + support::in_quotes(model, 30);
  if (models.empty()) throw Error(ErrorCode::usage, "--domains-model: the table tells no models apart");
  throw Error(ErrorCode::usage,
              (wanted.empty() ? "the table has several models: "
                              : "the table has no model " + support::in_quotes(wanted) + ", only ") +
                  list,
              {}, "Maybe add --domains-model " + models.front() + ".");
}

Domains read(std::string_view text, const std::string& wanted) {
  const std::string model = model_in(text, wanted);
  Domains domains;
  domains.names = values_of(text, "domain", {"model", model});
  if (domains.names.empty()) {
    throw Error(ErrorCode::input, "expected the columns domain, layer, expert and count, and rows");
  }
  std::vector<std::int64_t> layers;
  for (const std::string& name : domains.names) {
    common::ConvertValues where{{"where", {"domain=" + name}}};
    if (!model.empty()) where["where"].push_back("model=" + model);
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

Domains read_domains(const std::string& path, const std::string& model) {
  const std::string text = support::read_file(path);
  try {
    return read(text, model);
  } catch (const Error& error) {
    throw Error(error.code(), support::in_quotes(path, 400) + ": " + error.what(), error.pointer(), error.advice());
  }
}

}  // namespace plimsoll::experts::step
