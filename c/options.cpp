#include "c/options.hpp"

#include <cmath>
#include <limits>
#include <string>

#include "c/sized.hpp"
#include "plimsoll/error.hpp"
#include "support/json.hpp"

namespace plimsoll::c {
namespace {

plimsoll_options defaults() {
  const SolveOptions options;
  plimsoll_options made = {};
  made.struct_size = sizeof made;
  made.threads = options.threads;
  made.seed = options.seed;
  made.gap = options.gap;
  return made;
}

plimsoll_options read(const plimsoll_options* given) {
  if (given == nullptr) return defaults();
  const auto refuse = [](const char* field, const std::string& shown, const std::string& expected) {
    throw Error(ErrorCode::usage, std::string("plimsoll_options.") + field + " is " + shown + ", expected " + expected);
  };
  const plimsoll_options read = read_sized(given, defaults(), "plimsoll_options");
  if (read.threads < 1) refuse("threads", std::to_string(read.threads), "at least 1");
  for (const auto& [field, number] :
       {std::pair{"time_limit_seconds", read.time_limit_seconds}, std::pair{"gap", read.gap}}) {
    if (!(number >= 0) || std::isinf(number)) {
      refuse(field, std::to_string(number), "a finite number of at least 0");
    }
  }
  // Plan files hold it as a signed number.
  constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (read.seed > most) refuse("seed", std::to_string(read.seed), "at most " + std::to_string(most));
  return read;
}

double or_nan(const std::optional<double>& number) { return number.value_or(std::numeric_limits<double>::quiet_NaN()); }

}  // namespace

CallOptions::CallOptions(const plimsoll_options* given) : given_(read(given)), flag_(given_.stop) {}

std::optional<std::uint64_t> CallOptions::work_limit() const {
  return given_.work_limit == 0 ? std::nullopt : std::optional(given_.work_limit);
}

std::optional<double> CallOptions::time_limit_seconds() const {
  return given_.time_limit_seconds == 0 ? std::nullopt : std::optional(given_.time_limit_seconds);
}

SolveOptions CallOptions::solve_options() {
  SolveOptions options;
  if (given_.method != nullptr) options.method = given_.method;
  options.work_limit = work_limit();
  options.time_limit_seconds = time_limit_seconds();
  options.threads = given_.threads;
  options.seed = given_.seed;
  options.gap = given_.gap;
  options.stop = stop();
  if (given_.progress != nullptr) {
    options.progress = [this](const Progress& progress) {
      const plimsoll_progress now = {progress.seconds, or_nan(progress.objective), or_nan(progress.bound),
                                     progress.work};
      if (given_.progress(&now, given_.progress_data) != 0) flag_.flag().store(true);
    };
  }
  return options;
}

}  // namespace plimsoll::c

extern "C" void plimsoll_options_init(plimsoll_options* options, uint32_t struct_size) {
  plimsoll::c::init_sized(options, struct_size, plimsoll::c::defaults());
}
