#include "cli/compare_runs.hpp"

#include <poll.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>

#include "cli/machine.hpp"
#include "planner/common/plan_file.hpp"
#include "planner/compare/journal.hpp"
#include "support/child.hpp"
#include "support/file.hpp"
#include "support/json_text.hpp"
#include "support/markup.hpp"

namespace plimsoll::cli {
namespace {

using Clock = std::chrono::steady_clock;
using compare::Comparison;
using compare::Run;
using compare::RunStatus;

// This very program, even if its file is replaced meanwhile.
constexpr const char* own_program = "/proc/self/exe";

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    if (end > begin) lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

// What a process said on its way out: its last line, without our own prefix.
std::string last_words(const support::ChildEnd& end) {
  const auto lines = lines_of(end.output);
  if (lines.empty()) return {};
  const std::string prefix = "plimsoll: ";
  return support::legible(lines.back().rfind(prefix, 0) == 0 ? lines.back().substr(prefix.size()) : lines.back());
}

std::string ending_in_words(const support::ChildEnd& end) {
  const std::string words = last_words(end);
  return end.in_words() + (words.empty() ? "" : ": " + words);
}

void remove_file(const std::string& path) {
  std::error_code ignored;
  std::filesystem::remove(path, ignored);
}

std::string text_or_empty(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored) ? support::read_file(path) : std::string();
}

// One run on its way: solving, then checking.
class Job {
 public:
  Job(const Comparison& comparison, const RunOptions& options, std::size_t instance, std::size_t method,
      std::size_t seed)
      : comparison_(comparison), options_(options), instance_(instance), method_(method), seed_(seed) {
    const std::string stem = options.folder + "/" + std::to_string(comparison.index(instance, method, seed));
    plan_ = stem + ".plan.json";
    trace_ = stem + ".trace.jsonl";
    start(solve_words());
  }
  Job(const Job&) = delete;
  Job& operator=(const Job&) = delete;
  ~Job() {
    child_.reset();
    remove_file(plan_);
    remove_file(trace_);
  }

  [[nodiscard]] std::size_t index() const { return comparison_.index(instance_, method_, seed_); }
  [[nodiscard]] int descriptor() const { return child_->descriptor(); }
  [[nodiscard]] const Run& run() const { return run_; }
  [[nodiscard]] compare::RunKey key() const {
    return {comparison_.instances[instance_].sha256, comparison_.methods[method_], comparison_.seeds[seed_],
            comparison_.limits};
  }
  [[nodiscard]] std::string in_words() const {
    return comparison_.methods[method_] + " on " + comparison_.instances[instance_].name +
           (comparison_.seeds.size() > 1 ? ", seed " + std::to_string(comparison_.seeds[seed_]) : "") +
           (checking_ ? ", checking" : "");
  }

  // True where the run is complete.
  bool advance() {
    child_->read();
    const double passed = std::chrono::duration<double>(Clock::now() - started_).count();
    const bool killed = !child_->ended() && passed > options_.kill_after_seconds;
    if (killed) child_->kill();
    if (!child_->ended()) return false;
    if (checking_) {
      judge(killed);
      return true;
    }
    read_outcome(killed, passed);
    if (run_.status != RunStatus::optimal && run_.status != RunStatus::feasible) return true;
    checking_ = true;
    start(check_words());
    return false;
  }

 private:
  void start(const std::vector<std::string>& words) {
    started_ = Clock::now();
    child_ = std::make_unique<support::Child>(own_program, words, options_.inputs[instance_]);
  }

  void add_instance(std::vector<std::string>& words) const {
    if (options_.format != "json") words.insert(words.end(), {"--format", options_.format});
    words.insert(words.end(), {"--", options_.paths[instance_]});
  }

  [[nodiscard]] std::vector<std::string> solve_words() const {
    const compare::Limits& limits = comparison_.limits;
    std::vector<std::string> words{"solve",
                                   "--method",
                                   comparison_.methods[method_],
                                   "--seed",
                                   std::to_string(comparison_.seeds[seed_]),
                                   "--output",
                                   plan_,
                                   "--trace",
                                   trace_,
                                   "--quiet",
                                   "--threads",
                                   std::to_string(limits.threads),
                                   "--gap",
                                   support::number_text(limits.gap)};
    if (limits.time_limit_seconds) {
      words.insert(words.end(), {"--time-limit", support::number_text(*limits.time_limit_seconds)});
    }
    if (limits.work_limit) words.insert(words.end(), {"--work-limit", std::to_string(*limits.work_limit)});
    add_instance(words);
    return words;
  }

  [[nodiscard]] std::vector<std::string> check_words() const {
    std::vector<std::string> words{"check"};
    add_instance(words);
    words.push_back(plan_);
    return words;
  }

  void read_outcome(bool killed, double passed) {
    const support::ChildEnd& end = child_->end();
    run_.machine = options_.machine;
    run_.jobs = options_.jobs;
    run_.finished = utc_now();
    run_.cpu_seconds = end.cpu_seconds;
    run_.seconds = passed;
    compare::ReadTrace trace = compare::read_trace(text_or_empty(trace_));
    if (killed) {
      return fail_run("killed after " + support::number_text(options_.kill_after_seconds) +
                      " s, far beyond its limit or what was allowed for it");
    }
    if (trace.refusal && end.exit_code == 2) {
      run_.status = RunStatus::refused;
      run_.reason = *trace.refusal;
      run_.seconds = run_.cpu_seconds = 0;
      return;
    }
    if (end.signal != 0 || end.exit_code == 2 || end.exit_code == 3) return fail_run(ending_in_words(end));
    try {
      read_plan();
    } catch (const Error& error) {
      return fail_run(ending_in_words(end) + ", and its plan cannot be read: " + error.what());
    }
    run_.trace = std::move(trace.points);
  }

