#include "support/yaml.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <charconv>
#include <sstream>
#include <system_error>

#include "plimsoll/error.hpp"
#include "support/text.hpp"

namespace plimsoll::support {

namespace {

constexpr std::size_t kDeepest = 16;
constexpr std::size_t kMostBytes = std::size_t{1} << 28;

[[noreturn]] void fail_at(std::size_t line, std::size_t column, const std::string& message,
                          const std::string& advice = {}) {
  throw Error(ErrorCode::input, "line " + std::to_string(line) + ", column " + std::to_string(column) + ": " + message,
              {}, advice);
}

[[noreturn]] void fail_at(const YAML::Mark& mark, const std::string& message, const std::string& advice = {}) {
  // yaml-cpp counts from 0, and gives -1 where it knows no place.
  fail_at(static_cast<std::size_t>(std::max(mark.line, 0)) + 1, static_cast<std::size_t>(std::max(mark.column, 0)) + 1,
          message, advice);
}

// yaml-cpp queues every bracket that is still open before it reports the first one: 200 bytes and more for each byte of
// "[[[[". No text that is meant well leaves so many open, not even in its comments.
void refuse_open_brackets(std::string_view text) {
  constexpr std::size_t kMostOpen = 10'000;
  std::size_t open = 0;
  for (const char character : text) {
    if (character == '[' || character == '{') ++open;
    if ((character == ']' || character == '}') && open > 0) --open;
    if (open > kMostOpen) throw Error(ErrorCode::input, "nested deeper than " + std::to_string(kDeepest) + " levels");
  }
}

}  // namespace

// Builds the tree from yaml-cpp's events; refuses what this reader does not take on the way.
class YamlBuilder : public YAML::EventHandler {
 public:
  [[nodiscard]] bool empty() const { return roots_.empty(); }
  Yaml take() { return std::move(roots_.front()); }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (!roots_.empty()) fail_at(mark, "a second document", "Maybe keep what stands before '---' only.");
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    refuse_anchor(mark, anchor);
    add(made(Yaml::Kind::null, mark));
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override { fail_at(mark, "aliases are not taken"); }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    refuse_anchor(mark, anchor);
    if (tag != "?" && tag != "!") refuse_tag(mark, tag);
    Yaml scalar = made(Yaml::Kind::scalar, mark);
    scalar.quoted_ = tag == "!";
    scalar.text_ = value;
    add(std::move(scalar));
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value /*style*/) override {
    open(Yaml::Kind::sequence, mark, tag, anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value /*style*/) override {
    open(Yaml::Kind::mapping, mark, tag, anchor);
  }
  void OnMapEnd() override { close(); }

 private:
  static Yaml made(Yaml::Kind kind, const YAML::Mark& mark) {
    return {kind, static_cast<std::size_t>(std::max(mark.line, 0)) + 1,
            static_cast<std::size_t>(std::max(mark.column, 0)) + 1};
  }
  static void refuse_anchor(const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (anchor != 0) fail_at(mark, "anchors are not taken");
  }
  static void refuse_tag(const YAML::Mark& mark, const std::string& tag) {
    fail_at(mark, "tags are not taken, got " + in_quotes(tag));
  }

  void open(Yaml::Kind kind, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    refuse_anchor(mark, anchor);
    if (tag != "?" && !tag.empty()) refuse_tag(mark, tag);
    if (open_.size() == kDeepest) fail_at(mark, "nested deeper than " + std::to_string(kDeepest) + " levels");
    open_.push_back(made(kind, mark));
    pending_keys_.emplace_back();
  }
  void close() {
    Yaml done = std::move(open_.back());
    open_.pop_back();
    pending_keys_.pop_back();
    if (done.kind_ == Yaml::Kind::mapping) refuse_duplicates(done);
    add(std::move(done));
  }
  void add(Yaml node) {
    if (open_.empty()) {
      roots_.push_back(std::move(node));
    } else if (open_.back().kind_ == Yaml::Kind::sequence) {
      open_.back().elements_.push_back(std::move(node));
    } else if (pending_keys_.back().empty()) {
      if (node.kind_ != Yaml::Kind::scalar) node.refuse("a key must be a name or a number");
      pending_keys_.back().push_back(std::move(node));
    } else {
      open_.back().members_.emplace_back(std::move(pending_keys_.back().back()), std::move(node));
      pending_keys_.back().clear();
    }
  }
  static void refuse_duplicates(const Yaml& mapping) {
    std::vector<const Yaml*> keys;
    for (const auto& [key, value] : mapping.members_) keys.push_back(&key);
    std::stable_sort(keys.begin(), keys.end(), [](const Yaml* a, const Yaml* b) { return a->text_ < b->text_; });
    const auto twice =
        std::adjacent_find(keys.begin(), keys.end(), [](const Yaml* a, const Yaml* b) { return a->text_ == b->text_; });
    if (twice == keys.end()) return;
    const Yaml& second = **std::next(twice);
    second.refuse("the key " + in_quotes(second.text_) + " stands twice in the same mapping");
  }

  std::vector<Yaml> roots_;
  std::vector<Yaml> open_;
  std::vector<std::vector<Yaml>> pending_keys_;  // per open container: the key whose value comes next, or nothing
};

std::string Yaml::shown() const {
  switch (kind_) {
    case Kind::null:
      return "nothing";
    case Kind::scalar:
      return in_quotes(text_, 40);
    case Kind::sequence:
      return "a sequence of " + std::to_string(elements_.size());
    case Kind::mapping:
      break;
  }
  return "a mapping";
}

void Yaml::fail(const std::string& expected, const std::string& advice) const {
  refuse("expected " + expected + ", got " + shown(), advice);
}

void Yaml::refuse(const std::string& message, const std::string& advice) const {
  fail_at(line_, column_, message, advice);
}

const std::vector<Yaml>& Yaml::elements() const {
  if (kind_ != Kind::sequence) fail("a sequence");
  return elements_;
}

const Yaml::Members& Yaml::members() const {
  if (kind_ != Kind::mapping) fail("a mapping");
  return members_;
}

const Yaml* Yaml::find(std::string_view key) const {
  for (const auto& [name, value] : members()) {
    if (name.text_ == key) return &value;
  }
  return nullptr;
}

std::int64_t Yaml::integer(std::int64_t least, std::int64_t most) const {
  std::int64_t number = 0;
  const char* end = text_.data() + text_.size();
  const auto result = std::from_chars(text_.data(), end, number);
  const bool whole = kind_ == Kind::scalar && !quoted_ && result.ec == std::errc{} && result.ptr == end;
  if (!whole || number < least || number > most) {
    fail("a whole number from " + std::to_string(least) + " to " + std::to_string(most));
  }
  return number;
}

Yaml parse_yaml(std::string_view text) {
  if (text.size() > kMostBytes) {
    throw Error(ErrorCode::input, "more than " + std::to_string(kMostBytes) + " bytes of YAML");
  }
  const std::size_t broken = std::min(find_broken_utf8(text), text.find('\0'));
  if (broken != std::string_view::npos) {
    const auto before = text.substr(0, broken);
    fail_at(1 + static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n')),
            broken - (before.rfind('\n') + 1) + 1, "bytes that are no text in UTF-8", "Maybe this is no YAML file.");
  }
  refuse_open_brackets(text);
  YamlBuilder builder;
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const YAML::Exception& error) {
    fail_at(error.mark, "broken YAML: " + error.msg);
  }
  if (builder.empty()) throw Error(ErrorCode::input, "expected a YAML document, got an empty input");
  return builder.take();
}

}  // namespace plimsoll::support
