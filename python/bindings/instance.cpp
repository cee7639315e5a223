#include "python/bindings/instance.hpp"

#include <pybind11/stl.h>

#include <cmath>
#include <memory>
#include <utility>

#include "plimsoll/documents.hpp"
#include "plimsoll/error.hpp"
#include "python/bindings/arrays.hpp"

namespace plimsoll::python {
namespace {

// The limits of docs/formats.md for tokens, costs and sizes.
constexpr double kMost = 1e15;
constexpr double kExactWhole = 9007199254740992.0;  // 2^53

std::string place(const std::string& pointer, std::size_t row, std::size_t column) {
  return pointer + "/" + std::to_string(row) + "/" + std::to_string(column);
}

void check_range(const Matrix<double>& table, double least, const std::string& pointer) {
  for (std::size_t cell = 0; cell < table.data().size(); ++cell) {
    const double value = table.data()[cell];
    if (value >= least && value <= kMost) continue;
    throw Error(ErrorCode::input,
                std::string("expected a number from ") + (least < 0 ? "-1e15" : "0") + " to 1e15, got " +
                    std::string(py::repr(py::float_(value))),
                place(pointer, cell / table.columns(), cell % table.columns()));
  }
}

void check_whole(const Matrix<double>& load, const std::string& pointer) {
  for (std::size_t layer = 0; layer < load.rows(); ++layer) {
    double sum = 0;
    for (std::size_t expert = 0; expert < load.columns(); ++expert) {
      const double tokens = load.at(layer, expert);
      sum += tokens;
      if (std::trunc(tokens) == tokens) continue;
      throw Error(ErrorCode::input,
                  "expected a whole number of tokens, since cost.tile_tokens is given, got " +
                      std::string(py::repr(py::float_(tokens))),
                  place(pointer, layer, expert));
    }
    if (sum > kExactWhole) {
      throw Error(ErrorCode::input, "expected tokens of a layer that sum to at most 2^53",
                  pointer + "/" + std::to_string(layer));
    }
  }
}

Matrix<double> table_of(const py::object& values, std::size_t rows, std::size_t columns, double least,
                        const std::string& pointer) {
  Matrix<double> table(rows, columns, numbers(values, {rows, columns}, pointer));
  check_range(table, least, pointer);
  return table;
}

Matrix<double> load_of(const py::object& values, const ExpertInstance& instance, const std::string& pointer) {
  Matrix<double> load = table_of(values, static_cast<std::size_t>(instance.model.layers),
                                 static_cast<std::size_t>(instance.model.experts), 0, pointer);
  if (instance.cost.tile_tokens >= 1) check_whole(load, pointer);
  return load;
}

[[noreturn]] void refuse(const std::string& key) {
  throw Error(ErrorCode::usage, "\"" + key + "\" cannot be given as an array apart", "/" + key);
}

void fill(ExpertInstance& instance, const std::string& key, const py::object& values) {
  if (key != "load") refuse(key);
  instance.load = load_of(values, instance, "/load");
}

void fill(StepInstance& instance, const std::string& key, const py::object& values) {
  if (key != "microsteps") refuse(key);
  ExpertInstance& experts = instance.experts;
  const auto layers = static_cast<std::size_t>(experts.model.layers);
  const auto count = static_cast<std::size_t>(experts.model.experts);
  const py::sequence tables = values;
  if (tables.size() != instance.load.size()) {
    throw Error(ErrorCode::input, "expected " + std::to_string(instance.load.size()) + " micro-steps", "/microsteps");
  }
  Matrix<double> sum(layers, count);
  for (std::size_t microstep = 0; microstep < instance.load.size(); ++microstep) {
    const std::string pointer = "/microsteps/" + std::to_string(microstep);
    instance.load[microstep] = load_of(tables[microstep], experts, pointer);
    for (std::size_t layer = 0; layer < layers; ++layer) {
      for (std::size_t expert = 0; expert < count; ++expert) {
        sum.at(layer, expert) += instance.load[microstep].at(layer, expert);
      }
    }
  }
  if (experts.cost.tile_tokens >= 1) check_whole(sum, "/microsteps");
  experts.load = std::move(sum);
}

void fill(AssignmentInstance& instance, const std::string& key, const py::object& values) {
  const auto bins = static_cast<std::size_t>(instance.bins);
  const auto items = static_cast<std::size_t>(instance.items);
  if (key == "cost") {
    instance.cost = table_of(values, bins, items, -kMost, "/cost");
  } else if (key == "size") {
    instance.size = table_of(values, bins, items, 0, "/size");
  } else {
    refuse(key);
  }
}

Instance::Value parse(const std::string& text, const std::string& folder) {
  const py::gil_scoped_release released;
  const std::string kind = kind_of_document(text);
  if (kind == "experts") return parse_experts(text, folder);
  if (kind == "step") return parse_step(text, folder);
  return parse_assignment(text, folder);
}

}  // namespace

Instance::Instance(std::string text, std::string folder, const py::dict& arrays)
    : value_(parse(text, folder)), folder_(std::move(folder)) {
  for (const auto& [key, values] : arrays) {
    std::visit([&, name = py::cast<std::string>(key),
                given = py::reinterpret_borrow<py::object>(values)](auto& value) { fill(value, name, given); },
               value_);
  }
  if (arrays.empty()) text_ = std::move(text);
}

const char* Instance::kind() const {
  if (std::holds_alternative<StepInstance>(value_)) return "step";
  return std::holds_alternative<ExpertInstance>(value_) ? "experts" : "assignment";
}

const std::string& Instance::name() const {
  if (const auto* step = std::get_if<StepInstance>(&value_)) return step->experts.name;
  if (const auto* experts = std::get_if<ExpertInstance>(&value_)) return experts->name;
  return std::get<AssignmentInstance>(value_).name;
}

const std::string& Instance::text() const {
  if (text_.empty()) {
    text_ = std::visit([](const auto& value) { return write_document(value); }, value_);
  }
  return text_;
}

void bind_instance(py::module_& module) {
  py::class_<Instance, std::shared_ptr<Instance>>(module, "Instance")
      .def(py::init<std::string, std::string, const py::dict&>(), py::arg("text"), py::arg("folder") = ".",
           py::arg("arrays") = py::dict())
      .def_property_readonly("kind", &Instance::kind)
      .def_property_readonly("name", &Instance::name)
      .def("to_json", &Instance::text)
      .def("__repr__", [](const Instance& instance) {
        return "Instance(kind='" + std::string(instance.kind()) + "', name='" + instance.name() + "')";
      });
}

}  // namespace plimsoll::python
