#include "common/plot/svg_plot.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <limits>
#include <string_view>

namespace photinus {
namespace {

constexpr double kLeft = 70, kTop = 40, kWidth = 560, kHeight = 360, kLegend = 190, kBottom = 55;
// Colours that stay apart for most colour-blind people [Wong 2011], then two more.
constexpr std::array kColours = {"#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00",
                                 "#56b4e9", "#000000", "#6a3d9a", "#8c564b"};
constexpr std::array kGreys = {"#888", "#ccc"};

std::string Escaped(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '&') {
      escaped += "&amp;";
    } else if (c == '<') {
      escaped += "&lt;";
    } else if (c == '>') {
      escaped += "&gt;";
    } else {
      escaped += c;
    }
  }
  return escaped;
}

// A coordinate, to a tenth of a pixel.
std::string Pixels(double value) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.1f", value);
  return text;
}

std::string TickText(double value) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.3g", value);
  return text;
}

// ` name="value"`.
std::string Attribute(std::string_view name, std::string_view value) {
  std::string text(1, ' ');
  text.append(name).append("=\"").append(value).append("\"");
  return text;
}

// One axis: from values to pixels, with round numbers as ticks.
class Axis {
 public:
  Axis(bool logarithmic, double first_pixel, double last_pixel)
      : logarithmic_(logarithmic), first_pixel_(first_pixel), last_pixel_(last_pixel) {}

  void Include(double value) {
    low_ = std::min(low_, Scaled(value));
    high_ = std::max(high_, Scaled(value));
  }
  // After the last Include.
  void Finish() {
    if (!(low_ <= high_)) low_ = high_ = 0;
    if (high_ - low_ < 1e-9) {
      low_ -= 0.5;
      high_ += 0.5;
    }
  }
  double Pixel(double value) const {
    return first_pixel_ + (Scaled(value) - low_) / (high_ - low_) * (last_pixel_ - first_pixel_);
  }
  std::vector<double> Ticks() const {
    if (logarithmic_ && high_ - low_ >= 1 && high_ - low_ < 3) return RoundTicks();
    const double step = Step();
    std::vector<double> ticks;
    for (double k = std::ceil(low_ / step - 1e-9); k * step <= high_ + 1e-9; ++k) {
      ticks.push_back(logarithmic_ ? std::pow(10, k * step) : k * step + 0.0);
    }
    return ticks;
  }

 private:
  // 1, 2 and 5 times the powers of ten.
  std::vector<double> RoundTicks() const {
    std::vector<double> ticks;
    for (double k = std::floor(low_); k <= high_; ++k) {
      for (const double digit : {1, 2, 5}) {
        const double scaled = k + std::log10(digit);
        if (scaled >= low_ - 1e-9 && scaled <= high_ + 1e-9) ticks.push_back(digit * std::pow(10, k));
      }
    }
    return ticks;
  }
  double Scaled(double value) const { return logarithmic_ ? std::log10(value) : value; }
  // 1, 2 or 5 times a power of ten, and whole decades on a logarithmic axis; at most about eight ticks.
  double Step() const {
    const double raw = (high_ - low_) / 8;
    const double power = std::pow(10, std::floor(std::log10(raw)));
    const double step = raw <= power ? power : raw <= 2 * power ? 2 * power : raw <= 5 * power ? 5 * power : 10 * power;
    return logarithmic_ && high_ - low_ >= 1 ? std::max(1.0, std::round(step)) : step;
  }

  const bool logarithmic_;
  const double first_pixel_, last_pixel_;
  double low_ = std::numeric_limits<double>::infinity(), high_ = -std::numeric_limits<double>::infinity();
};

std::string Text(double x, double y, std::string_view anchor, std::string_view text) {
  return "<text" + Attribute("x", Pixels(x)) + Attribute("y", Pixels(y)) + Attribute("text-anchor", anchor) + ">" +
         Escaped(text) + "</text>\n";
}

std::string Line(double x1, double y1, double x2, double y2, std::string_view colour, int width) {
  return "<line" + Attribute("x1", Pixels(x1)) + Attribute("y1", Pixels(y1)) + Attribute("x2", Pixels(x2)) +
         Attribute("y2", Pixels(y2)) + Attribute("stroke", colour) + Attribute("stroke-width", std::to_string(width)) +
         "/>\n";
}

