#include "support/file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <filesystem>
#include <new>
#include <optional>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "plimsoll/error.hpp"
#include "support/text.hpp"

namespace plimsoll::support {

namespace {

[[noreturn]] void fail(std::string_view doing, const std::string& path, int number) {
  throw Error(ErrorCode::file, "cannot " + std::string(doing) + " " + in_quotes(path, 400) + ": " +
                                   std::generic_category().message(number));
}

// Owns an open file. Closing late errors matter when writing, so close() can be asked for its result.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  [[nodiscard]] int number() const { return number_; }
  [[nodiscard]] int close() { return ::close(std::exchange(number_, -1)); }

 private:
  int number_;
};

// 0, or the number of the error.
int write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return errno;
    }
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

std::string read_all(int descriptor, const std::string& path) {
  std::string text;
  struct stat state {};
  std::size_t filled = 0;
  try {
    if (::fstat(descriptor, &state) == 0 && S_ISREG(state.st_mode) && state.st_size > 0) {
      text.resize(static_cast<std::size_t>(state.st_size) + 1);  // one more, so that the last read finds the end
    }
    while (true) {
      if (filled == text.size()) text.resize(filled + filled / 2 + 65536);
      const ssize_t got = ::read(descriptor, text.data() + filled, text.size() - filled);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) fail("read", path, errno);
      if (got == 0) break;
      filled += static_cast<std::size_t>(got);
    }
  } catch (const std::bad_alloc&) {
    fail("read", path, ENOMEM);
  } catch (const std::length_error&) {
    fail("read", path, EFBIG);
  }
  text.resize(filled);
  return text;
}

void write_directly(const std::string& path, std::string_view text) {
  Descriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (file.number() < 0) fail("write", path, errno);
  if (const int error = write_all(file.number(), text); error != 0) fail("write", path, error);
  if (file.close() != 0) fail("write", path, errno);
}

// The file to replace: the target of a link rather than the link itself.
std::filesystem::path target_of(const std::string& path) {
  std::error_code ignored;
  if (!std::filesystem::is_symlink(path, ignored)) return path;
  std::filesystem::path target = std::filesystem::canonical(path, ignored);
  return ignored ? std::filesystem::path(path) : target;
}

std::string temporary_in(const std::filesystem::path& folder) {
  static std::atomic<unsigned> counter{0};
  return folder / (".plimsoll-" + std::to_string(::getpid()) + "-" + std::to_string(counter++) + ".tmp");
}

void write_and_rename(const std::string& path, std::string_view text, std::optional<mode_t> mode) {
  const std::filesystem::path target = target_of(path);
  std::string temporary;
  int opened = -1;
  for (int attempt = 0; attempt < 100 && opened < 0; ++attempt) {
    temporary = temporary_in(target.parent_path());
    opened = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (opened < 0 && errno != EEXIST) break;
  }
  if (opened < 0) fail("write", path, errno);
  Descriptor file(opened);
  int error = 0;
  if (mode && ::fchmod(file.number(), *mode & 07777U) != 0) error = errno;
  if (error == 0) error = write_all(file.number(), text);
  if (error == 0 && ::fsync(file.number()) != 0) error = errno;
  if (file.close() != 0 && error == 0) error = errno;
  if (error == 0 && ::rename(temporary.c_str(), target.c_str()) != 0) error = errno;
  if (error == 0) return;
  ::unlink(temporary.c_str());
  fail("write", path, error);
}

bool starts_with(const std::string& text, std::string_view prefix) {
  return text.compare(0, prefix.size(), prefix) == 0;
}

}  // namespace

std::string read_file(const std::string& path) {
  if (path == "-") return read_all(STDIN_FILENO, "standard input");
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.number() < 0) fail("read", path, errno);
  return read_all(file.number(), path);
}

void write_file_whole(const std::string& path, std::string_view text) {
  if (path == "-" || path == "/dev/stdout") {
    if (const int error = write_all(STDOUT_FILENO, text); error != 0) fail("write", "standard output", error);
    return;
  }
  if (path.empty()) fail("write", path, ENOENT);
  struct stat state {};
  const bool exists = ::stat(path.c_str(), &state) == 0;
  // What stands in /dev and /proc may look like a regular file and still be somebody's open descriptor.
  const bool special = starts_with(path, "/dev/") || starts_with(path, "/proc/");
  if (exists && S_ISDIR(state.st_mode)) fail("write", path, EISDIR);
  if (exists && (special || !S_ISREG(state.st_mode))) return write_directly(path, text);
  write_and_rename(path, text, exists ? std::optional<mode_t>(state.st_mode) : std::nullopt);
}

}  // namespace plimsoll::support
