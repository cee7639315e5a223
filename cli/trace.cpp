#include "cli/trace.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>
#include <system_error>

#include "cli/terminal.hpp"
#include "support/json.hpp"
#include "support/json_text.hpp"
#include "support/text.hpp"

namespace plimsoll::cli {
namespace {

[[noreturn]] void fail(const std::string& path) {
  throw Error(ErrorCode::file,
              "cannot write " + support::in_quotes(path, 400) + ": " + std::generic_category().message(errno));
}

std::string number_or_null(const std::optional<double>& number) {
  return number ? support::number_text(*number) : "null";
}

std::string json_text(std::string_view text) {
  support::Writer writer;
  std::string json = writer.value(text).take();
  while (!json.empty() && json.back() == '\n') json.pop_back();
  return json;
}

}  // namespace

std::string name_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::usage:
      return "usage";
    case ErrorCode::input:
      return "input";
    case ErrorCode::unsupported:
      return "unsupported";
    case ErrorCode::file:
      return "file";
    case ErrorCode::memory:
      return "memory";
    case ErrorCode::internal:
      break;
  }
  return "internal";
}

Trace::Trace(const std::optional<std::string>& path) : path_(path.value_or("")) {
  if (!path) return;
  descriptor_ = *path == "-" ? STDOUT_FILENO : ::open(path->c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (descriptor_ < 0) fail(path_);
}

Trace::~Trace() {
  if (descriptor_ > STDERR_FILENO) ::close(descriptor_);
}

void Trace::write(const std::string& line) {
  if (descriptor_ == STDOUT_FILENO) return print_data(line);
  std::string_view left = line;
  while (!left.empty()) {
    const ssize_t written = ::write(descriptor_, left.data(), left.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail(path_);
    left.remove_prefix(static_cast<std::size_t>(written));
  }
}

void Trace::add(const Progress& progress) {
  if (descriptor_ < 0 || (progress.objective == objective_ && progress.bound == bound_)) return;
  objective_ = progress.objective;
  bound_ = progress.bound;
  write("{\"seconds\": " + support::number_text(progress.seconds) + ", \"work\": " + std::to_string(progress.work) +
        ", \"objective\": " + number_or_null(objective_) + ", \"bound\": " + number_or_null(bound_) + "}\n");
}

void Trace::add(const Error& error) {
  if (descriptor_ < 0) return;
  write("{\"error\": " + json_text(name_of(error.code())) + ", \"message\": " + json_text(error.what()) + "}\n");
}

}  // namespace plimsoll::cli
