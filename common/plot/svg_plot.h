// Charts as SVG.
#ifndef PHOTINUS_COMMON_PLOT_SVG_PLOT_H_
#define PHOTINUS_COMMON_PLOT_SVG_PLOT_H_

#include <string>
#include <utility>
#include <vector>

namespace photinus {

// How a series is drawn: its points joined in their order; each as a dot; or as a cloud in grey, for what stands behind
// the rest.
enum class Marks { kLine, kDots, kCloud };

struct Series {
  std::string name;
  std::vector<std::pair<double, double>> points;  // kLine: ascending x
  Marks marks = Marks::kLine;
};

struct Plot {
  std::string title, x_label, y_label;
  bool log_x = false, log_y = false;  // then all x, or y, are positive
  std::vector<Series> series;
};

// A whole SVG document: axes with ticks, the series one above the other, a legend. Series without points get only their
// legend.
std::string ToSvg(const Plot& plot);

}  // namespace photinus

#endif  // PHOTINUS_COMMON_PLOT_SVG_PLOT_H_
