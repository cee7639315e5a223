// A report as one page of HTML that needs nothing else: no other file, no network, and no scripts to be read. It is
// well-formed XML, too.
#pragma once

#include <string>
#include <vector>

#include "support/table.hpp"

namespace plimsoll::support {

// What stands in the head of a page, name and value.
struct PageFact {
  std::string name;
  std::string value;
  bool code = false;  // set as what a program was told or wrote
};

struct Page {
  std::string maker;  // "plimsoll compare"
  std::string title;
  std::vector<PageFact> facts;
  std::string body;        // markup
  std::string style = {};  // rules besides those of every page
};

std::string to_html(const Page& page);

// A number that stands large at the top of a page, with its name below and a word on it.
struct Tile {
  std::string name;
  double value = 0;  // for whoever reads the page by program
  std::string text;
  std::string more = {};
};
std::string tiles_of(const std::vector<Tile>& tiles);

// Sentences as a list; text, not markup.
std::string list_of(const std::vector<std::string>& sentences);
// The part of a page that nobody overlooks: "3 faults", the first ones in full, the others behind a fold.
std::string faults_of(const std::vector<std::string>& sentences);
// A table that is set smaller on paper where it has many columns.
std::string section_of(const Table& table);
// An SVG with its caption (text). `wide`: over the whole width of the page; a narrow screen scrolls it.
std::string figure_of(const std::string& svg, const std::string& caption, bool wide = false);

}  // namespace plimsoll::support