std::string Dot(double x, double y, double radius, std::string_view colour, std::string_view opacity) {
  return "<circle" + Attribute("cx", Pixels(x)) + Attribute("cy", Pixels(y)) + Attribute("r", Pixels(radius)) +
         Attribute("fill", colour) + Attribute("fill-opacity", opacity) + "/>\n";
}

std::string Frame(const Plot& plot, const Axis& x, const Axis& y) {
  constexpr std::string_view kGrid = "#ddd";
  std::string svg = Text(kLeft + kWidth / 2, kTop - 16, "middle", plot.title);
  for (const double tick : x.Ticks()) {
    svg += Line(x.Pixel(tick), kTop, x.Pixel(tick), kTop + kHeight, kGrid, 1);
    svg += Text(x.Pixel(tick), kTop + kHeight + 18, "middle", TickText(tick));
  }
  for (const double tick : y.Ticks()) {
    svg += Line(kLeft, y.Pixel(tick), kLeft + kWidth, y.Pixel(tick), kGrid, 1);
    svg += Text(kLeft - 6, y.Pixel(tick) + 4, "end", TickText(tick));
  }
  svg += Text(kLeft + kWidth / 2, kTop + kHeight + 42, "middle", plot.x_label);
  svg += "<text" + Attribute("transform", "translate(18 " + Pixels(kTop + kHeight / 2) + ") rotate(-90)") +
         Attribute("text-anchor", "middle") + ">" + Escaped(plot.y_label) + "</text>\n";
  return svg;
}

std::string Polyline(const Series& series, const Axis& x, const Axis& y, std::string_view colour) {
  std::string path;
  for (const auto& [px, py] : series.points) {
    if (!path.empty()) path += ' ';
    path.append(Pixels(x.Pixel(px))).append(",").append(Pixels(y.Pixel(py)));
  }
  return "<polyline" + Attribute("points", path) + Attribute("fill", "none") + Attribute("stroke", colour) +
         Attribute("stroke-width", "2") + "/>\n";
}

// Many dots: small and see-through, so that dense regions are darker.
std::string Dots(const Series& series, const Axis& x, const Axis& y, std::string_view colour) {
  const bool many = series.points.size() > 200;
  std::string svg;
  for (const auto& [px, py] : series.points) {
    svg += Dot(x.Pixel(px), y.Pixel(py), many ? 1.5 : 3.5, colour, many ? "0.35" : "0.9");
  }
  return svg;
}

std::string LegendEntry(const Series& series, double row, std::string_view colour) {
  const double left = kLeft + kWidth + 14;
  const std::string mark = series.marks == Marks::kLine ? Line(left, row, left + 22, row, colour, 2)
                                                        : Dot(left + 11, row, 3.5, colour, "0.9");
  return mark + Text(left + 28, row + 4, "start", series.name);
}

}  // namespace

std::string ToSvg(const Plot& plot) {
  Axis x(plot.log_x, kLeft, kLeft + kWidth), y(plot.log_y, kTop + kHeight, kTop);
  for (const Series& series : plot.series) {
    for (const auto& [px, py] : series.points) {
      x.Include(px);
      y.Include(py);
    }
  }
  x.Finish();
  y.Finish();
  const std::string width = std::to_string(static_cast<int>(kLeft + kWidth + kLegend));
  const std::string height = std::to_string(static_cast<int>(kTop + kHeight + kBottom));
  std::string svg = "<svg" + Attribute("xmlns", "http://www.w3.org/2000/svg") + Attribute("width", width) +
                    Attribute("height", height) + Attribute("viewBox", "0 0 " + width + " " + height) +
                    Attribute("font-family", "sans-serif") + Attribute("font-size", "12") + ">\n<rect" +
                    Attribute("width", "100%") + Attribute("height", "100%") + Attribute("fill", "white") + "/>\n";
  svg += Frame(plot, x, y);
  std::size_t colours = 0, greys = 0;
  for (std::size_t i = 0; i < plot.series.size(); ++i) {
    const Series& series = plot.series[i];
    const char* colour =
        series.marks == Marks::kCloud ? kGreys[greys++ % kGreys.size()] : kColours[colours++ % kColours.size()];
    svg += series.marks == Marks::kLine ? Polyline(series, x, y, colour) : Dots(series, x, y, colour);
    svg += LegendEntry(series, kTop + 14 + 20 * static_cast<double>(i), colour);
  }
  return svg + "</svg>\n";
}

}  // namespace photinus
