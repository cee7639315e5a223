#include "cli/journal_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>
#include <system_error>
#include <utility>

#include "cli/errors.hpp"
#include "planner/compare/journal.hpp"
#include "support/file.hpp"
#include "support/text.hpp"

namespace plimsoll::cli {
namespace {

[[noreturn]] void fail(const std::string& doing, const std::string& path) {
  throw Error(ErrorCode::file,
              "cannot " + doing + " " + support::in_quotes(path, 400) + ": " + std::generic_category().message(errno));
}

}  // namespace

JournalFile::JournalFile(std::string path) : path_(std::move(path)) {
  descriptor_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  if (descriptor_ < 0) fail("write", path_);
  if (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
    ::close(std::exchange(descriptor_, -1));
    throw Error(ErrorCode::file, "cannot use " + support::in_quotes(path_, 400) + ": another comparison writes to it",
                {}, "Maybe wait for it, or name another file with --resume.");
  }
  try {
    compare::Journal journal = about_file(path_, [&] { return compare::read_journal(support::read_file(path_)); });
    runs_ = std::move(journal.runs);
    // What was cut off while it was written goes, so that the next line begins at the left.
    if (::ftruncate(descriptor_, static_cast<off_t>(journal.whole_bytes)) != 0) fail("write", path_);
  } catch (...) {
    ::close(std::exchange(descriptor_, -1));
    throw;
  }
}

JournalFile::~JournalFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

const compare::Run* JournalFile::find(const std::string& key) const {
  const auto place = runs_.find(key);
  return place == runs_.end() ? nullptr : &place->second;
}

void JournalFile::add(const std::string& line) {
  std::string_view left = line;
  while (!left.empty()) {
    const ssize_t written = ::write(descriptor_, left.data(), left.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail("write", path_);
    left.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace plimsoll::cli
