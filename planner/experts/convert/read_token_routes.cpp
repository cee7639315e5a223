// The experts that each token goes to: [tokens][layers][experts per token], in the order of micro-steps.
#include <algorithm>
#include <numeric>

#include "planner/experts/convert/foreign.hpp"
#include "planner/experts/convert/npy_input.hpp"
#include "plimsoll/error.hpp"
#include "support/file.hpp"
#include "support/json_text.hpp"
#include "support/text.hpp"

namespace plimsoll::experts {
namespace {

// Whole numbers of a .npy file of one dimension that an option names.
std::vector<std::int64_t> read_numbers(const std::string& path, const std::string& option) {
  const std::string bytes = support::read_file(path);
  const auto refuse = [&](const std::string& reason) {
    throw Error(ErrorCode::input, option + " " + support::in_quotes(path, 400) + ": " + reason);
  };
  std::vector<std::int64_t> numbers;
  try {
    const support::NpyArray array = support::NpyArray::parse(bytes, "the file", "");
    if (array.shape().size() != 1) refuse("expected one dimension, got shape " + array.shape_text());
    for (std::size_t i = 0; i < array.size(); ++i) {
      const auto number = array.integer(i);
      if (!number)
        refuse("expected a whole number, got " + support::number_text(array.number(i)) + " at " + place_in(array, i));
      numbers.push_back(*number);
    }
  } catch (const Error& error) {
    if (std::string_view(error.what()).starts_with(option)) throw;
    refuse(error.what());
  }
  return numbers;
}

// The first token of each micro-step, and behind the last one the number of tokens.
std::vector<std::size_t> starts_of(const ConvertOptions& options, std::size_t tokens) {
  const auto each = options.whole("microstep-tokens", 1, most_foreign_cells);
  const auto given = options.text("microstep-starts");
  if (each && given)
    throw Error(ErrorCode::usage, "only one of --microstep-tokens and --microstep-starts can be given");
  if (!each && !given) {
    throw Error(ErrorCode::usage, "the file does not say where micro-steps begin", {},
                "Maybe add --microstep-tokens N, or --microstep-starts with a list or a .npy file.");
  }
  std::vector<std::int64_t> starts;
  if (each) {
    for (std::size_t start = 0; start < tokens; start += static_cast<std::size_t>(*each)) {
      starts.push_back(static_cast<std::int64_t>(start));
    }
  } else if (given->ends_with(".npy")) {
    starts = read_numbers(*given, "--microstep-starts");
  } else {
    std::size_t begin = 0;
    while (begin <= given->size()) {
      const std::size_t end = std::min(given->find(',', begin), given->size());
      const auto number = whole_number_of(trimmed(std::string_view(*given).substr(begin, end - begin)));
      if (!number) {
        throw Error(ErrorCode::usage, "--microstep-starts: expected tokens such as 0,4096,8192 or a .npy file, got " +
                                          support::in_quotes(*given));
      }
      starts.push_back(*number);
      begin = end + 1;
    }
  }
  std::vector<std::size_t> result;
  std::int64_t before = -1;
  for (const std::int64_t start : starts) {
    if (start <= before || start >= static_cast<std::int64_t>(tokens) || (before < 0 && start != 0)) {
      throw Error(ErrorCode::input, "expected micro-steps that begin with token 0 and ascend to at most " +
                                        std::to_string(tokens - 1) + ", got " + std::to_string(start));
    }
    before = start;
    result.push_back(static_cast<std::size_t>(start));
  }
  if (result.empty()) throw Error(ErrorCode::input, "expected at least one micro-step");
  result.push_back(tokens);
  return result;
}

// Experts as numbers, all different for a token and layer.
std::vector<int> experts_of(const support::NpyArray& array) {
  const std::size_t k = array.shape().back();
  std::vector<int> experts;
  experts.reserve(array.size());
  for (std::size_t index = 0; index < array.size(); ++index) {
    const auto expert = array.integer(index);
    if (!expert || *expert < 0 || *expert >= most_foreign_experts) {
      throw Error(ErrorCode::input, "expected an expert from 0 to " + std::to_string(most_foreign_experts - 1) +
                                        ", got " + support::number_text(array.number(index)) + " at " +
                                        place_in(array, index));
    }
    const auto first = experts.end() - static_cast<std::ptrdiff_t>(index % k);
    if (std::find(first, experts.end(), static_cast<int>(*expert)) != experts.end()) {
      throw Error(ErrorCode::input,
                  "expert " + std::to_string(*expert) + " stands twice for a token, at " + place_in(array, index), {},
                  "Maybe the array is not [tokens, layers, experts per token].");
    }
    experts.push_back(static_cast<int>(*expert));
  }
  return experts;
}

// --token-devices: routes and sources by the device that each token comes from.
void add_devices(const std::string& path, const std::vector<std::size_t>& starts, Foreign& foreign) {
  const std::vector<std::int64_t> devices = read_numbers(path, "--token-devices");
  StepCommunication& routes = foreign.communication;
  const std::size_t tokens = starts.back();
  if (devices.size() != tokens) {
    throw Error(ErrorCode::input, "--token-devices has " + std::to_string(devices.size()) + " entries for " +
                                      std::to_string(tokens) + " tokens");
  }
  const auto [least, most] = std::minmax_element(devices.begin(), devices.end());
  if (*least < 0 || *most >= 1'000'000) {
    throw Error(ErrorCode::input, "--token-devices: expected devices from 0 to 999999, got " +
                                      std::to_string(*least < 0 ? *least : *most));
  }
  const std::size_t layers = foreign.layers.size();
  const auto k = static_cast<std::size_t>(routes.routes_per_token);
  const std::size_t experts = foreign.load->columns();
  check_foreign_cells("the table of micro-steps, layers, devices and experts",
                      {foreign.microsteps.size(), layers, static_cast<std::size_t>(*most) + 1, experts});
  const Matrix<double> empty(static_cast<std::size_t>(*most) + 1, experts);
  for (std::size_t microstep = 0; microstep + 1 < starts.size(); ++microstep) {
    std::vector<Matrix<double>>& tables = foreign.sources.emplace_back(layers, empty);
    for (std::size_t token = starts[microstep]; token < starts[microstep + 1]; ++token) {
      const auto device = static_cast<std::size_t>(devices[token]);
      routes.route_source.push_back(static_cast<int>(device));
      routes.route_microstep.push_back(static_cast<int>(microstep));
      for (std::size_t i = 0; i < layers * k; ++i) {
        tables[i / k].at(device, static_cast<std::size_t>(routes.routes[token * layers * k + i])) += 1;
      }
    }
  }
}

}  // namespace

Foreign read_token_routes(std::string_view text, const ConvertOptions& options) {
  const std::string bytes = npy_bytes(text, options);
  const support::NpyArray array = support::NpyArray::parse(bytes, "the file", "");
  const std::vector<std::size_t>& shape = array.shape();
  if (shape.size() != 3) {
    throw Error(ErrorCode::input,
                "expected an array of [tokens, layers, experts per token], got shape " + array.shape_text());
  }
  check_foreign_cells("the array of [tokens, layers, experts per token]", {shape[0], shape[1], shape[2]});
  const std::size_t layers = shape[1];
  const std::size_t k = shape[2];
  const std::vector<std::size_t> starts = starts_of(options, shape[0]);

  Foreign foreign;
  foreign.layers.resize(layers);
  std::iota(foreign.layers.begin(), foreign.layers.end(), std::int64_t{0});
  foreign.more_experts = true;
  std::vector<int> routes = experts_of(array);
  const auto experts = static_cast<std::size_t>(*std::max_element(routes.begin(), routes.end())) + 1;
  check_foreign_cells("the table of micro-steps, layers and experts", {starts.size() - 1, layers, experts});
  for (std::size_t microstep = 0; microstep + 1 < starts.size(); ++microstep) {
    Matrix<double>& load = foreign.microsteps.emplace_back(layers, experts);
    for (std::size_t i = starts[microstep] * layers * k; i < starts[microstep + 1] * layers * k; ++i) {
      load.at(i / k % layers, static_cast<std::size_t>(routes[i])) += 1;
    }
  }
  sum_up_microsteps(foreign);
  if (const auto path = options.text("token-devices")) {
    foreign.communication.routes_per_token = static_cast<int>(k);
    foreign.communication.routes = std::move(routes);
    add_devices(*path, starts, foreign);
  }
  return foreign;
}

}  // namespace plimsoll::experts
