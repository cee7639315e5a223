#include "planner/experts/step/stream_lines.hpp"

#include <algorithm>

#include "planner/experts/step/json.hpp"
#include "planner/experts/write_parts.hpp"
#include "plimsoll/stream.hpp"

namespace plimsoll::experts::step {
namespace {

using support::Reader;
using support::Writer;

constexpr double most_tokens = 1e15;

// The document without line ends: none stands inside a string.
std::string on_one_line(const std::string& text) {
  std::string line;
  bool indent = false;
  for (const char each : text) {
    if (each == '\n') {
      indent = true;
    } else if (!indent || each != ' ') {
      line += each;
      indent = false;
    }
  }
  return line;
}

class Lines : public common::LineStream {
 public:
  Lines(const StepInstance& past, const common::LineStreamOptions& options)
      : model_(past.experts.model),
        devices_(static_cast<std::size_t>(past.experts.cluster.devices())),
        stream_(past, {options.lookahead_microsteps, options.seed}) {}

  [[nodiscard]] std::string opening() const override {
    Writer writer;
    writer.begin_object();
    write_table(writer, "base", stream_.base());
    return on_one_line(writer.end_object().take());
  }

  std::string answer(const support::Json& question) override {
    const auto layers = static_cast<std::size_t>(model_.layers);
    const auto experts = static_cast<std::size_t>(model_.experts);
    Reader root(question);
    const Matrix<double> load(layers, experts, root.member("load").number_table(layers, experts, 0, most_tokens));
    std::vector<Matrix<double>> sources;
    if (const auto given = root.optional_member("sources")) {
      for (const Reader& table : given->elements()) {
        sources.emplace_back(devices_, experts, table.number_table(devices_, experts, 0, most_tokens));
      }
    }
    root.done();
    return written(stream_.plan(load, sources));
  }

 private:
  [[nodiscard]] std::string written(const StreamedMicrostep& answer) const {
    Writer writer;
    writer.begin_object().key("microstep").value(answer.microstep);
    writer.key("transient").begin_array();
    const Matrix<int>& base = stream_.base();
    for (std::size_t layer = 0; layer < base.rows(); ++layer) {
      for (std::size_t column = 0; column < base.columns(); ++column) {
        const int expert = answer.plan.slots.at(layer, column);
        if (expert == base.at(layer, column)) continue;
        writer.begin_flat_object().key("layer").value(static_cast<std::int64_t>(layer));
        writer.key("column").value(static_cast<std::int64_t>(column)).key("expert").value(expert).end_object();
      }
    }
    writer.end_array();
    write_table(writer, "shares", answer.plan.shares);
    if (!answer.plan.tokens.empty()) write_table(writer, "tokens", answer.plan.tokens);
    writer.key("transfers").begin_array();
    for (const Transfer& transfer : answer.transfers) write_transfer(writer, transfer);
    writer.end_array();
    writer.key("start_seconds").value(answer.start_seconds).key("end_seconds").value(answer.end_seconds);
    writer.key("exposed_seconds").value(answer.exposed_seconds).key("bound_seconds").value(answer.bound_seconds);
    writer.key("imbalance").value(answer.imbalance).key("work").value(answer.work);
    return on_one_line(writer.end_object().take());
  }

  ExpertModel model_;
  std::size_t devices_;
  StepStream stream_;
};

}  // namespace

std::unique_ptr<common::LineStream> line_stream(const StepInstance& past, const common::LineStreamOptions& options) {
  return std::make_unique<Lines>(past, options);
}

}  // namespace plimsoll::experts::step
