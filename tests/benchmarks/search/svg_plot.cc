#include "tests/benchmarks/search/svg_plot.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"

namespace photinus {
namespace {

constexpr double kLeft = 70, kTop = 40, kWidth = 560, kHeight = 360, kLegend = 190, kBottom = 55;
// Colours that stay apart for most colour-blind people [Wong 2011].
constexpr std::array kColours = {"#0072b2", "#d55e00", "#009e73", "#cc79a7",
                                 "#e69f00", "#56b4e9", "#000000", "#999999"};

std::string Escaped(const std::string& text) {
  return absl::StrReplaceAll(text, {{"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}});
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
    const double step = Step();
    std::vector<double> ticks;
    for (double k = std::ceil(low_ / step - 1e-9); k * step <= high_ + 1e-9; ++k) {
      ticks.push_back(logarithmic_ ? std::pow(10, k * step) : k * step + 0.0);
    }
    return ticks;
  }

 private:
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

std::string Text(double x, double y, const char* anchor, const std::string& text) {
  return absl::StrFormat("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>\n", x, y, anchor, Escaped(text));
}

std::string Line(double x1, double y1, double x2, double y2, const char* style) {
  return absl::StrFormat("<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" %s/>\n", x1, y1, x2, y2, style);
}

std::string Frame(const Plot& plot, const Axis& x, const Axis& y) {
  std::string svg = Text(kLeft + kWidth / 2, kTop - 16, "middle", plot.title);
  for (const double tick : x.Ticks()) {
    absl::StrAppend(&svg, Line(x.Pixel(tick), kTop, x.Pixel(tick), kTop + kHeight, "stroke=\"#ddd\""),
                    Text(x.Pixel(tick), kTop + kHeight + 18, "middle", absl::StrFormat("%.3g", tick)));
  }
  for (const double tick : y.Ticks()) {
    absl::StrAppend(&svg, Line(kLeft, y.Pixel(tick), kLeft + kWidth, y.Pixel(tick), "stroke=\"#ddd\""),
                    Text(kLeft - 6, y.Pixel(tick) + 4, "end", absl::StrFormat("%.3g", tick)));
  }
  absl::StrAppend(
      &svg, Text(kLeft + kWidth / 2, kTop + kHeight + 42, "middle", plot.x_label),
      absl::StrFormat("<text transform=\"translate(18 %.1f) rotate(-90)\" text-anchor=\"middle\">%s</text>\n",
                      kTop + kHeight / 2, Escaped(plot.y_label)));
  return svg;
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
  const double width = kLeft + kWidth + kLegend, height = kTop + kHeight + kBottom;
  std::string svg = absl::StrFormat(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" height=\"%.0f\" viewBox=\"0 0 %.0f %.0f\" "
      "font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n",
      width, height, width, height);
  absl::StrAppend(&svg, Frame(plot, x, y));
  for (size_t i = 0; i < plot.series.size(); ++i) {
    const char* colour = kColours[i % kColours.size()];
    const std::string stroke = absl::StrFormat("stroke=\"%s\" stroke-width=\"2\"", colour);
    std::string path;
    for (const auto& [px, py] : plot.series[i].points) {
      absl::StrAppendFormat(&path, "%s%.1f,%.1f", path.empty() ? "" : " ", x.Pixel(px), y.Pixel(py));
    }
    absl::StrAppendFormat(&svg, "<polyline points=\"%s\" fill=\"none\" %s/>\n", path, stroke);
    const double row = kTop + 14 + 20 * static_cast<double>(i);
    absl::StrAppend(&svg, Line(kLeft + kWidth + 14, row, kLeft + kWidth + 36, row, stroke.c_str()),
                    Text(kLeft + kWidth + 42, row + 4, "start", plot.series[i].name));
  }
  return absl::StrCat(svg, "</svg>\n");
}

}  // namespace photinus
