// Pieces of SVG that stands inside a page of HTML: text takes the page's colour, nothing refers to anything outside.
#pragma once

#include <string>
#include <string_view>

namespace plimsoll::support {

// A coordinate: two digits behind the point at the most.
std::string pixels(double value);

class Svg {
 public:
  // `title` is for those who cannot see it.
  Svg(double width, double height, std::string_view title, double font_size = 12);

  // anchor: start, middle, end. `attributes` begin with a space.
  void text(double x, double y, std::string_view anchor, std::string_view text, std::string_view attributes = {});
  // Reads from the bottom to the top, centred at the point.
  void upward_text(double x, double y, std::string_view text);
  void rect(double x, double y, double width, double height, std::string_view attributes);
  void path(std::string_view data, std::string_view attributes);
  // A hairline of an axis or a grid.
  void grid(std::string_view data);
  void raw(std::string_view markup) { out_ += markup; }

  [[nodiscard]] std::string take() { return std::move(out_) + "</svg>\n"; }

 private:
  std::string out_;
};

}  // namespace plimsoll::support
