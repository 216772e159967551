#include "client/cli/report/report_figures.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/cli/records.h"
#include "common/plot/svg_plot.h"
#include "common/study_document/stop_entry.h"

namespace photinus {
namespace {

using Points = std::vector<std::pair<double, double>>;
using ValueOf = std::optional<double> (*)(const pb::Trial& trial, const std::string& metric);

constexpr double kWide = 10;  // from the least value of an axis to the greatest: drawn by its logarithm

Points PointsOf(const std::vector<const pb::Trial*>& trials, const std::string& x, const std::string& y,
                ValueOf value_of = &FinalValue) {
  Points points;
  for (const pb::Trial* trial : trials) {
    const auto a = value_of(*trial, x), b = value_of(*trial, y);
    if (a.has_value() && b.has_value()) points.emplace_back(*a, *b);
  }
  return points;
}

// FinalValue, but what the table has in its place where there is that: the energy that was measured, and the accuracy
// on the test set.
std::optional<double> TableValue(const pb::Trial& trial, const std::string& metric) {
  const auto better = metric == "energy_mj"       ? FinalValue(trial, "measured_energy_mj")
                      : metric == "int8_accuracy" ? FinalValue(trial, "test_accuracy")
                                                  : std::nullopt;
  return better.has_value() ? better : FinalValue(trial, metric);
}

// Ended early, by the rule of the study.
bool IsStopped(const pb::Trial* trial) {
  const auto decision = StopDecisionOf(*trial);
  return decision.has_value() && decision->outcome() == v1::StopDecision::STOPPED;
}

// Pearson's; nullopt where it is not defined.
std::optional<double> Correlation(const Points& points) {
  double mx = 0, my = 0, xx = 0, yy = 0, xy = 0;
  for (const auto& [x, y] : points) {
    mx += x / static_cast<double>(points.size());
    my += y / static_cast<double>(points.size());
  }
  for (const auto& [x, y] : points) {
    xx += (x - mx) * (x - mx);
    yy += (y - my) * (y - my);
    xy += (x - mx) * (y - my);
  }
  // What rounding makes of equal values is no variance.
  const auto varies = [&](double squares, double mean) {
    return squares > 1e-24 * mean * mean * static_cast<double>(points.size());
  };
  return varies(xx, mx) && varies(yy, my) ? std::optional(xy / std::sqrt(xx * yy)) : std::nullopt;
}

// Whether an axis needs logarithms: all values are positive and far apart.
bool IsWide(const std::vector<Series>& series, double std::pair<double, double>::*axis) {
  double low = std::numeric_limits<double>::infinity(), high = 0;
  for (const Series& each : series) {
    for (const auto& point : each.points) {
      low = std::min(low, point.*axis);
      high = std::max(high, point.*axis);
    }
  }
  return low > 0 && high > kWide * low;
}

struct Scatter {
  std::string file, title, x, x_label, y, y_label;
  ValueOf of_networks = &TableValue;  // for the networks of the table
};

std::vector<Scatter> Scatters(const std::vector<pb::StudySpec::MetricSpec>& objectives) {
  std::vector<Scatter> scatters = {
      {"float-int8.svg", "Accuracy before and after quantization", "float_accuracy", "float accuracy", "int8_accuracy",
       "int8 accuracy", &FinalValue},
      {"params-size.svg", "Parameters and file size", "params", "parameters", "memory_kb", "size, kB"},
      {"flops-energy.svg", "FLOPs and energy", "flops", "FLOPs", "energy_mj", "energy, mJ"},
      {"latency-energy.svg", "Latency and energy", "latency_ms", "latency, ms", "energy_mj", "energy, mJ"},
      {"energy-accuracy.svg", "Energy and accuracy", "energy_mj", "energy, mJ", "int8_accuracy", "int8 accuracy"}};
  if (objectives.size() > 1) {
    const std::string &x = objectives[1].metric_id(), &y = objectives[0].metric_id();
    scatters.insert(scatters.begin(), {"objectives.svg", "The objectives", x, x, y, y});
  }
  return scatters;
}

// Every trial of the search as a grey dot, with the energy that was predicted and the accuracy on validation data; the
// networks of the table, as means, in colours of their own.
std::optional<Document::Figure> Draw(const Scatter& scatter, const StudyResults& results,
                                     const std::vector<NetworkRuns>& networks) {
  std::vector<const pb::Trial*> trials = Succeeded(results.searched);
  const Points searched = PointsOf(trials, scatter.x, scatter.y);
  const auto stopped = std::stable_partition(trials.begin(), trials.end(), std::not_fn(&IsStopped));
  Plot plot{.title = scatter.title, .x_label = scatter.x_label, .y_label = scatter.y_label};
  const auto add = [&](const char* name, const std::vector<const pb::Trial*>& some) {
    Points points = PointsOf(some, scatter.x, scatter.y);
    if (!points.empty()) plot.series.push_back({name, std::move(points), Marks::kCloud});
  };
  add("trials of the search", {trials.begin(), stopped});
  add("stopped early", {stopped, trials.end()});
  for (const NetworkRuns& network : networks) {
    const Points runs = PointsOf(network.runs, scatter.x, scatter.y, scatter.of_networks);
    if (runs.empty()) continue;
    double x = 0, y = 0;
    for (const auto& run : runs) {
      x += run.first / static_cast<double>(runs.size());
      y += run.second / static_cast<double>(runs.size());
    }
    plot.series.push_back({network.name, {{x, y}}, Marks::kDots});
  }
  if (plot.series.empty()) return std::nullopt;
  plot.log_x = IsWide(plot.series, &std::pair<double, double>::first);
  plot.log_y = IsWide(plot.series, &std::pair<double, double>::second);
  std::string caption = scatter.title;
  if (const auto r = Correlation(searched); r.has_value()) {
    absl::StrAppend(&caption, absl::StrFormat(", correlation %.3f over %d trials", *r, searched.size()));
  }
  const auto is_tested = [](const NetworkRuns& network) { return !Values(network.runs, "test_accuracy").empty(); };
  const bool tested = std::any_of(networks.begin(), networks.end(), is_tested);
  if (tested && scatter.y == "int8_accuracy" && scatter.of_networks == &TableValue) {
    caption += "; on the test set where a network has a name, else on validation data";
  }
  return Document::Figure{scatter.file, caption, ToSvg(plot)};
}

// The best value so far by trial, of those that may win.
std::optional<Document::Figure> Progress(const pb::StudySpec::MetricSpec& metric, const WinnerLimits& limits,
                                         const std::vector<pb::Trial>& searched) {
  const bool minimize = metric.goal() == pb::StudySpec::MetricSpec::MINIMIZE;
  Points points;
  for (const pb::Trial* trial : Within(limits, searched)) {
    const auto value = FinalValue(*trial, metric.metric_id());
    if (!value.has_value()) continue;
    const double before = points.empty() ? *value : points.back().second;
    points.emplace_back(std::stod(trial->id()), minimize ? std::min(before, *value) : std::max(before, *value));
  }
  if (points.empty()) return std::nullopt;
  const std::string title = absl::StrCat("The best ", metric.metric_id(), " so far");
  return Document::Figure{
      "progress.svg", limits.filter.empty() ? title : absl::StrCat(title, " among those with ", limits.filter),
      ToSvg({.title = title, .x_label = "trial", .y_label = metric.metric_id(), .series = {{"search", points}}})};
}

// Figure 3: each measurement of a network of the table, and where it would be equal to what was predicted.
std::optional<Document::Figure> EnergyParity(const std::vector<NetworkRuns>& networks) {
  constexpr char kTitle[] = "Measured and predicted energy";
  Plot plot{.title = kTitle, .x_label = "measured energy, mJ", .y_label = "predicted energy, mJ"};
  double low = 0, high = 0, squares = 0;
  size_t count = 0;
  for (const NetworkRuns& network : networks) {
    Points points = PointsOf(network.runs, "measured_energy_mj", "energy_mj");
    const auto impossible = [](const auto& point) { return point.first <= 0 || point.second <= 0; };
    points.erase(std::remove_if(points.begin(), points.end(), impossible), points.end());
    for (const auto& [measured, predicted] : points) {
      low = count == 0 ? std::min(measured, predicted) : std::min({low, measured, predicted});
      high = std::max({high, measured, predicted});
      squares += std::pow(predicted / measured - 1, 2);
      ++count;
    }
    if (!points.empty()) plot.series.push_back({network.name, std::move(points), Marks::kDots});
  }
  if (count == 0) return std::nullopt;
  plot.log_x = plot.log_y = high > kWide * low;
  plot.series.push_back({"equal", {{low, low}, {high, high}}});
  const double error = 100 * std::sqrt(squares / static_cast<double>(count));
  return Document::Figure{
      "energy-parity.svg",
      absl::StrFormat("%s, %d measurements; root mean square difference %.1f %%", kTitle, count, error), ToSvg(plot)};
}

}  // namespace

std::vector<Document::Figure> ReportFigures(const pb::StudySpec& spec, const StudyResults& results,
                                            const WinnerLimits& limits, const std::vector<NetworkRuns>& networks) {
  std::vector<Document::Figure> figures;
  const auto add = [&](std::optional<Document::Figure> figure) {
    if (figure.has_value()) figures.push_back(*std::move(figure));
  };
  const std::vector<pb::StudySpec::MetricSpec> objectives = Objectives(spec);
  if (!objectives.empty()) add(Progress(objectives[0], limits, results.searched));
  for (const Scatter& scatter : Scatters(objectives)) add(Draw(scatter, results, networks));
  add(EnergyParity(networks));
  return figures;
}

}  // namespace photinus
