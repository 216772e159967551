#include "client/cli/report/study_report.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/cli/records.h"
#include "client/cli/report/network_profile.h"
#include "client/cli/report/report_figures.h"

namespace photinus {
namespace {

using Rows = std::vector<std::vector<std::string>>;

constexpr double kSecondsPerDay = 86'400;
constexpr int kMaxDecimals = 12;
constexpr double kSame = 1e-9;  // of the mean: a deviation that is none

// What a battery holds, in J [energy-efficient audio models, section 1].
struct Battery {
  const char* device;
  double joules;
};
constexpr Battery kBatteries[] = {{"a phone", 51'000}, {"a watch", 3'600}, {"earbuds", 700}};

// A mean as a table shows it, or a deviation beside its mean, which decides how many digits both have.
std::string Share(double value, double /*mean*/) { return absl::StrFormat("%.2f", 100 * value); }
std::string Plain(double value, double /*mean*/) { return absl::StrFormat("%.4g", value); }

// With two decimals; below 1 with three significant digits.
std::string Amount(double value, double mean) {
  const double size = std::abs(mean);
  const int decimals = size > 0 && size < 1 ? 2 - static_cast<int>(std::floor(std::log10(size))) : 2;
  return absl::StrFormat("%.*f", std::min(decimals, kMaxDecimals), value);
}

std::string Count(double value, double /*mean*/ = 0) {
  if (value >= 1e6) return absl::StrFormat("%.2fM", value / 1e6);
  if (value >= 1e3) return absl::StrFormat("%.2fk", value / 1e3);
  return absl::StrFormat("%.0f", value);
}

constexpr char kMeasuredEnergy[] = "measured_energy_mj", kPredictedEnergy[] = "energy_mj";

// A metric that the table of networks shows wherever somebody reported it.
struct MetricColumn {
  const char* metric;
  const char* title;
  std::string (*format)(double value, double mean);
  bool of_network = false;  // the same in each of its runs, but where another model predicted it
};
constexpr MetricColumn kColumns[] = {
    {"int8_accuracy", "int8 accuracy, %", &Share},
    {"test_accuracy", "test accuracy, %", &Share},
    {kMeasuredEnergy, "measured energy, mJ", &Amount},
    {kPredictedEnergy, "predicted energy, mJ", &Amount, true},
    {"latency_ms", "predicted latency, ms", &Amount, true},
    {"cpu_latency_ms", "latency on the worker, ms", &Amount},
    {"memory_kb", "size, kB", &Amount, true},
    {"flops", "FLOPs", &Count, true},
    {"params", "params", &Count, true},
};

// Whether the study's trials are networks that workers train.
bool TrainsNetworks(const pb::StudySpec& spec) {
  const Record document = DocumentOf(spec);
  const Record::json_pointer executor("/trial/executor");
  return document.is_object() && document.contains(executor) && document[executor] == "network";
}

// "70.78 ± 0.78"; without a deviation where there is one value, or none could be.
std::string MeanAndDeviation(const std::vector<double>& values, const MetricColumn& column) {
  if (values.empty()) return "";
  const double mean = Mean(values), deviation = values.size() > 1 ? Deviation(values) : 0;
  const bool is_sure = values.size() == 1 || (column.of_network && deviation <= kSame * std::abs(mean));
  const std::string text = column.format(mean, mean);
  return is_sure ? text : absl::StrCat(text, " ± ", column.format(deviation, mean));
}

bool AnyHas(const std::vector<NetworkRuns>& networks, const char* metric) {
  return std::any_of(networks.begin(), networks.end(),
                     [&](const NetworkRuns& network) { return !Values(network.runs, metric).empty(); });
}

Rows NetworkTable(const pb::StudySpec& spec, const std::vector<NetworkRuns>& networks) {
  std::vector<MetricColumn> columns;
  std::set<std::string> shown;
  for (const MetricColumn& column : kColumns) {
    if (!AnyHas(networks, column.metric)) continue;
    columns.push_back(column);
    shown.insert(column.metric);
  }
  const std::vector<pb::StudySpec::MetricSpec> objectives = Objectives(spec);
  std::ptrdiff_t first = 0;
  for (const auto& metric : objectives) {
    if (shown.count(metric.metric_id()) == 0) {
      columns.insert(columns.begin() + first++, {metric.metric_id().c_str(), metric.metric_id().c_str(), &Plain});
    }
  }
  Rows rows(1, {TrainsNetworks(spec) ? "network" : "trial", "runs"});
  for (const MetricColumn& column : columns) rows[0].emplace_back(column.title);
  for (const NetworkRuns& network : networks) {
    rows.push_back({network.name, absl::StrCat(network.runs.size())});
    for (const MetricColumn& column : columns) {
      rows.back().push_back(MeanAndDeviation(Values(network.runs, column.metric), column));
    }
  }
  return rows;
}

// What an inference each second takes of a battery in a day, by measured energy where there is one; no rows where no
// energy is known.
Rows BatteryTable(const std::vector<NetworkRuns>& networks) {
  Rows rows(1, {"network", "energy", "J per day"});
  for (const Battery& battery : kBatteries) rows[0].push_back(absl::StrCat("% of ", battery.device));
  for (const NetworkRuns& network : networks) {
    const std::vector<double> measured = Values(network.runs, kMeasuredEnergy);
    const std::vector<double> energies = measured.empty() ? Values(network.runs, kPredictedEnergy) : measured;
    if (energies.empty()) continue;
    const double joules = Mean(energies) / 1000 * kSecondsPerDay;
    rows.push_back({network.name, measured.empty() ? "predicted" : "measured", absl::StrFormat("%.1f", joules)});
    for (const Battery& battery : kBatteries) {
      rows.back().push_back(absl::StrFormat("%.3g", 100 * joules / battery.joules));
    }
  }
  return rows;
}

// Where the energies of the tables come from; empty where there are none.
std::string EnergyOrigin(const std::vector<NetworkRuns>& networks, const NetworkProfile& profile) {
  const bool measured = AnyHas(networks, kMeasuredEnergy);
  if (!measured && !AnyHas(networks, kPredictedEnergy)) return "";
  std::string text = "Energy was predicted before training";
  if (!profile.energy_source.empty()) absl::StrAppend(&text, " by ", profile.energy_source);
  if (!measured) return text + "; nothing was measured.";
  absl::StrAppend(&text, ", and measured anew after the trainings that have a measured energy");
  if (!profile.energy_meter.empty()) {
    absl::StrAppend(&text, " by ", profile.energy_meter, profile.simulated_meter ? ", a simulated device" : "");
  }
  return text + ".";
}

// No rows where there are no blocks.
Rows BlockTable(const NetworkProfile& profile) {
  if (profile.blocks.empty()) return {};
  double all = 0;
  for (const BlockProfile& block : profile.blocks) all += block.flops;
  Rows rows(1,
            {"block", "type", "filters", "kernel", "stride", "expansion", "output", "params", "FLOPs", "% of FLOPs"});
  for (const BlockProfile& block : profile.blocks) {
    rows.push_back({block.name, block.type, block.filters, block.kernel, block.stride, block.expansion, block.output,
                    Count(block.params), Count(block.flops),
                    absl::StrFormat("%.1f", all > 0 ? 100 * block.flops / all : 0)});
  }
  return rows;
}

Rows ParameterTable(const pb::Trial& trial) {
  Rows rows(1, {"parameter", "value"});
  for (const auto& parameter : trial.parameters()) {
    const auto& value = parameter.value();
    const bool is_text = value.kind_case() == google::protobuf::Value::kStringValue;
    rows.push_back({parameter.parameter_id(), is_text ? value.string_value() : absl::StrCat(value.number_value())});
  }
  return rows;
}

std::string Summary(const v1::StudyStatus& status, const StudyResults& results, bool any_retest) {
  const pb::StudySpec& spec = status.study().study_spec();
  std::string text = absl::StrCat(results.searched.size(), " trials of the search succeeded");
  if (status.infeasible() > 0) absl::StrAppend(&text, "; of all trials, ", status.infeasible(), " were infeasible");
  if (status.stopped_early() > 0) {
    absl::StrAppend(&text, status.infeasible() > 0 ? "" : "; of all trials", ", ", status.stopped_early(),
                    " were stopped early");
  }
  absl::StrAppend(&text, ". Algorithm: ", spec.algorithm().empty() ? "DEFAULT" : spec.algorithm(), ".");
  if (!any_retest) {
    text +=
        " Nothing has been retested yet (photinus study retest): the values below are of single trials of the search.";
  } else {
    absl::StrAppend(&text,
                    TrainsNetworks(spec) ? " Retests are trained for the whole schedule and to their end"
                                         : " Retests run to their end",
                    "; means and standard deviations over the runs.");
  }
  return text;
}

// Why nothing wins; any_fits: some trial of the search would, but was not retested.
void AddNoWinner(const WinnerLimits& limits, bool any_fits, Document& report) {
  if (limits.filter.empty()) return;
  report.Paragraph(any_fits ? absl::StrCat("None of them wins, for none fits ", limits.filter,
                                           "; `study retest` with that as its --filter trains those that do.")
                            : absl::StrCat("Nothing wins, for no trial of the search fits ", limits.filter, "."));
}

// The winner: its blocks, or where they are not known its parameters.
void AddWinner(const NetworkRuns& winner, const WinnerLimits& limits, bool many_objectives,
               const NetworkProfile& profile, Document& report) {
  const std::string title = absl::StrCat(many_objectives ? "The first" : "The winner",
                                         limits.filter.empty() ? "" : " among those with ", limits.filter);
  if (Rows table = BlockTable(profile); table.size() > 1) {
    report.Heading(absl::StrCat(title, ": ", winner.name, ", block by block"));
    report.Table(std::move(table));
  } else if (Rows parameters = ParameterTable(*winner.runs[0]); parameters.size() > 1) {
    report.Heading(absl::StrCat(title, ": ", winner.name));
    report.Table(std::move(parameters));
  }
}

}  // namespace

Document StudyReport(const std::string& study, const v1::StudyStatus& status, const StudyResults& results,
                     const WinnerLimits& limits, const std::string& profile_json) {
  const pb::StudySpec& spec = status.study().study_spec();
  const std::vector<NetworkRuns> networks = NetworksOf(spec, results, limits);
  const NetworkProfile profile = ParseNetworkProfile(profile_json);
  Document report(absl::StrCat("Study ", study));
  const bool any_retest = std::any_of(results.retests.begin(), results.retests.end(),
                                      [](const auto& each) { return !Succeeded(each.second).empty(); });
  report.Paragraph(Summary(status, results, any_retest));
  if (profile.synthetic_data) report.Paragraph("The data are synthetic: generated sounds, not recordings.");
  if (!networks.empty()) {
    report.Heading(TrainsNetworks(spec) ? "Networks" : "The best trials");
    report.Table(NetworkTable(spec, networks));
  }
  if (std::string origin = EnergyOrigin(networks, profile); !origin.empty()) report.Paragraph(std::move(origin));
  if (Rows table = BatteryTable(networks); table.size() > 1) {
    report.Heading("A day of one inference per second");
    report.Table(std::move(table));
  }
  if (const NetworkRuns* winner = WinnerOf(networks, limits); winner != nullptr) {
    AddWinner(*winner, limits, Objectives(spec).size() > 1, profile, report);
  } else {
    AddNoWinner(limits, !Within(limits, results.searched).empty(), report);
  }
  std::vector<Document::Figure> figures = ReportFigures(spec, results, limits, networks);
  if (!figures.empty()) report.Heading("Figures");
  for (Document::Figure& figure : figures) report.Add(std::move(figure));
  return report;
}

}  // namespace photinus
