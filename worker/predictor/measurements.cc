#include "worker/predictor/measurements.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>

#include "worker/base/file.h"
#include "worker/predictor/parameters_json.h"

namespace photinus::predictor {
namespace {

using Json = nlohmann::json;
using OrderedJson = nlohmann::ordered_json;

constexpr char kFormat[] = "photinus-measurements";
constexpr int kVersion = 1;

double Mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

std::string Line(const OrderedJson& json) {
  return json.dump(-1, ' ', false, OrderedJson::error_handler_t::replace) + "\n";
}

// A JSON member of the wrong type throws; this is the door.
template <typename Parse>
auto WithoutExceptions(Parse parse) -> decltype(parse()) {
  try {
    return parse();
  } catch (const Json::exception& fault) {
    return InvalidArgument(fault.what());
  }
}

Result<MeasurementsHeader> ParseHeader(std::string_view line) {
  return WithoutExceptions([&]() -> Result<MeasurementsHeader> {
    const Json json = Json::parse(line);
    if (json.at("format") != kFormat) return InvalidArgument("holds no measurements of `photinus-worker measure`");
    if (json.at("version") != kVersion) return InvalidArgument("is of another version; measure again");
    MeasurementsHeader header;
    json.at("space").get_to(header.space);
    json.at("seed").get_to(header.seed);
    json.at("meter").get_to(header.meter);
    header.runner = json.value("runner", "");
    json.at("repeats").get_to(header.repeats);
    json.at("repeat_every").get_to(header.repeat_every);
    if (header.repeats < 1 || header.repeat_every < 1) {
      return InvalidArgument("'repeats' and 'repeat_every' must be at least 1");
    }
    return header;
  });
}

// What no meter can have measured; also spares those who learn from it, where one such value spoils all.
Result<void> CheckRanges(const MeasuredNetwork& measured) {
  const auto positive = [](double value) { return std::isfinite(value) && value > 0; };
  if (measured.network.flops <= 0 || measured.network.size_bytes <= 0) {
    return InvalidArgument("'flops' and 'size_bytes' must be greater than 0");
  }
  for (const std::vector<double>* values : {&measured.energy_mj, &measured.latency_ms}) {
    if (!std::all_of(values->begin(), values->end(), positive)) {
      return InvalidArgument("energies and latencies must be finite and greater than 0");
    }
  }
  return {};
}

Result<MeasuredNetwork> ParseNetwork(std::string_view line, std::size_t index) {
  return WithoutExceptions([&]() -> Result<MeasuredNetwork> {
    const Json json = Json::parse(line);
    MeasuredNetwork measured;
    json.at("index").get_to(measured.index);
    PHOTINUS_ASSIGN_OR_RETURN(measured.network.parameters, ParseParameters(json.at("parameters")));
    json.at("flops").get_to(measured.network.flops);
    json.at("size_bytes").get_to(measured.network.size_bytes);
    json.at("energy_mj").get_to(measured.energy_mj);
    json.at("latency_ms").get_to(measured.latency_ms);
    if (measured.energy_mj.empty() || measured.energy_mj.size() != measured.latency_ms.size()) {
      return InvalidArgument("needs a measurement, and as many latencies as energies");
    }
    if (measured.index < 0 || static_cast<std::size_t>(measured.index) != index) {
      return InvalidArgument("has the index " + std::to_string(measured.index) + " where " + std::to_string(index) +
                             " follows; a line is missing, or stands twice");
    }
    PHOTINUS_RETURN_IF_ERROR(CheckRanges(measured));
    return measured;
  });
}

}  // namespace

double MeasuredNetwork::MeanEnergy() const { return Mean(energy_mj); }
double MeasuredNetwork::MeanLatency() const { return Mean(latency_ms); }

std::string HeaderLine(const MeasurementsHeader& header) {
  OrderedJson json = {{"format", kFormat},
                      {"version", kVersion},
                      {"space", header.space},
                      {"seed", header.seed},
                      {"meter", header.meter}};
  if (!header.runner.empty()) json["runner"] = header.runner;
  json["repeats"] = header.repeats;
  json["repeat_every"] = header.repeat_every;
  return Line(json);
}

std::string NetworkLine(const MeasuredNetwork& measured) {
  return Line({{"index", measured.index},
               {"parameters", ParametersJson(measured.network.parameters)},
               {"flops", measured.network.flops},
               {"size_bytes", measured.network.size_bytes},
               {"energy_mj", measured.energy_mj},
               {"latency_ms", measured.latency_ms}});
}

Result<Measurements> ParseMeasurements(std::string_view content, const std::string& label, std::size_t* complete) {
  Measurements measurements;
  std::size_t begin = 0;
  for (int number = 1;; ++number) {
    const std::size_t end = content.find('\n', begin);
    if (end == std::string_view::npos) break;
    const std::string_view line = content.substr(begin, end - begin);
    const std::string place = label + ":" + std::to_string(number) + ": ";
    begin = end + 1;
    if (number == 1) {
      Result<MeasurementsHeader> header = ParseHeader(line);
      if (!header.ok()) return InvalidArgument(place + header.error().message);
      measurements.header = std::move(header).value();
      continue;
    }
    Result<MeasuredNetwork> network = ParseNetwork(line, measurements.networks.size());
    if (!network.ok()) return InvalidArgument(place + network.error().message);
    measurements.networks.push_back(std::move(network).value());
  }
  if (begin == 0) return InvalidArgument(label + " holds no measurements");
  if (complete != nullptr) *complete = begin;
  return measurements;
}

Result<Measurements> ReadMeasurements(const std::string& path) {
  PHOTINUS_ASSIGN_OR_RETURN(const std::string content, ReadFile(path));
  return ParseMeasurements(content, path);
}

double EnergyNoise(const std::vector<MeasuredNetwork>& networks) {
  double sum = 0;
  std::size_t degrees = 0;  // of freedom
  for (const MeasuredNetwork& measured : networks) {
    const double mean = measured.MeanEnergy();
    for (const double energy : measured.energy_mj) sum += (energy - mean) * (energy - mean);
    degrees += measured.energy_mj.size() - 1;
  }
  return degrees == 0 ? 0 : std::sqrt(sum / static_cast<double>(degrees));
}

}  // namespace photinus::predictor
