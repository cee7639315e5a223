// Handles of the C interface that free themselves, and small instances.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "plimsoll/plimsoll.h"

namespace plimsoll::test {

template <auto Free>
struct Freed {
  template <class Handle>
  void operator()(Handle* handle) const {
    Free(handle);
  }
};
using Instance = std::unique_ptr<plimsoll_instance, Freed<plimsoll_instance_free>>;
using Plan = std::unique_ptr<plimsoll_plan, Freed<plimsoll_plan_free>>;
using Stop = std::unique_ptr<plimsoll_stop, Freed<plimsoll_stop_free>>;

inline plimsoll_options options() {
  plimsoll_options made;
  plimsoll_options_init(&made, sizeof made);
  return made;
}

// One layer of eight experts on eight devices with two slots each, even dispatch. The loads must live as long.
inline const std::vector<double> eight_loads = {600, 560, 120, 120, 20, 10, 10, 10};
inline plimsoll_experts eight_experts(const std::vector<double>& load = eight_loads) {
  plimsoll_experts made;
  plimsoll_experts_init(&made, sizeof made);
  made.layers = 1;
  made.experts = 8;
  made.devices_per_node = 8;
  made.slots = 2;
  made.dispatch = PLIMSOLL_DISPATCH_EVEN;
  made.load = load.data();
  return made;
}

inline Instance from_json(const std::string& text, plimsoll_error* error = nullptr) {
  return Instance(plimsoll_instance_from_json(text.data(), text.size(), nullptr, error));
}

inline std::string in_instances(const std::string& file) {
  std::string path = PLIMSOLL_SOURCE_DIR "/instances/";
  path += file;
  return path;
}

inline Instance from_source(const std::string& file) {
  plimsoll_error error;
  Instance instance(plimsoll_instance_from_file(in_instances(file).c_str(), &error));
  EXPECT_NE(instance, nullptr) << error.message;
  return instance;
}

// Far too large to be proven optimal soon.
inline Instance endless() { return from_source("experts/deepseek-v3-288-144-even.json"); }

inline plimsoll_certificate certificate_of(const Plan& plan) {
  plimsoll_certificate certificate;
  certificate.struct_size = sizeof certificate;
  EXPECT_EQ(plimsoll_plan_certificate(plan.get(), &certificate, nullptr), PLIMSOLL_OK);
  return certificate;
}

inline std::string digest_of(const Plan& plan) {
  char digest[PLIMSOLL_DIGEST_BYTES] = "";
  EXPECT_EQ(plimsoll_plan_digest(plan.get(), digest, nullptr), PLIMSOLL_OK);
  return digest;
}

inline std::string text_of(const Plan& plan) {
  std::uint64_t bytes = 0;
  EXPECT_EQ(plimsoll_plan_json(plan.get(), nullptr, 0, &bytes, nullptr), PLIMSOLL_OK);
  std::string text(bytes, 'x');
  EXPECT_EQ(plimsoll_plan_json(plan.get(), text.data(), bytes, nullptr, nullptr), PLIMSOLL_OK);
  text.pop_back();  // the zero
  return text;
}

}  // namespace plimsoll::test