  void fail_run(const std::string& why) {
    run_.status = RunStatus::failed;
    run_.reason = support::legible(why);
  }

  void read_plan() {
    const compare::Instance& instance = comparison_.instances[instance_];
    const common::Document document = common::read_document(plan_);
    const Certificate certificate = common::read_envelope(document.json, instance.problem, instance.sha256);
    const support::Json* run = document.json.find("run");
    const support::Json* seconds = run == nullptr ? nullptr : run->find("seconds");
    if (seconds != nullptr) run_.seconds = support::Reader(*seconds, "/run/seconds").number(0, 1e300);
    run_.status = *compare::status_named(common::name_of(certificate.status));
    run_.objective = certificate.objective;
    run_.bound = certificate.bound;
    run_.bound_method = certificate.bound_method;
    run_.bound_evidence = common::name_of(certificate.bound_evidence);
    run_.stopped_by = common::name_of(certificate.stopped_by);
    run_.work = certificate.work;
    run_.reason = certificate.reason;
    if (certificate.stopped_by == StoppedBy::interrupt) fail_run("interrupted by a signal from elsewhere");
  }

  void judge(bool killed) {
    const support::ChildEnd& end = child_->end();
    run_.verified = !killed && end.exit_code == 0;
    if (run_.verified) return;
    if (end.exit_code == 1) {
      for (const std::string& line : lines_of(end.output)) run_.violations.push_back(support::legible(line));
    }
    if (run_.violations.empty()) {
      run_.violations.push_back(killed ? "the checker was killed after " +
                                             support::number_text(options_.kill_after_seconds) + " s"
                                       : "the checker ended with " + ending_in_words(end));
    }
  }

  const Comparison& comparison_;
  const RunOptions& options_;
  std::size_t instance_;
  std::size_t method_;
  std::size_t seed_;
  std::string plan_;
  std::string trace_;
  std::unique_ptr<support::Child> child_;
  Clock::time_point started_;
  bool checking_ = false;
  Run run_;
};

class Shift {
 public:
  Shift(Comparison& comparison, JournalFile& journal, const RunOptions& options)
      : comparison_(comparison), journal_(journal), options_(options) {}

  bool work() {
    plan_tasks();
    while (next_ < tasks_.size() || !running_.empty()) {
      if (*options_.stop) {
        running_.clear();  // kills them
        return false;
      }
      while (next_ < tasks_.size() && running_.size() < static_cast<std::size_t>(options_.jobs)) {
        const auto [instance, method, seed] = tasks_[next_++];
        running_.push_back(std::make_unique<Job>(comparison_, options_, instance, method, seed));
      }
      if (options_.progress) {
        options_.progress({comparison_.runs.size() - tasks_.size() + next_ - running_.size(), comparison_.runs.size(),
                           running_.front()->in_words()});
      }
      wait();
      // A signal that reached everybody has ended the children, too: what they left is not what was asked for.
      if (!*options_.stop) collect();
    }
    return true;
  }

 private:
  struct Task {
    std::size_t instance;
    std::size_t method;
    std::size_t seed;
  };

  void plan_tasks() {
    comparison_.runs.assign(comparison_.instances.size() * comparison_.methods.size() * comparison_.seeds.size(), {});
    for (std::size_t instance = 0; instance < comparison_.instances.size(); ++instance) {
      for (std::size_t method = 0; method < comparison_.methods.size(); ++method) {
        for (std::size_t seed = 0; seed < comparison_.seeds.size(); ++seed) {
          const compare::RunKey key{comparison_.instances[instance].sha256, comparison_.methods[method],
                                    comparison_.seeds[seed], comparison_.limits};
          if (const Run* known = journal_.find(key.text())) {
            comparison_.runs[comparison_.index(instance, method, seed)] = *known;
          } else {
            tasks_.push_back({instance, method, seed});
          }
        }
      }
    }
  }

  // Until a process says something or ends, at most a tenth of a second: deadlines and Ctrl-C are looked at between.
  void wait() const {
    std::vector<pollfd> waiting;
    bool ending = false;
    for (const auto& job : running_) {
      waiting.push_back({job->descriptor(), POLLIN, 0});
      ending = ending || job->descriptor() < 0;
    }
    ::poll(waiting.data(), waiting.size(), ending ? 2 : 100);
  }

  void collect() {
    for (std::size_t k = 0; k < running_.size();) {
      Job& job = *running_[k];
      if (!job.advance()) {
        ++k;
        continue;
      }
      if (*options_.stop) return;
      journal_.add(compare::journal_line(job.key(), job.run()));
      comparison_.runs[job.index()] = job.run();
      running_.erase(running_.begin() + static_cast<std::ptrdiff_t>(k));
    }
  }

  Comparison& comparison_;
  JournalFile& journal_;
  const RunOptions& options_;
  std::vector<Task> tasks_;
  std::size_t next_ = 0;
  std::vector<std::unique_ptr<Job>> running_;
};

}  // namespace

bool make_runs(Comparison& comparison, JournalFile& journal, const RunOptions& options) {
  return Shift(comparison, journal, options).work();
}

}  // namespace plimsoll::cli
