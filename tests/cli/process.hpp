// Runs the built program as a process of its own: what goes in, what comes out, and how it ends.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace plimsoll::test {

struct Finished {
  int exit_code = -1;  // -1 where a signal ended it
  int signal = 0;
  std::string out;
  std::string err;
};

enum class Output {
  collected,
  closed,       // as `>&-` does
  reader_gone,  // a pipe that nobody reads any more
};

struct Request {
  std::vector<std::string> arguments;
  std::string input = {};
  std::vector<std::string> environment = {};  // "NAME=value", on top of ours
  Output output = Output::collected;
  int signal_at_first_note = 0;  // sent when the first line stands on standard error
  std::string folder = {};       // the working folder; empty: ours
};

// A file descriptor that is closed when it goes.
class Descriptor {
 public:
  explicit Descriptor(int number = -1) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    close();
    number_ = std::exchange(other.number_, -1);
    return *this;
  }
  ~Descriptor() { close(); }
  [[nodiscard]] int number() const { return number_; }
  [[nodiscard]] bool open() const { return number_ >= 0; }
  void close() {
    if (number_ >= 0) ::close(std::exchange(number_, -1));
  }

 private:
  int number_;
};

struct Pipe {
  Pipe() {
    int ends[2] = {-1, -1};
    if (::pipe2(ends, O_CLOEXEC) != 0) ADD_FAILURE() << "no pipe";
    reading = Descriptor(ends[0]);
    writing = Descriptor(ends[1]);
  }
  Descriptor reading;
  Descriptor writing;
};

// Starts the program on these descriptors (-1: closed) and returns its process id, or -1.
inline pid_t start(const Request& request, int in, int out, int err) {
  std::vector<std::string> words{PLIMSOLL_PROGRAM};
  words.insert(words.end(), request.arguments.begin(), request.arguments.end());
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);

  std::vector<std::string> added = request.environment;
  std::vector<char*> variables;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string text = *variable;
    const std::string name = text.substr(0, text.find('=') + 1);
    if (std::none_of(added.begin(), added.end(), [&](const std::string& own) { return own.rfind(name, 0) == 0; })) {
      variables.push_back(*variable);
    }
  }
  for (std::string& variable : added) variables.push_back(variable.data());
  variables.push_back(nullptr);

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  if (!request.folder.empty()) posix_spawn_file_actions_addchdir_np(&actions, request.folder.c_str());
  posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
  if (out >= 0) {
    posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
  } else {
    posix_spawn_file_actions_addclose(&actions, STDOUT_FILENO);
  }
  posix_spawn_file_actions_adddup2(&actions, err, STDERR_FILENO);

  // Ignored signals are inherited; the program has to meet them as a shell would hand them over.
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t usual;
  sigemptyset(&usual);
  for (const int signal : {SIGPIPE, SIGINT, SIGTERM}) sigaddset(&usual, signal);
  posix_spawnattr_setsigdefault(&attributes, &usual);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);

  pid_t child = -1;
  const int error = ::posix_spawn(&child, PLIMSOLL_PROGRAM, &actions, &attributes, pointers.data(), variables.data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) {
    ADD_FAILURE() << "cannot start " << PLIMSOLL_PROGRAM << ": error " << error;
    return -1;
  }
  return child;
}

// Appends what can be read now; closes at the end (a terminal whose other side is closed reports an error instead).
inline void read_some(Descriptor& from, std::string& text) {
  char buffer[65536];
  const ssize_t got = ::read(from.number(), buffer, sizeof buffer);
  if (got > 0) {
    text.append(buffer, static_cast<std::size_t>(got));
  } else if (got == 0 || errno != EINTR) {
    from.close();
  }
}

inline void wait_for(pid_t child, Finished& finished) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status)) finished.exit_code = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) finished.signal = WTERMSIG(status);
}

inline Finished run(const Request& request) {
  ::signal(SIGPIPE, SIG_IGN);  // the program may end before it has read all of its input
  Pipe in;
  Pipe out;
  Pipe err;
  if (request.output != Output::collected) out.reading.close();
  Finished finished;
  const pid_t child = start(request, in.reading.number(), request.output == Output::closed ? -1 : out.writing.number(),
                            err.writing.number());
  if (child < 0) return finished;
  in.reading.close();
  out.writing.close();
  err.writing.close();

  std::string_view left = request.input;
  if (left.empty()) in.writing.close();
  if (in.writing.open()) ::fcntl(in.writing.number(), F_SETFL, O_NONBLOCK);
  bool signalled = request.signal_at_first_note == 0;
  while (in.writing.open() || out.reading.open() || err.reading.open()) {
    pollfd waiting[3] = {
        {in.writing.number(), POLLOUT, 0}, {out.reading.number(), POLLIN, 0}, {err.reading.number(), POLLIN, 0}};
    // A guard against a program that hangs, far above what any test takes.
    if (::poll(waiting, 3, 300000) == 0) {
      ADD_FAILURE() << "the program hangs";
      ::kill(child, SIGKILL);
      break;
    }
    if (waiting[0].revents != 0) {
      const ssize_t written = ::write(in.writing.number(), left.data(), left.size());
      if (written > 0) left.remove_prefix(static_cast<std::size_t>(written));
      if (left.empty() || (written < 0 && errno != EAGAIN && errno != EINTR)) in.writing.close();
    }
    if (waiting[1].revents != 0) read_some(out.reading, finished.out);
    if (waiting[2].revents != 0) read_some(err.reading, finished.err);
    if (!signalled && finished.err.find('\n') != std::string::npos) {
      signalled = true;
      ::kill(child, request.signal_at_first_note);
    }
  }
  wait_for(child, finished);
  return finished;
}

inline Finished run(const std::vector<std::string>& arguments, const std::string& input = {}) {
  return run(Request{.arguments = arguments, .input = input});
}

// An error as every verb reports it: one line on standard error that has these parts, no data, exit code 2.
inline void expect_one_line(const Finished& finished, const std::vector<std::string>& parts) {
  EXPECT_EQ(finished.exit_code, 2) << finished.err;
  EXPECT_EQ(std::count(finished.err.begin(), finished.err.end(), '\n'), 1) << finished.err;
  EXPECT_EQ(finished.err.rfind("plimsoll: ", 0), 0U) << finished.err;
  for (const std::string& part : parts) {
    EXPECT_NE(finished.err.find(part), std::string::npos) << part << " in " << finished.err;
  }
  EXPECT_EQ(finished.out, "");
}

}  // namespace plimsoll::test
