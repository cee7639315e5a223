// Tests that hold for every backend run once for each; a backend that the build lacks is skipped.
#pragma once

#include <gtest/gtest.h>

#include <ostream>

#include "solvers/mip/solver.hpp"

namespace plimsoll::solvers::mip {

inline void PrintTo(Backend backend, std::ostream* out) { *out << name(backend); }

class EachBackend : public testing::TestWithParam<Backend> {
 protected:
  void SetUp() override {
    if (!available(GetParam())) GTEST_SKIP() << "this build has no " << name(GetParam());
  }
};

inline auto every_backend() { return testing::Values(Backend::glpk, Backend::cbc); }
inline std::string backend_name(const testing::TestParamInfo<Backend>& info) { return name(info.param); }

}  // namespace plimsoll::solvers::mip
