#include <cstring>

#include "executor/ceilings/peak.hpp"
#include "executor/ceilings/peak_streams.hpp"

namespace plimsoll::executor {
namespace {

struct Wide {
  typedef std::uint64_t Vector __attribute__((vector_size(16), may_alias));
};
struct Doubles {
  typedef double Vector __attribute__((vector_size(16)));
};
struct Floats {
  typedef float Vector __attribute__((vector_size(16)));
};

constexpr int accumulators = 12;

// x = x a + b stays near b / (1 - a).
template <class Kind, class Number>
double accumulate(std::int64_t rounds) {
  using Vector = typename Kind::Vector;
  volatile Number source = static_cast<Number>(0.75);  // unknown to the compiler
  const Number factor = source;
  Vector a = {};
  Vector b = {};
  a += factor;
  b += factor;
  Vector sums[accumulators] = {};
  for (std::int64_t round = 0; round < rounds; ++round) {
#pragma GCC unroll 12
    for (int index = 0; index < accumulators; ++index) sums[index] = sums[index] * a + b;
  }
  Vector all = {};
  for (const Vector& sum : sums) all += sum;
  return static_cast<double>(all[0]);
}

void copy_plain(std::byte* to, const std::byte* from, std::size_t bytes) { std::memcpy(to, from, bytes); }

constexpr Copying copyings[] = {{"memcpy", copy_plain}};
constexpr Peak peak{{accumulate<Doubles, double>, 2.0 * 2 * accumulators},
                    {accumulate<Floats, float>, 2.0 * 4 * accumulators},
                    {nullptr, 0},
                    readings_of<Wide>,
                    reading_count<Wide>,
                    copyings,
                    1};

}  // namespace

const Peak& peak_portable() { return peak; }

}  // namespace plimsoll::executor
