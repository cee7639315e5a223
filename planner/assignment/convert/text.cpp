#include "planner/assignment/convert/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>

#include "planner/assignment/json.hpp"
#include "support/text.hpp"
#include "support/tokens.hpp"

namespace plimsoll::assignment {
namespace {

constexpr std::array<common::TextFormat, 3> formats = {{
    {"gap", "OR-Library generalized assignment, least cost; gap:K for the K-th problem of a file with several"},
    {"rcmax", "makespan on unrelated machines: jobs, machines, one row of times per job"},
    {"pcmax", "makespan on identical machines: machines, jobs, the time of each job"},
}};

std::size_t z(std::int64_t index) { return static_cast<std::size_t>(index); }

void check_cells(std::int64_t bins, std::int64_t items) {
  if (bins * items <= most_cells) return;
  throw Error(ErrorCode::input, std::to_string(bins) + " times " + std::to_string(items) + " is more than the " +
                                    std::to_string(most_cells) + " pairs that this version handles");
}

Matrix<double> read_table(support::Tokens& tokens, std::int64_t rows, std::int64_t columns, const std::string& what,
                          double least) {
  if (tokens.left() < z(rows * columns)) {
    throw Error(ErrorCode::input,
                "expected " + std::to_string(rows * columns) + " numbers for the " + what + "s of " +
                    std::to_string(rows) + " x " + std::to_string(columns) + ", only " + std::to_string(tokens.left()) +
                    " are left",
                {}, "Maybe the file is cut off, or of another format.");
  }
  Matrix<double> table(z(rows), z(columns));
  for (std::size_t row = 0; row < table.rows(); ++row) {
    for (double& value : table.row(row)) value = tokens.number(what, least, most_amount);
  }
  return table;
}

// agents, jobs; costs by agent; sizes by agent; capacities.
AssignmentInstance read_one_gap(support::Tokens& tokens) {
  AssignmentInstance instance;
  instance.bins = static_cast<int>(tokens.whole("the number of agents", 1, most_bins));
  instance.items = static_cast<int>(tokens.whole("the number of jobs", 1, most_items));
  check_cells(instance.bins, instance.items);
  instance.cost = read_table(tokens, instance.bins, instance.items, "cost", -most_amount);
  instance.size = read_table(tokens, instance.bins, instance.items, "size", 0);
  for (int bin = 0; bin < instance.bins; ++bin) {
    instance.capacity.push_back(tokens.number("the capacity of agent " + std::to_string(bin), 0, most_amount));
  }
  return instance;
}

// The text is one problem and nothing else, by the number of its numbers.
bool stands_alone(std::string_view text) {
  support::Tokens tokens(text);
  const std::int64_t bins = tokens.whole("the number of agents", 1, most_bins);
  const std::int64_t items = tokens.whole("the number of jobs", 1, most_items);
  check_cells(bins, items);
  return tokens.left() == z(2 * bins * items + bins);
}

// The number of problems, then each problem.
std::vector<AssignmentInstance> read_several(std::string_view text) {
  support::Tokens tokens(text);
  std::vector<AssignmentInstance> instances;
  for (std::int64_t left = tokens.whole("the number of problems", 1, most_items); left > 0; --left) {
    instances.push_back(read_one_gap(tokens));
  }
  tokens.finish("the last problem");
  return instances;
}

AssignmentInstance read_alone(std::string_view text) {
  support::Tokens tokens(text);
  AssignmentInstance instance = read_one_gap(tokens);
  tokens.finish("the capacities");
  return instance;
}

AssignmentInstance read_gap(std::string_view text, std::int64_t wanted) {
  if (wanted == 0 && stands_alone(text)) return read_alone(text);
  std::vector<AssignmentInstance> instances;
  try {
    instances = read_several(text);
  } catch (const Error&) {
    if (wanted > 0) throw;
    return read_alone(text);  // which says what is wrong with the usual form
  }
  const std::string count = std::to_string(instances.size());
  if (wanted > static_cast<std::int64_t>(instances.size())) {
    throw Error(ErrorCode::input, "there is no problem " + std::to_string(wanted) + ", the file holds " + count);
  }
  if (wanted == 0 && instances.size() > 1) {
    throw Error(ErrorCode::input, "this file holds " + count + " problems", {}, "Maybe choose one: --format gap:1");
  }
  return std::move(instances[z(std::max<std::int64_t>(wanted, 1)) - 1]);
}

AssignmentInstance read_rcmax(std::string_view text) {
  support::Tokens tokens(text);
  AssignmentInstance instance;
  instance.objective = AssignmentObjective::makespan;
  instance.items = static_cast<int>(tokens.whole("the number of jobs", 1, most_items));
  instance.bins = static_cast<int>(tokens.whole("the number of machines", 1, most_bins));
  check_cells(instance.bins, instance.items);
  const Matrix<double> by_job = read_table(tokens, instance.items, instance.bins, "time", 0);
  tokens.finish("the times of the last job");
  instance.size = Matrix<double>(z(instance.bins), z(instance.items));
  for (std::size_t item = 0; item < by_job.rows(); ++item) {
    for (std::size_t bin = 0; bin < by_job.columns(); ++bin) instance.size.at(bin, item) = by_job.at(item, bin);
  }
  return instance;
}

AssignmentInstance read_pcmax(std::string_view text) {
  support::Tokens tokens(text);
  AssignmentInstance instance;
  instance.objective = AssignmentObjective::makespan;
  instance.bins = static_cast<int>(tokens.whole("the number of machines", 1, most_bins));
  instance.items = static_cast<int>(tokens.whole("the number of jobs", 1, most_items));
  check_cells(instance.bins, instance.items);
  const Matrix<double> times = read_table(tokens, 1, instance.items, "time", 0);
  tokens.finish("the time of the last job");
  instance.size = Matrix<double>(z(instance.bins), z(instance.items));
  for (std::size_t bin = 0; bin < instance.size.rows(); ++bin) {
    std::copy(times.row(0).begin(), times.row(0).end(), instance.size.row(bin).begin());
  }
  return instance;
}

// The K of "gap:K"; 0 where there is none.
std::int64_t number_behind(std::string_view format) {
  const std::size_t colon = format.find(':');
  if (colon == std::string_view::npos) return 0;
  const std::string_view digits = format.substr(colon + 1);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (format.substr(0, colon) != "gap" || error != std::errc{} || end != digits.data() + digits.size() || value < 1) {
    throw Error(ErrorCode::usage,
                "--format: expected gap:K with a whole number K of at least 1, got " + support::in_quotes(format));
  }
  return value;
}

}  // namespace

std::span<const common::TextFormat> text_formats() { return formats; }

AssignmentInstance read_text(const common::Document& document) {
  const std::string_view format = document.format;
  const std::int64_t wanted = number_behind(format);
  AssignmentInstance instance = format.starts_with("gap")     ? read_gap(document.text, wanted)
                                : format.starts_with("rcmax") ? read_rcmax(document.text)
                                                              : read_pcmax(document.text);
  document.attachments.contents.clear();
  if (wanted > 0) document.attachments.contents.emplace_back(format);  // another problem, another identity
  instance.name = document.source == "-" ? std::string() : std::filesystem::path(document.source).stem().string();
  if (wanted > 0) instance.name += "-" + std::to_string(wanted);
  return instance;
}

}  // namespace plimsoll::assignment
