// What a call writes to file descriptors 1 and 2, however it does it: printf, std::cout, write().
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>

namespace plimsoll::solvers {

template <class Call>
std::string written_during(Call&& call) {
  std::string path = ::testing::TempDir() + "plimsoll_captured_XXXXXX";
  const int file = mkstemp(path.data());
  const auto flush = [] {
    std::fflush(nullptr);
    std::cout.flush();
    std::cerr.flush();
  };
  flush();
  const int out = dup(1);
  const int error = dup(2);
  dup2(file, 1);
  dup2(file, 2);
  call();
  flush();
  dup2(out, 1);
  dup2(error, 2);
  for (const int descriptor : {file, out, error}) close(descriptor);
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  unlink(path.c_str());
  return text.str();
}

}  // namespace plimsoll::solvers
