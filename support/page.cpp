#include "support/page.hpp"

#include <algorithm>
#include <string_view>

#include "support/json_text.hpp"
#include "support/markup.hpp"
#include "support/page_style.hpp"

namespace plimsoll::support {
namespace {

// A table with more columns than that is set smaller on paper.
constexpr std::size_t wide_table = 11;

// That many stand at the top of the page, the others behind a fold.
constexpr std::size_t most_faults = 12;

constexpr std::string_view plimsoll_mark =
    R"(<svg viewBox="0 0 34 22" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="2.4">)"
    R"(<circle cx="17" cy="11" r="8.6"/><path d="M1 11h32"/></svg>)";

std::string head(const Page& page) {
  std::string html = "<header>\n<div class=\"mark\">" + std::string(plimsoll_mark) + escaped(page.maker) +
                     "</div>\n<h1>" + escaped(page.title) + "</h1>\n<dl>\n";
  for (const PageFact& fact : page.facts) {
    const std::string text = fact.code ? "<code>" + escaped(fact.value) + "</code>" : escaped(fact.value);
    html += "<dt>" + escaped(fact.name) + "</dt><dd>" + text + "</dd>\n";
  }
  return html + "</dl>\n</header>\n";
}

}  // namespace

std::string to_html(const Page& page) {
  return "<!DOCTYPE html>\n<html lang=\"en\" xmlns=\"http://www.w3.org/1999/xhtml\">\n<head>\n<meta "
         "charset=\"utf-8\"/>\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n<title>" +
         escaped(page.title) + "</title>\n<style>" + std::string(page_style) + page.style +
         "</style>\n</head>\n<body>\n" + head(page) + "<main>\n" + page.body + "</main>\n<script>" +
         std::string(page_script) + "</script>\n</body>\n</html>\n";
}

std::string tiles_of(const std::vector<Tile>& tiles) {
  std::string html = "<div class=\"tiles\">\n";
  for (const Tile& tile : tiles) {
    html += "<div><span>" + escaped(tile.name) + "</span><data value=\"" + number_text(tile.value) + "\">" +
            escaped(tile.text) + "</data><span>" + escaped(tile.more) + "</span></div>\n";
  }
  return html + "</div>\n";
}

std::string list_of(const std::vector<std::string>& sentences) {
  std::string html = "<ul>\n";
  for (const std::string& sentence : sentences) html += "<li>" + escaped(sentence) + "</li>\n";
  return html + "</ul>\n";
}

std::string faults_of(const std::vector<std::string>& sentences) {
  if (sentences.empty()) return {};
  const auto shown = sentences.begin() + static_cast<std::ptrdiff_t>(std::min(sentences.size(), most_faults));
  const std::string count = std::to_string(sentences.size()) + (sentences.size() == 1 ? " fault" : " faults");
  std::string html = "<section class=\"faults\"><h2>" + count + "</h2>\n" + list_of({sentences.begin(), shown});
  if (shown != sentences.end()) {
    html += "<details><summary>" + std::to_string(sentences.end() - shown) + " more</summary>" +
            list_of({shown, sentences.end()}) + "</details>\n";
  }
  return html + "</section>\n";
}

std::string section_of(const Table& table) {
  const std::string html = to_html(table);
  return table.columns.size() > wide_table ? "<div class=\"wide\">" + html + "</div>\n" : html;
}

std::string figure_of(const std::string& svg, const std::string& caption, bool wide) {
  const std::string drawing = wide ? "<div class=\"scroll\">" + svg + "</div>" : svg;
  return "<figure" + std::string(wide ? " class=\"broad\"" : "") + ">" + drawing + "<figcaption>" + escaped(caption) +
         "</figcaption></figure>\n";
}

}  // namespace plimsoll::support
