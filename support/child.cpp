#include "support/child.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "plimsoll/error.hpp"
#include "support/text.hpp"

namespace plimsoll::support {
namespace {

constexpr std::size_t most_output = 1 << 20;  // more than that is noise, but it is drained so that the child goes on

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
}

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> list;
  for (std::string& word : words) list.push_back(word.data());
  list.push_back(nullptr);
  return list;
}

}  // namespace

std::string ChildEnd::in_words() const {
  if (signal == 0) return "exit code " + std::to_string(exit_code);
  const char* name = ::strsignal(signal);
  return "signal " + std::to_string(signal) + (name == nullptr ? "" : " (" + std::string(name) + ")");
}

Child::Child(const std::string& program, const std::vector<std::string>& arguments, const std::string& input) {
  int ends[2] = {-1, -1};
  if (::pipe2(ends, O_CLOEXEC) != 0) {
    throw Error(ErrorCode::file, "cannot make a pipe: " + std::generic_category().message(errno));
  }
  output_ = ends[0];
  ::fcntl(output_, F_SETFL, O_NONBLOCK);

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, input.empty() ? "/dev/null" : input.c_str(), O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t usual;
  sigemptyset(&usual);
  sigaddset(&usual, SIGPIPE);  // an ignored signal would be inherited
  posix_spawnattr_setsigdefault(&attributes, &usual);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);

  std::vector<std::string> words{"plimsoll"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  const std::vector<char*> list = pointers(words);
  const int error = ::posix_spawn(&id_, program.c_str(), &actions, &attributes, list.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  ::close(ends[1]);
  if (error == 0) return;
  id_ = -1;
  ::close(std::exchange(output_, -1));
  throw Error(ErrorCode::file,
              "cannot start " + in_quotes(program, 400) + ": " + std::generic_category().message(error));
}

Child::~Child() {
  kill();
  if (output_ >= 0) ::close(output_);
}

void Child::read() {
  char buffer[65536];
  while (output_ >= 0) {
    const ssize_t got = ::read(output_, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) {
      ::close(std::exchange(output_, -1));
      return;
    }
    if (end_.output.size() < most_output) end_.output.append(buffer, static_cast<std::size_t>(got));
  }
}

bool Child::ended() {
  if (id_ < 0) return true;
  int status = 0;
  rusage used{};
  pid_t found = 0;
  while ((found = ::wait4(id_, &status, WNOHANG, &used)) < 0 && errno == EINTR) {
  }
  if (found == 0) return false;
  read();
  id_ = -1;
  if (WIFEXITED(status)) end_.exit_code = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) end_.signal = WTERMSIG(status);
  end_.cpu_seconds = seconds(used.ru_utime) + seconds(used.ru_stime);
  return true;
}

void Child::kill() {
  if (id_ < 0 || ended()) return;
  ::kill(id_, SIGKILL);
  int status = 0;
  rusage used{};
  while (::wait4(id_, &status, 0, &used) < 0 && errno == EINTR) {
  }
  read();
  id_ = -1;
  end_.signal = WIFSIGNALED(status) ? WTERMSIG(status) : SIGKILL;
  end_.cpu_seconds = seconds(used.ru_utime) + seconds(used.ru_stime);
}

}  // namespace plimsoll::support
