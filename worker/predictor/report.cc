#include "worker/predictor/report.h"

#include <algorithm>
#include <cmath>
#include <cstdarg>
#include <cstdio>

#include "common/plot/svg_plot.h"
#include "worker/base/quantile.h"
#include "worker/predictor/accuracy.h"

namespace photinus::predictor {
namespace {

constexpr double kMillion = 1e6;
constexpr std::size_t kMostDots = 3000;  // of a plot; more hide each other
constexpr std::size_t kMostImportances = 10;

std::string Format(const char* format, ...) __attribute__((format(printf, 1, 2)));
std::string Format(const char* format, ...) {
  char text[512];
  std::va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(text, sizeof(text), format, arguments);
  va_end(arguments);
  return text;
}

template <typename Value>
Eigen::VectorXd Column(const std::vector<MeasuredNetwork>& networks, Value value) {
  Eigen::VectorXd column(networks.size());
  for (std::size_t i = 0; i < networks.size(); ++i) column[static_cast<Eigen::Index>(i)] = value(networks[i]);
  return column;
}

// Energies where the proxy is within 5 % of its median.
void RangeAtMedian(const Eigen::VectorXd& proxy, const Eigen::VectorXd& energy, double& at, double& low, double& high) {
  at = Quantile(std::vector<double>(proxy.begin(), proxy.end()), 0.5);
  std::vector<double> near;
  for (Eigen::Index i = 0; i < proxy.size(); ++i) {
    if (std::abs(proxy[i] - at) <= 0.05 * at) near.push_back(energy[i]);
  }
  low = Quantile(near, 0.01);
  high = Quantile(near, 0.99);
}

std::string Diagonal(Plot plot, double low, double high) {
  plot.series.push_back({.name = "equal", .points = {{low, low}, {high, high}}});
  return ToSvg(plot);
}

template <typename Value>
std::string EnergyPlot(const std::vector<MeasuredNetwork>& networks, const char* label, Value value) {
  Series series{.name = "networks", .points = {}, .marks = Marks::kDots};
  for (std::size_t i = 0; i < std::min(networks.size(), kMostDots); ++i) {
    series.points.emplace_back(value(networks[i]), networks[i].MeanEnergy());
  }
  return ToSvg({.title = "Energy of random networks", .x_label = label, .y_label = "measured mJ", .series = {series}});
}

// What the paper says of a feature of its space.
const char* PublishedImportance(const std::string& source) {
  if (source == "block1.filters") return "59 %";
  if (source == "flops") return "30 %";
  return "<= 2 %";
}

std::string AccuracyTable(const FitResult& result) {
  std::string text =
      "| on networks not trained on | R2 | RMSE mJ | RMSE / noise | paper R2 | paper RMSE "
      "|\n|---|---|---|---|---|---|\n";
  const auto ratio = [&](double rmse) {
    return result.noise > 0 ? Format("%.2f", rmse / result.noise) : std::string("-");
  };
  text += Format("| random forest | %.3f | %.4f | %s | 0.92 | 0.07 |\n", result.forest.r2, result.forest.rmse,
                 ratio(result.forest.rmse).c_str());
  text += Format("| linear model | %.3f | %.4f | %s | 0.89 | 0.089 |\n", result.linear.r2, result.linear.rmse,
                 ratio(result.linear.rmse).c_str());
  if (result.noise > 0) {
    text += Format("\nStandard deviation of repeated measurements: %.4f mJ (paper: 0.068 at 1.3 mJ).\n", result.noise);
  }
  return text;
}

std::string ImportanceTable(const FitResult& result) {
  std::string text = "| feature | impurity | permutation | paper |\n|---|---|---|---|\n";
  for (std::size_t i = 0; i < std::min(result.importances.size(), kMostImportances); ++i) {
    const Importance& importance = result.importances[i];
    text += Format("| %s | %.1f %% | %.3f | %s |\n", importance.source.c_str(), 100 * importance.impurity,
                   importance.permutation, PublishedImportance(importance.source));
  }
  return text;
}

std::string TuningTable(const FitResult& result) {
  std::string text = "| depth | features per split | rows per leaf | RMSE mJ |\n|---|---|---|---|\n";
  for (const TunedForest& tuned : result.tuned) {
    text += Format("| %d | %.0f %% | %d | %.4f%s |\n", tuned.options.max_depth, 100 * tuned.options.feature_share,
                   tuned.options.min_leaf, tuned.rmse, tuned.options == result.chosen ? ", chosen" : "");
  }
  return text;
}

std::string ProxyText(const ProxyStudy& study) {
  return Format(
      "FLOPs correlate with energy by %.3f: networks of %.1f million FLOPs take %.2f to %.2f mJ (paper: 0.6 to 1.5 at "
      "10 million).\nLatency correlates by %.3f (paper: 0.989): networks of %.2f ms take %.2f to %.2f mJ (paper: 1.03 "
      "to 1.30 at 0.85 ms).\n",
      study.flops_correlation, study.flops / kMillion, study.flops_low_mj, study.flops_high_mj,
      study.latency_correlation, study.latency_ms, study.latency_low_mj, study.latency_high_mj);
}

}  // namespace

ProxyStudy StudyProxies(const std::vector<MeasuredNetwork>& networks) {
  const Eigen::VectorXd energy = Column(networks, [](const auto& network) { return network.MeanEnergy(); });
  const Eigen::VectorXd latency = Column(networks, [](const auto& network) { return network.MeanLatency(); });
  const Eigen::VectorXd flops =
      Column(networks, [](const auto& network) { return static_cast<double>(network.network.flops); });
  ProxyStudy study;
  study.flops_correlation = Correlation(flops, energy);
  study.latency_correlation = Correlation(latency, energy);
  RangeAtMedian(flops, energy, study.flops, study.flops_low_mj, study.flops_high_mj);
  RangeAtMedian(latency, energy, study.latency_ms, study.latency_low_mj, study.latency_high_mj);
  return study;
}

std::string ReportMarkdown(const Measurements& measurements, const FitResult& result) {
  const MeasurementsHeader& header = measurements.header;
  std::string text = "# Energy of " + header.space + ", measured by " + header.meter +
                     (header.runner.empty() ? "" : " (inferences by " + header.runner + ")") + "\n\n";
  text += Format("%zu networks (seed %llu), %d of them to learn from and %td to judge by. Forest of %d trees.\n\n",
                 measurements.networks.size(), static_cast<unsigned long long>(header.seed), result.train_networks,
                 static_cast<std::ptrdiff_t>(result.measured_mj.size()), result.chosen.trees);
  text += AccuracyTable(result) + "\n![predictions against measurements](parity.svg)\n";
  text += "\n## What matters\n\n" + ImportanceTable(result);
  text += "\n## FLOPs and latency as stand-ins\n\n" + ProxyText(StudyProxies(measurements.networks)) +
          "\n![energy against FLOPs](flops.svg)\n![energy against latency](latency.svg)\n";
  return text + "\n## Cross-validation\n\n" + TuningTable(result);
}

std::string ParityPlot(const FitResult& result) {
  Series series{.name = "networks", .points = {}, .marks = Marks::kDots};
  const auto count = std::min<Eigen::Index>(result.measured_mj.size(), kMostDots);
  for (Eigen::Index i = 0; i < count; ++i) series.points.emplace_back(result.measured_mj[i], result.forest_mj[i]);
  return Diagonal({.title = Format("Random forest, R2 %.3f, RMSE %.3f mJ", result.forest.r2, result.forest.rmse),
                   .x_label = "measured mJ",
                   .y_label = "predicted mJ",
                   .series = {series}},
                  result.measured_mj.minCoeff(), result.measured_mj.maxCoeff());
}

std::string FlopsPlot(const std::vector<MeasuredNetwork>& networks) {
  return EnergyPlot(networks, "million FLOPs",
                    [](const auto& network) { return static_cast<double>(network.network.flops) / kMillion; });
}

std::string LatencyPlot(const std::vector<MeasuredNetwork>& networks) {
  return EnergyPlot(networks, "ms", [](const auto& network) { return network.MeanLatency(); });
}

}  // namespace photinus::predictor
