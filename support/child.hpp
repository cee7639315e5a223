// Another process: started without a shell, watched, timed and, where it has to be, killed. What it writes to standard
// output and standard error arrives as one text.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace plimsoll::support {

struct ChildEnd {
  int exit_code = -1;      // -1 where a signal ended it
  int signal = 0;          // 0 where it ended by itself
  double cpu_seconds = 0;  // user and system, of all its threads
  std::string output;

  // "exit code 3", "signal 9 (Killed)"
  [[nodiscard]] std::string in_words() const;
};

class Child {
 public:
  // `program` is a path. `input`: the file that is its standard input, empty for nothing. Throws Error(file) where it
  // cannot be started.
  Child(const std::string& program, const std::vector<std::string>& arguments, const std::string& input = {});
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  // Kills what still runs.
  ~Child();

  // To be polled for reading; -1 once the output has ended.
  [[nodiscard]] int descriptor() const { return output_; }
  // Takes what can be read without waiting.
  void read();
  // True where the process has ended, by itself or by kill(); then end() is complete.
  [[nodiscard]] bool ended();
  void kill();
  [[nodiscard]] const ChildEnd& end() const { return end_; }

 private:
  pid_t id_ = -1;
  int output_ = -1;
  ChildEnd end_;
};

}  // namespace plimsoll::support
