// A strict reader of XML, just enough to say that a page is well-formed: every tag is closed, in order; attributes are
// quoted and unique; no bare "<" or "&"; only the references that need no declaration.
#pragma once

#include <cctype>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace plimsoll::test {

class MarkupReader {
 public:
  explicit MarkupReader(std::string_view text) : text_(text) {}

  // Empty where the text is well-formed, else what is wrong and where.
  std::string fault() {
    take("<!DOCTYPE html>");
    skip_space();
    bool any = false;
    while (fault_.empty() && at_ < text_.size()) {
      if (peek() == '<') {
        any = true;
        tag();
      } else {
        character();
      }
      if (any && open_.empty()) break;
    }
    skip_space();
    if (fault_.empty() && (!any || !open_.empty())) complain("not everything is closed");
    if (fault_.empty() && at_ < text_.size()) complain("text behind the end");
    return fault_;
  }

  // Of the elements read.
  [[nodiscard]] const std::vector<std::string>& names() const { return names_; }
  [[nodiscard]] const std::vector<std::string>& values() const { return values_; }

 private:
  [[nodiscard]] char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void complain(const std::string& what) {
    if (fault_.empty()) fault_ = what + " at byte " + std::to_string(at_) + ": " + std::string(text_.substr(at_, 60));
  }
  bool take(std::string_view word) {
    if (text_.substr(at_, word.size()) != word) return false;
    at_ += word.size();
    return true;
  }
  void skip_space() {
    while (at_ < text_.size() && (peek() == ' ' || peek() == '\n' || peek() == '\t')) ++at_;
  }
  std::string name() {
    const std::size_t begin = at_;
    while (std::isalnum(static_cast<unsigned char>(peek())) != 0 || peek() == '-' || peek() == ':') ++at_;
    if (begin == at_) complain("a name is missing");
    return std::string(text_.substr(begin, at_ - begin));
  }
  void character() {
    const auto byte = static_cast<unsigned char>(peek());
    if (byte < 0x20 && byte != '\n' && byte != '\t') return complain("a control character");
    if (peek() != '&') {
      ++at_;
      return;
    }
    for (const char* reference : {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"}) {
      if (take(reference)) return;
    }
    complain("a bare &");
  }
  void attributes() {
    std::set<std::string> seen;
    while (fault_.empty()) {
      const std::size_t before = at_;
      skip_space();
      if (peek() == '>' || peek() == '/') return;
      if (before == at_) return complain("no space before an attribute");
      if (!seen.insert(name()).second) return complain("an attribute stands twice");
      if (!take("=\"")) return complain("an attribute without a quoted value");
      const std::size_t begin = at_;
      while (fault_.empty() && at_ < text_.size() && peek() != '"') {
        if (peek() == '<') return complain("< in an attribute");
        character();
      }
      values_.emplace_back(text_.substr(begin, at_ - begin));
      if (!take("\"")) return complain("an attribute without its end");
    }
  }
  void tag() {
    ++at_;
    if (take("/")) {
      const std::string closed = name();
      if (open_.empty() || open_.back() != closed) return complain("</" + closed + "> closes nothing that is open");
      open_.pop_back();
      if (!take(">")) complain("no >");
      return;
    }
    const std::string opened = name();
    names_.push_back(opened);
    attributes();
    if (!fault_.empty()) return;
    if (take("/>")) return;
    if (!take(">")) return complain("no >");
    open_.push_back(opened);
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::vector<std::string> open_;
  std::vector<std::string> names_;
  std::vector<std::string> values_;
  std::string fault_;
};

inline std::string markup_fault(std::string_view text) { return MarkupReader(text).fault(); }

}  // namespace plimsoll::test
