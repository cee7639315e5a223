#include "plimsoll/digest.hpp"

#include <bit>
#include <cstdint>
#include <type_traits>

#include "support/sha256.hpp"

namespace plimsoll {
namespace {

// Numbers as 8 bytes, lowest first; every sequence begins with its length, so that no two plans share their bytes.
class PlanHash {
 public:
  explicit PlanHash(std::string_view kind) {
    hash_.add(kind);
    hash_.add({"\0", 1});
  }

  template <class Number>
  PlanHash& number(Number value) {
    std::uint64_t bits = 0;
    if constexpr (std::is_floating_point_v<Number>) {
      bits = std::bit_cast<std::uint64_t>(value == 0 ? 0.0 : static_cast<double>(value));  // -0 is 0
    } else {
      bits = static_cast<std::uint64_t>(static_cast<std::int64_t>(value));
    }
    char bytes[8];
    for (int i = 0; i < 8; ++i) bytes[i] = static_cast<char>((bits >> (8 * i)) & 0xff);
    hash_.add({bytes, sizeof bytes});
    return *this;
  }

  template <class Number>
  PlanHash& table(const Matrix<Number>& matrix) {
    number(matrix.rows()).number(matrix.columns());
    for (const Number value : matrix.data()) number(value);
    return *this;
  }

  PlanHash& plan(const ExpertPlan& plan) { return table(plan.slots).table(plan.shares).table(plan.tokens); }

  [[nodiscard]] std::string finish() { return hash_.finish(); }

 private:
  support::Sha256 hash_;
};

}  // namespace

std::string digest(const ExpertPlan& plan) { return PlanHash("experts").plan(plan).finish(); }

std::string digest(const StepPlan& plan) {
  PlanHash hash("step");
  hash.table(plan.base).number(plan.microsteps.size());
  for (const ExpertPlan& microstep : plan.microsteps) hash.plan(microstep);
  hash.number(plan.transfers.size());
  for (const Transfer& transfer : plan.transfers) {
    hash.number(static_cast<int>(transfer.kind)).number(transfer.microstep).number(transfer.layer);
    hash.number(transfer.expert).number(transfer.from_host ? 1 : 0).number(transfer.from).number(transfer.to);
    hash.number(transfer.start_seconds).number(transfer.end_seconds);
  }
  return hash.finish();
}

std::string digest(const AssignmentPlan& plan) {
  PlanHash hash("assignment");
  hash.number(plan.bin_of.size());
  for (const int bin : plan.bin_of) hash.number(bin);
  return hash.finish();
}

}  // namespace plimsoll
