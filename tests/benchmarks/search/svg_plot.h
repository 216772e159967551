// Line charts as SVG.
#ifndef PHOTINUS_TESTS_BENCHMARKS_SEARCH_SVG_PLOT_H_
#define PHOTINUS_TESTS_BENCHMARKS_SEARCH_SVG_PLOT_H_

#include <string>
#include <utility>
#include <vector>

namespace photinus {

struct Series {
  std::string name;
  std::vector<std::pair<double, double>> points;  // ascending x
};

struct Plot {
  std::string title, x_label, y_label;
  bool log_x = false, log_y = false;  // then all x, or y, are positive
  std::vector<Series> series;
};

// A whole SVG document: axes with ticks, a line per series, a legend. Series without points get only their legend.
std::string ToSvg(const Plot& plot);

}  // namespace photinus

#endif  // PHOTINUS_TESTS_BENCHMARKS_SEARCH_SVG_PLOT_H_
