// The state of a balancer as text: its options, its instance with what stands, what it remembers, and the delta that is
// committed in part.
#include "planner/experts/json.hpp"

#include <charconv>
#include <limits>

#include "planner/experts/balancer/state.hpp"
#include "planner/experts/read_parts.hpp"
#include "planner/experts/write_parts.hpp"
#include "support/json.hpp"

namespace plimsoll::experts::balancer {
namespace {

using support::Reader;
using support::Writer;

constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();

void write_options(Writer& writer, const BalancerOptions& options) {
  writer.key("options").begin_object().key("window").value(options.window).key("decay").value(options.decay);
  writer.key("horizon_microsteps").value(options.horizon_microsteps).key("least_gain").value(options.least_gain);
  writer.key("exchanges").value(options.exchanges);
  if (options.work_limit) writer.key("work_limit").value(std::to_string(*options.work_limit));
  writer.key("seed").value(std::to_string(options.seed)).end_object();
}

// Numbers of 64 bits without a sign stand as text: JSON's readers keep 63 of them.
std::uint64_t whole_text(const Reader& place) {
  const std::string text = place.text();
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) place.fail("the digits of a whole number, in quotes");
  return value;
}

BalancerOptions read_options(Reader place) {
  BalancerOptions options;
  options.window = static_cast<int>(place.member("window").integer(1, std::numeric_limits<int>::max()));
  options.decay = place.member("decay").number(0, 1);
  options.horizon_microsteps = place.member("horizon_microsteps").integer(1, most);
  options.least_gain = place.member("least_gain").number(0, 1e6);
  options.exchanges = place.member("exchanges").boolean();
  if (const auto limit = place.optional_member("work_limit")) options.work_limit = whole_text(*limit);
  options.seed = whole_text(place.member("seed"));
  place.done();
  return options;
}

}  // namespace

std::string write_state(const Knowledge& knowledge) {
  Writer writer;
  writer.begin_object().key("plimsoll").value(1).key("problem").value("balancer");
  write_options(writer, knowledge.options);
  writer.key("epoch").value(std::to_string(knowledge.epoch));
  if (!knowledge.open_delta.empty()) {
    writer.key("open_delta").value(knowledge.open_delta).key("committed").begin_array();
    for (std::size_t layer = 0; layer < knowledge.committed.size(); ++layer) {
      if (knowledge.committed[layer]) writer.value(static_cast<std::int64_t>(layer));
    }
    writer.end_array();
  }
  writer.key("observed").begin_array();
  for (const Matrix<double>& load : knowledge.observed) write_rows(writer, load);
  writer.end_array();
  writer.key("instance").raw(write_instance(knowledge.frame));
  return writer.end_object().take();
}

Knowledge read_state(std::string_view text) {
  const support::Json json = support::parse(text);
  Reader root(json);
  static_cast<void>(root.member("plimsoll").integer(1, 1));
  const Reader problem = root.member("problem");
  if (problem.text() != "balancer") problem.fail("\"balancer\"");
  Knowledge knowledge;
  knowledge.options = read_options(root.member("options"));
  check_options(knowledge.options);
  knowledge.epoch = whole_text(root.member("epoch"));

  common::Document document;
  document.source = "-";
  document.json = root.member("instance").json();
  ExpertInstance instance = read_instance(document);
  if (!instance.placement) refuse("the placement is missing", "/instance/placement");
  knowledge.frame = make_frame(instance, knowledge.options);

  const auto layers = static_cast<std::size_t>(knowledge.frame.model.layers);
  const auto experts = static_cast<std::size_t>(knowledge.frame.model.experts);
  const Reader observed = root.member("observed");
  for (const Reader& table : observed.elements()) {
    knowledge.observed.emplace_back(layers, experts, table.number_table(layers, experts, 0, kMostTokens));
    check_load(knowledge.frame, knowledge.observed.back());
  }
  if (knowledge.observed.size() > static_cast<std::size_t>(knowledge.options.window)) {
    observed.fail("at most as many micro-steps as the window has");
  }
  if (const auto open = root.optional_member("open_delta")) {
    knowledge.open_delta = open->text();
    knowledge.committed.assign(layers, false);
    for (const Reader& layer : root.member("committed").elements()) {
      knowledge.committed[static_cast<std::size_t>(layer.integer(0, knowledge.frame.model.layers - 1))] = true;
    }
  }
  root.done();
  return knowledge;
}

}  // namespace plimsoll::experts::balancer
