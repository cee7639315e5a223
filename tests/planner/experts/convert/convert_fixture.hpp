// Conversions as calls: what they give, or the one line that they are refused with.
#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <utility>

#include "planner/common/conversion.hpp"
#include "planner/experts/convert/convert.hpp"
#include "planner/experts/json.hpp"
#include "planner/experts/step/json.hpp"
#include "plimsoll/error.hpp"
#include "tests/golden.hpp"

namespace plimsoll::experts {

using Values = common::ConvertValues;

inline Values cluster_values(const std::string& nodes, const std::string& per_node, const std::string& slots) {
  return {{"nodes", {nodes}}, {"devices-per-node", {per_node}}, {"slots", {slots}}};
}

inline common::Document document_of(const std::string& text) {
  common::Document document;
  document.source = "-";
  document.text = text;
  document.json = support::parse(text);
  return document;
}

inline common::Converted converted(const std::string& format, const std::string& text, const Values& values = {},
                                   const common::Document* base = nullptr) {
  return conversions()->read(format, text, base, values);
}

// The bytes of a .npy file of doubles; `shape` as Python prints it.
inline std::string npy(const std::string& shape, const std::vector<double>& values) {
  std::string header = "{'descr': '<f8', 'fortran_order': False, 'shape': " + shape + ", }\n";
  std::string text = "\x93NUMPY";
  text += {'\x01', '\x00', static_cast<char>(header.size()), '\x00'};
  text += header;
  for (const double value : values) {
    char bytes[sizeof value];
    std::memcpy(bytes, &value, sizeof value);
    text.append(bytes, sizeof value);
  }
  return text;
}

inline StepInstance step_of(const common::Converted& result) { return step::read_instance(document_of(result.text)); }

inline ExpertInstance instance_of(const common::Converted& result) { return read_instance(document_of(result.text)); }

template <class Action>
std::string refusal_of(Action&& action) {
  try {
    std::forward<Action>(action)();
  } catch (const Error& error) {
    EXPECT_NE(error.code(), ErrorCode::internal) << error.what();
    EXPECT_TRUE(testing::is_one_line(error.what())) << error.what();
    EXPECT_TRUE(error.advice().empty() || error.advice().rfind("Maybe ", 0) == 0) << error.advice();
    return std::string(error.what()) + (error.advice().empty() ? "" : " | " + error.advice());
  }
  return "taken";
}

inline std::string refusal(const std::string& format, const std::string& text, const Values& values = {},
                           const common::Document* base = nullptr) {
  return refusal_of([&] { static_cast<void>(converted(format, text, values, base)); });
}

inline void expect_refusal(const std::string& got, const std::string& part) {
  EXPECT_NE(got.find(part), std::string::npos) << part << "\n in: " << got;
}

}  // namespace plimsoll::experts
