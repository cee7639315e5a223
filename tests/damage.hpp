// Deterministic damage to golden files, and what a reader may do about it: read, or refuse by one clear line.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "plimsoll/error.hpp"
#include "tests/golden.hpp"

namespace plimsoll::testing {

class Damage {
 public:
  explicit Damage(std::uint64_t seed) : random_(seed) {}

  std::string apply(std::string text) {
    const std::size_t times = 1 + below(2);
    for (std::size_t i = 0; i < times && !text.empty(); ++i) once(text);
    return text;
  }

 private:
  // std::uniform_int_distribution differs between libraries; the small bias of a remainder does not matter here.
  std::size_t below(std::size_t limit) { return static_cast<std::size_t>(random_() % limit); }

  void once(std::string& text) {
    const std::size_t place = below(text.size());
    switch (below(6)) {
      case 0:
        text[place] = static_cast<char>(static_cast<unsigned char>(text[place]) ^ (1U << below(8)));
        break;
      case 1:
        text.resize(place);
        break;
      case 2:
        text.erase(place, 1 + below(20));
        break;
      case 3:
        text.insert(place, text.substr(below(text.size()), 1 + below(30)));
        break;
      default:
        swap_token(text, place);
    }
  }

  // Replaces the number or word at or after the place by one that is likely to matter.
  void swap_token(std::string& text, std::size_t place) {
    static const std::vector<std::string> kTokens = {"0",
                                                     "-1",
                                                     "1e999",
                                                     "1e308",
                                                     "-1e-320",
                                                     "2.0",
                                                     "0.5",
                                                     "9223372036854775808",
                                                     "3000000000",
                                                     "100000",
                                                     "null",
                                                     "true",
                                                     "NaN",
                                                     "\"\"",
                                                     "[]",
                                                     "{}",
                                                     "[[]]",
                                                     "{\"npy\": \"../a\"}",
                                                     "{\"npy\": \"load_f8.npy\"}",
                                                     "\"\\ud800\"",
                                                     "\"\xc3\"",
                                                     "99999999999999999999999999",
                                                     "[1, 2"};
    const std::string kOfTokens = "-+.0123456789abcdefghijklmnopqrstuvwxyzE";
    const std::size_t start = text.find_first_of(kOfTokens, place);
    if (start == std::string::npos) return;
    const std::size_t end = text.find_first_not_of(kOfTokens, start);
    text.replace(start, (end == std::string::npos ? text.size() : end) - start, kTokens[below(kTokens.size())]);
  }

  std::mt19937_64 random_;
};

// True where the action refused its input; any other exception ends the test with a failure.
template <class Action>
bool refuses(const Action& action) {
  try {
    action();
    return false;
  } catch (const Error& error) {
    EXPECT_TRUE(error.code() == ErrorCode::input || error.code() == ErrorCode::file) << error.what();
    EXPECT_TRUE(is_one_line(error.what())) << error.what();
    EXPECT_TRUE(error.pointer().empty() || is_one_line(error.pointer())) << error.pointer();
    EXPECT_LT(std::string(error.what()).size(), 1000U);
    return true;
  }
}

}  // namespace plimsoll::testing
