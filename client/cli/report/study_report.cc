#include "client/cli/report/study_report.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/plot/svg_plot.h"

namespace photinus {
namespace {

using Json = nlohmann::json;
using Rows = std::vector<std::vector<std::string>>;

constexpr size_t kBestWithoutRetests = 3;
constexpr double kSecondsPerDay = 86'400;

// What a battery holds, in J [energy-efficient audio models, section 1].
struct Battery {
  const char* device;
  double joules;
};
constexpr Battery kBatteries[] = {{"a phone", 51'000}, {"a watch", 3'600}, {"earbuds", 700}};

std::string Share(double value) { return absl::StrFormat("%.2f", 100 * value); }
std::string Plain(double value) { return absl::StrFormat("%.4g", value); }
std::string Hundredths(double value) { return absl::StrFormat("%.2f", value); }

std::string Count(double value) {
  if (value >= 1e6) return absl::StrFormat("%.2fM", value / 1e6);
  if (value >= 1e3) return absl::StrFormat("%.2fk", value / 1e3);
  return absl::StrFormat("%.0f", value);
}

// A metric that the table of networks shows wherever somebody reported it.
struct Column {
  const char* metric;
  const char* title;
  std::string (*format)(double);
};
constexpr Column kColumns[] = {
    {"int8_accuracy", "int8 accuracy, %", &Share},
    {"test_accuracy", "test accuracy, %", &Share},
    {"energy_mj", "energy, mJ", &Hundredths},
    {"latency_ms", "latency, ms", &Hundredths},
    {"memory_kb", "size, kB", &Hundredths},
    {"flops", "FLOPs", &Count},
    {"params", "params", &Count},
};

std::vector<double> Values(const std::vector<const pb::Trial*>& runs, const std::string& metric) {
  std::vector<double> values;
  for (const pb::Trial* run : runs) {
    if (const auto value = FinalValue(*run, metric); value.has_value()) values.push_back(*value);
  }
  return values;
}

double Mean(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

// Of a sample; 0 for a single value.
double Deviation(const std::vector<double>& values) {
  if (values.size() < 2) return 0;
  const double mean = Mean(values);
  double squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  return std::sqrt(squares / static_cast<double>(values.size() - 1));
}

// "70.78 ± 0.78"; without a deviation where all values are equal.
std::string MeanAndDeviation(const std::vector<double>& values, std::string (*format)(double)) {
  if (values.empty()) return "";
  const double deviation = Deviation(values);
  return deviation > 0 ? absl::StrCat(format(Mean(values)), " ± ", format(deviation)) : format(Mean(values));
}

double Cost(const pb::StudySpec::MetricSpec& metric, const NetworkRow& row) {
  const std::vector<double> values = Values(row.runs, metric.metric_id());
  if (values.empty()) return std::numeric_limits<double>::infinity();
  return metric.goal() == pb::StudySpec::MetricSpec::MINIMIZE ? Mean(values) : -Mean(values);
}

std::vector<const pb::Trial*> Succeeded(const std::vector<pb::Trial>& trials) {
  std::vector<const pb::Trial*> runs;
  for (const pb::Trial& trial : trials) {
    if (trial.state() == pb::Trial::SUCCEEDED) runs.push_back(&trial);
  }
  return runs;
}

Rows NetworkTable(const pb::StudySpec& spec, const std::vector<NetworkRow>& networks) {
  std::vector<Column> columns;
  std::set<std::string> shown;
  for (const Column& column : kColumns) {
    const auto has = [&](const NetworkRow& row) { return !Values(row.runs, column.metric).empty(); };
    if (!std::any_of(networks.begin(), networks.end(), has)) continue;
    columns.push_back(column);
    shown.insert(column.metric);
  }
  for (const auto& metric : spec.metrics()) {
    if (shown.count(metric.metric_id()) == 0) {
      columns.insert(columns.begin(), {metric.metric_id().c_str(), metric.metric_id().c_str(), &Plain});
    }
  }
  Rows rows(1, {"network", "runs"});
  for (const Column& column : columns) rows[0].emplace_back(column.title);
  for (const NetworkRow& network : networks) {
    rows.push_back({network.name, absl::StrCat(network.runs.size())});
    for (const Column& column : columns) {
      rows.back().push_back(MeanAndDeviation(Values(network.runs, column.metric), column.format));
    }
  }
  return rows;
}

// What an inference each second takes of a battery in a day; no rows where no energy is known.
Rows BatteryTable(const std::vector<NetworkRow>& networks) {
  Rows rows(1, {"network", "J per day"});
  for (const Battery& battery : kBatteries) rows[0].push_back(absl::StrCat("% of ", battery.device));
  for (const NetworkRow& network : networks) {
    const std::vector<double> energies = Values(network.runs, "energy_mj");
    if (energies.empty()) continue;
    const double joules = Mean(energies) / 1000 * kSecondsPerDay;
    rows.push_back({network.name, absl::StrFormat("%.1f", joules)});
    for (const Battery& battery : kBatteries) {
      rows.back().push_back(absl::StrFormat("%.3g", 100 * joules / battery.joules));
    }
  }
  return rows;
}

std::string ShapeText(const Json& shape) {
  std::string text;
  for (const Json& side : shape) absl::StrAppend(&text, text.empty() ? "" : " x ", side.dump());
  return text;
}

// The layers of profile.json; no rows where there are none.
Rows LayerTable(const std::string& profile) {
  const Json json = Json::parse(profile, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object() || !json.contains("layers") || !json["layers"].is_array()) return {};
  double all = 0;
  for (const Json& layer : json["layers"]) all += layer.value("flops", 0.0);
  Rows rows(1, {"layer", "operator", "window", "output", "params", "FLOPs", "% of FLOPs"});
  for (const Json& layer : json["layers"]) {
    const double flops = layer.value("flops", 0.0);
    rows.push_back({layer.value("name", ""), layer.value("type", ""), ShapeText(layer.value("window", Json::array())),
                    ShapeText(layer.value("output", Json::array())), Count(layer.value("params", 0.0)), Count(flops),
                    absl::StrFormat("%.1f", all > 0 ? 100 * flops / all : 0)});
  }
  return rows;
}

using Points = std::vector<std::pair<double, double>>;

Points PointsOf(const std::vector<const pb::Trial*>& trials, const std::string& x, const std::string& y) {
  Points points;
  for (const pb::Trial* trial : trials) {
    const auto a = FinalValue(*trial, x), b = FinalValue(*trial, y);
    if (a.has_value() && b.has_value()) points.emplace_back(*a, *b);
  }
  return points;
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
  return xx > 0 && yy > 0 ? std::optional(xy / std::sqrt(xx * yy)) : std::nullopt;
}

struct Scatter {
  const char *file, *title, *x, *x_label, *y, *y_label;
};
constexpr Scatter kScatters[] = {
    {"float-int8.svg", "Accuracy before and after quantization", "float_accuracy", "float accuracy", "int8_accuracy",
     "int8 accuracy"},
    {"params-size.svg", "Parameters and file size", "params", "parameters", "memory_kb", "size, kB"},
    {"flops-energy.svg", "FLOPs and energy", "flops", "FLOPs", "energy_mj", "energy, mJ"},
    {"latency-energy.svg", "Latency and energy", "latency_ms", "latency, ms", "energy_mj", "energy, mJ"},
    {"energy-accuracy.svg", "Energy and accuracy", "energy_mj", "energy, mJ", "int8_accuracy", "int8 accuracy"},
};

// Every trial of the search as a dot; the networks of the table, as means, in colours of their own.
void AddScatter(const Scatter& scatter, const StudyResults& results, const std::vector<NetworkRow>& networks,
                Document& report) {
  const Points searched = PointsOf(Succeeded(results.searched), scatter.x, scatter.y);
  Plot plot{.title = scatter.title, .x_label = scatter.x_label, .y_label = scatter.y_label};
  if (!searched.empty()) plot.series.push_back({"trials of the search", searched, Marks::kDots});
  for (const NetworkRow& network : networks) {
    const Points runs = PointsOf(network.runs, scatter.x, scatter.y);
    if (runs.empty()) continue;
    double x = 0, y = 0;
    for (const auto& run : runs) {
      x += run.first / static_cast<double>(runs.size());
      y += run.second / static_cast<double>(runs.size());
    }
    plot.series.push_back({network.name, {{x, y}}, Marks::kDots});
  }
  if (plot.series.empty()) return;
  std::string caption = scatter.title;
  if (const auto r = Correlation(searched); r.has_value()) {
    absl::StrAppend(&caption, absl::StrFormat(", correlation %.3f over %d trials", *r, searched.size()));
  }
  report.Add({scatter.file, caption, ToSvg(plot)});
}

// The best value so far by trial.
void AddProgress(const pb::StudySpec::MetricSpec& metric, const StudyResults& results, Document& report) {
  const bool minimize = metric.goal() == pb::StudySpec::MetricSpec::MINIMIZE;
  Points points;
  for (const pb::Trial& trial : results.searched) {
    const auto value = FinalValue(trial, metric.metric_id());
    if (!value.has_value()) continue;
    const double before = points.empty() ? *value : points.back().second;
    points.emplace_back(std::stod(trial.id()), minimize ? std::min(before, *value) : std::max(before, *value));
  }
  if (points.empty()) return;
  const std::string title = absl::StrCat("The best ", metric.metric_id(), " so far");
  report.Add(
      {absl::StrCat("progress.svg"), title,
       ToSvg({.title = title, .x_label = "trial", .y_label = metric.metric_id(), .series = {{"search", points}}})});
}

std::string Summary(const v1::StudyStatus& status, const StudyResults& results) {
  std::string text = absl::StrCat(results.searched.size(), " trials of the search succeeded");
  if (status.infeasible() > 0) absl::StrAppend(&text, ", ", status.infeasible(), " were infeasible");
  if (status.stopped_early() > 0) absl::StrAppend(&text, ", ", status.stopped_early(), " were stopped early");
  absl::StrAppend(&text, ". Algorithm: ",
                  status.study().study_spec().algorithm().empty() ? "DEFAULT" : status.study().study_spec().algorithm(),
                  ".");
  if (results.retests.empty()) {
    text +=
        " Nothing has been retested yet (photinus study retest): the values below are of single trials of the search.";
  } else {
    text +=
        " Retests are trained for the whole schedule and to their end; means and standard deviations over the runs.";
  }
  return text;
}

}  // namespace

std::vector<NetworkRow> NetworkRows(const pb::StudySpec& spec, const StudyResults& results) {
  std::vector<NetworkRow> rows;
  for (const auto& [id, trials] : results.retests) {
    NetworkRow row{absl::StrCat("trial ", id), Succeeded(trials), false};
    if (!row.runs.empty()) rows.push_back(std::move(row));
  }
  if (rows.empty() && spec.metrics_size() > 0) {
    for (const pb::Trial* trial : BestBy(spec.metrics(0), results.searched, kBestWithoutRetests)) {
      rows.push_back({absl::StrCat("trial ", trial->id()), {trial}, false});
    }
  } else if (spec.metrics_size() > 0) {
    std::stable_sort(rows.begin(), rows.end(), [&](const NetworkRow& a, const NetworkRow& b) {
      return Cost(spec.metrics(0), a) < Cost(spec.metrics(0), b);
    });
  }
  for (const auto& [network, trials] : results.baselines) {
    NetworkRow row{network.empty() ? "a network of its own" : network, Succeeded(trials), true};
    if (!row.runs.empty()) rows.push_back(std::move(row));
  }
  return rows;
}

Document StudyReport(const std::string& study, const v1::StudyStatus& status, const StudyResults& results,
                     const std::string& profile) {
  const pb::StudySpec& spec = status.study().study_spec();
  const std::vector<NetworkRow> networks = NetworkRows(spec, results);
  Document report(absl::StrCat("Study ", study));
  report.Paragraph(Summary(status, results));
  if (!networks.empty()) {
    report.Heading("Networks");
    report.Table(NetworkTable(spec, networks));
  }
  if (Rows table = BatteryTable(networks); table.size() > 1) {
    report.Heading("A day of one inference per second");
    report.Table(std::move(table));
  }
  if (Rows table = LayerTable(profile); table.size() > 1) {
    report.Heading(absl::StrCat("The winner, ", networks[0].name, ", layer by layer"));
    report.Table(std::move(table));
  }
  report.Heading("Figures");
  for (const auto& metric : spec.metrics()) {
    if (&metric == &spec.metrics(0)) AddProgress(metric, results, report);
  }
  for (const Scatter& scatter : kScatters) AddScatter(scatter, results, networks, report);
  return report;
}

}  // namespace photinus
