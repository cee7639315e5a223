// An instance of any problem, read once: from JSON text, with the tables of numbers either in it or given as arrays.
#pragma once

#include <string>
#include <variant>

#include "plimsoll/assignment.hpp"
#include "plimsoll/experts.hpp"
#include "plimsoll/step.hpp"
#include "python/bindings/bindings.hpp"

namespace plimsoll::python {

class Instance {
 public:
  using Value = std::variant<ExpertInstance, StepInstance, AssignmentInstance>;

  // `arrays`: top-level key -> array of numbers, in the place of the table of zeros that stands in the text.
  Instance(std::string text, std::string folder, const py::dict& arrays);

  [[nodiscard]] const Value& value() const { return value_; }
  [[nodiscard]] const std::string& folder() const { return folder_; }
  [[nodiscard]] const char* kind() const;
  [[nodiscard]] const std::string& name() const;
  // The text that it was read from; of arrays, the text that says the same. Its bytes are the instance's identity.
  [[nodiscard]] const std::string& text() const;

 private:
  Value value_;
  mutable std::string text_;
  std::string folder_;
};

}  // namespace plimsoll::python
