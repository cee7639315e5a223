// Loads in a NumPy file: [layers][experts], or [steps][layers][experts] summed over all or some steps.
#include <numeric>

#include "planner/experts/convert/foreign.hpp"
#include "planner/experts/convert/npy_input.hpp"
#include "plimsoll/error.hpp"
#include "support/json_text.hpp"
#include "support/npy.hpp"

namespace plimsoll::experts {

Foreign read_npy(std::string_view text, const ConvertOptions& options) {
  const std::string bytes = npy_bytes(text, options);
  const support::NpyArray array = support::NpyArray::parse(bytes, "the file", "");
  const std::vector<std::size_t>& shape = array.shape();
  if (shape.size() != 2 && shape.size() != 3) {
    throw Error(ErrorCode::input,
                "expected an array of [layers, experts] or [steps, layers, experts], got shape " + array.shape_text());
  }
  const bool stepped = shape.size() == 3;
  if (!stepped && options.steps()) {
    throw Error(ErrorCode::usage,
                "--step and --steps need an array of [steps, layers, experts], the shape is " + array.shape_text());
  }
  const std::size_t rows = shape[shape.size() - 2];
  const std::size_t columns = shape.back();
  check_foreign_size("the array of [layers, experts]", rows, columns);
  if (stepped && shape[0] == 0) throw Error(ErrorCode::input, "the array has no steps");

  Foreign foreign;
  foreign.layers.resize(rows);
  std::iota(foreign.layers.begin(), foreign.layers.end(), std::int64_t{0});
  foreign.load = Matrix<double>(rows, columns, 0.0);
  const Steps steps = stepped ? chosen_steps(options, shape[0]) : Steps{0, 1};
  for (std::int64_t step = steps.first; step < steps.last; ++step) {
    for (std::size_t cell = 0; cell < rows * columns; ++cell) {
      const std::size_t index = static_cast<std::size_t>(step) * rows * columns + cell;
      const double tokens = array.number(index);
      double& sum = foreign.load->at(cell / columns, cell % columns);
      if (!(tokens >= 0) || !(sum + tokens <= most_foreign_tokens)) {
        throw Error(ErrorCode::input, "expected tokens of at least 0 that sum to at most 1e15, got " +
                                          support::number_text(tokens) + " at " + place_in(array, index));
      }
      sum += tokens;
    }
  }
  if (stepped && steps.last - steps.first > 1) {
    foreign.notes.push_back("loads are summed over " + std::to_string(steps.last - steps.first) +
                            " steps (--step N or --steps A:B chooses)");
  }
  return foreign;
}

}  // namespace plimsoll::experts
