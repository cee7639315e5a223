// Loads of every micro-step in a NumPy file: [micro-steps][layers][experts], or by the device that tokens come from,
// [micro-steps][layers][devices][experts].
#include <numeric>

#include "planner/experts/convert/foreign.hpp"
#include "planner/experts/convert/npy_input.hpp"
#include "plimsoll/error.hpp"

namespace plimsoll::experts {

Foreign read_microsteps_npy(std::string_view text, const ConvertOptions& options) {
  const std::string bytes = npy_bytes(text, options);
  const support::NpyArray array = support::NpyArray::parse(bytes, "the file", "");
  const std::vector<std::size_t>& shape = array.shape();
  if (shape.size() != 3 && shape.size() != 4) {
    throw Error(ErrorCode::input,
                "expected an array of [micro-steps, layers, experts] or [micro-steps, layers, devices, experts], got "
                "shape " +
                    array.shape_text(),
                {}, shape.size() == 2 ? "Maybe --from npy is meant: one table of loads." : "");
  }
  const bool sourced = shape.size() == 4;
  const std::size_t layers = shape[1];
  const std::size_t devices = sourced ? shape[2] : 1;
  const std::size_t experts = shape.back();
  check_foreign_cells("the array", {shape[0], layers, devices, experts});
  check_foreign_size("the array of [layers, experts]", layers, experts);
  const Steps steps = chosen_steps(options, shape[0]);

  Foreign foreign;
  foreign.layers.resize(layers);
  std::iota(foreign.layers.begin(), foreign.layers.end(), std::int64_t{0});
  if (sourced) foreign.devices = static_cast<int>(devices);
  auto index = static_cast<std::size_t>(steps.first) * layers * devices * experts;
  for (std::int64_t step = steps.first; step < steps.last; ++step) {
    Matrix<double>& load = foreign.microsteps.emplace_back(layers, experts);
    if (sourced) foreign.sources.emplace_back(layers, Matrix<double>(devices, experts));
    for (std::size_t layer = 0; layer < layers; ++layer) {
      for (std::size_t device = 0; device < devices; ++device) {
        for (std::size_t expert = 0; expert < experts; ++expert, ++index) {
          const double tokens = tokens_at(array, index);
          load.at(layer, expert) += tokens;
          if (sourced) foreign.sources.back()[layer].at(device, expert) = tokens;
        }
      }
    }
  }
  sum_up_microsteps(foreign);
  return foreign;
}

}  // namespace plimsoll::experts
