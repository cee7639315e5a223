// What SGLang takes as --init-expert-location: {"physical_to_logical_map": [layers][physical experts]}, or
// {"logical_count": [layers][experts] or [steps][layers][experts]}, which are loads (python/sglang/srt/eplb/
// expert_location.py). Rows are the layers of the whole model, dense ones included; their rows mean nothing.
#include <algorithm>
#include <numeric>

#include "planner/experts/convert/exporting.hpp"
#include "planner/experts/convert/foreign.hpp"
#include "plimsoll/error.hpp"
#include "support/json.hpp"
#include "support/npy.hpp"

namespace plimsoll::experts {
namespace {

using support::Reader;

struct Shape {
  std::size_t rows;
  std::size_t columns;
};

// Of an array of arrays, by its first row; the other rows are compared when the values are read.
Shape shape_of(const Reader& place, const std::string& what) {
  const std::size_t rows = support::array_length(place);
  if (rows == 0) place.fail("at least one row");
  const Reader first(place.json().array()->front(), place.pointer() + "/0");
  const std::size_t columns = support::array_length(first);
  if (columns == 0) first.fail("at least one number");
  check_foreign_size(what, rows, columns);
  return {rows, columns};
}

bool has_steps(const Reader& counts) {
  const support::Json::Array* outer = counts.json().array();
  if (outer == nullptr || outer->empty()) return false;
  const support::Json::Array* inner = outer->front().array();
  return inner != nullptr && !inner->empty() && inner->front().array() != nullptr;
}

Matrix<double> count_table(const Reader& place) {
  const Shape shape = shape_of(place, "logical_count");
  return {shape.rows, shape.columns, place.number_table(shape.rows, shape.columns, 0, most_foreign_tokens)};
}

Matrix<double> summed(const Reader& counts, const ConvertOptions& options, std::vector<std::string>& notes) {
  const std::vector<Reader> all = counts.elements();
  const auto count = static_cast<std::int64_t>(all.size());
  const Steps steps = options.steps().value_or(Steps{0, count});
  if (steps.last > count) counts.fail("at least " + std::to_string(steps.last) + " steps");
  Matrix<double> sum;
  for (std::int64_t step = steps.first; step < steps.last; ++step) {
    const Reader& place = all[static_cast<std::size_t>(step)];
    const Matrix<double> table = count_table(place);
    if (sum.empty()) {
      sum = table;
      continue;
    }
    if (table.rows() != sum.rows() || table.columns() != sum.columns()) place.fail("the shape of the first step");
    for (std::size_t row = 0; row < sum.rows(); ++row) {
      for (std::size_t column = 0; column < sum.columns(); ++column) {
        sum.at(row, column) += table.at(row, column);
        if (sum.at(row, column) > most_foreign_tokens) place.fail("tokens that sum to at most 1e15");
      }
    }
  }
  if (steps.last - steps.first > 1) {
    notes.push_back("loads are summed over " + std::to_string(steps.last - steps.first) +
                    " steps (--step N or --steps A:B chooses)");
  }
  return sum;
}

}  // namespace

Foreign read_sglang(std::string_view text, const ConvertOptions& options) {
  const support::Json json = support::parse(text);
  Reader root(json);
  const auto map = root.optional_member("physical_to_logical_map");
  const auto counts = root.optional_member("logical_count");
  if (!map && !counts) {
    throw Error(ErrorCode::input, "neither \"physical_to_logical_map\" nor \"logical_count\" is here");
  }
  Foreign foreign;
  std::size_t layers = 0;
  if (map) {
    const Shape shape = shape_of(*map, "physical_to_logical_map");
    std::vector<int> experts;
    experts.reserve(shape.rows * shape.columns);
    for (const std::int64_t expert : map->integer_table(shape.rows, shape.columns, 0, most_foreign_experts - 1)) {
      experts.push_back(static_cast<int>(expert));
    }
    foreign.placement = Matrix<int>(shape.rows, shape.columns, std::move(experts));
    layers = shape.rows;
  }
  if (counts) {
    if (!has_steps(*counts) && options.steps()) {
      throw Error(ErrorCode::usage, "--step and --steps need a logical_count of [steps][layers][experts]");
    }
    foreign.load = has_steps(*counts) ? summed(*counts, options, foreign.notes) : count_table(*counts);
    if (map && foreign.load->rows() != layers) {
      counts->fail("the " + std::to_string(layers) + " layers of physical_to_logical_map");
    }
    layers = foreign.load->rows();
  }
  foreign.layers.resize(layers);
  std::iota(foreign.layers.begin(), foreign.layers.end(), std::int64_t{0});
  return foreign;
}

std::string write_sglang(const ExpertInstance& instance, const ExpertPlan& plan,
                         const std::vector<std::int64_t>& layers) {
  require_even_slots(instance, plan, "sglang", Duplicates::allowed);
  const std::size_t slots = plan.slots.columns();
  check_foreign_size("physical_to_logical_map", static_cast<std::size_t>(layers.back()) + 1, slots);
  // Rows of layers that the plan does not speak of: what SGLang itself starts from (init_trivial).
  std::vector<int> trivial(slots);
  for (std::size_t slot = 0; slot < slots; ++slot) {
    trivial[slot] = static_cast<int>(slot % static_cast<std::size_t>(instance.model.experts));
  }
  support::Writer writer;
  writer.begin_object().key("physical_to_logical_map").begin_array();
  std::size_t next = 0;
  for (std::int64_t layer = 0; layer <= layers.back(); ++layer) {
    if (layer == layers[next]) {
      writer.line(plan.slots.row(next++));
    } else {
      writer.line(trivial);
    }
  }
  return writer.end_array().end_object().take();
}

}  // namespace plimsoll::experts
