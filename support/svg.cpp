#include "support/svg.hpp"

#include <cstdio>

#include "support/markup.hpp"

namespace plimsoll::support {

std::string pixels(double value) {
  char text[40];
  std::snprintf(text, sizeof text, "%.2f", value);
  std::string short_text = text;
  while (short_text.back() == '0') short_text.pop_back();
  if (short_text.back() == '.') short_text.pop_back();
  return short_text == "-0" ? "0" : short_text;
}

Svg::Svg(double width, double height, std::string_view title, double font_size)
    : out_("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + pixels(width) + " " + pixels(height) +
           "\" role=\"img\" font-size=\"" + pixels(font_size) + "\" fill=\"currentColor\"><title>" + escaped(title) +
           "</title>\n") {}

void Svg::text(double x, double y, std::string_view anchor, std::string_view text, std::string_view attributes) {
  out_ += "<text x=\"" + pixels(x) + "\" y=\"" + pixels(y) + "\" text-anchor=\"" + std::string(anchor) + "\"" +
          std::string(attributes) + ">" + escaped(text) + "</text>\n";
}

void Svg::upward_text(double x, double y, std::string_view text) {
  this->text(0, 0, "middle", text, " transform=\"translate(" + pixels(x) + " " + pixels(y) + ") rotate(-90)\"");
}

void Svg::rect(double x, double y, double width, double height, std::string_view attributes) {
  out_ += "<rect x=\"" + pixels(x) + "\" y=\"" + pixels(y) + "\" width=\"" + pixels(width) + "\" height=\"" +
          pixels(height) + "\"" + std::string(attributes) + "/>\n";
}

void Svg::path(std::string_view data, std::string_view attributes) {
  out_ += "<path d=\"" + std::string(data) + "\"" + std::string(attributes) + "/>\n";
}

void Svg::grid(std::string_view data) { path(data, " stroke=\"currentColor\" stroke-opacity=\"0.13\""); }

}  // namespace plimsoll::support
