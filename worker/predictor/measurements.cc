#include "worker/predictor/measurements.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>
#include <sstream>

#include "worker/base/file.h"
#include "worker/predictor/parameters_json.h"

namespace photinus::predictor {
namespace {

using Json = nlohmann::json;
using OrderedJson = nlohmann::ordered_json;

constexpr char kFormat[] = "photinus-measurements";
constexpr int kVersion = 1;
constexpr double kTooMuch = 1e9;  // mJ or ms of one inference
constexpr std::int64_t kLargestCount = std::int64_t{1} << 53;
constexpr int kLargestIndex = 1'000'000'000;
constexpr std::size_t kMaxShown = 80;  // characters of what is wrong

double Mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

std::string Line(const OrderedJson& json) {
  return json.dump(-1, ' ', false, OrderedJson::error_handler_t::replace) + "\n";
}

std::string Quoted(const char* field) { return std::string("'") + field + "'"; }

Result<Json> ParseObject(std::string_view line) {
  Json json = Json::parse(line, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return InvalidArgument("must be a JSON object, with numbers that a double can hold");
  return json;
}

bool Fits(const Json& json, const std::string&) { return json.is_string(); }
bool Fits(const Json& json, std::uint64_t) { return json.is_number_unsigned(); }
bool Fits(const Json& json, std::int64_t) { return json.is_number_integer() && json <= kLargestCount && json >= 0; }
bool Fits(const Json& json, int) { return json.is_number_integer() && json <= kLargestIndex && json >= 0; }
bool Fits(const Json& json, double) { return json.is_number() && json >= 0; }
bool Fits(const Json& json, const std::vector<double>&) {
  return json.is_array() && !json.empty() &&
         std::all_of(json.begin(), json.end(), [](const Json& each) { return each.is_number(); });
}

// kind: what its value has to be.
template <typename T>
Result<void> Read(const Json& object, const char* field, const char* kind, T& value) {
  const auto found = object.find(field);
  if (found == object.end()) return InvalidArgument("has no " + Quoted(field) + ", which is " + kind);
  if (!Fits(*found, value)) {
    const std::string text = found->dump(-1, ' ', false, Json::error_handler_t::replace);
    return InvalidArgument(Quoted(field) + " must be " + kind + ", not " + text.substr(0, kMaxShown));
  }
  value = found->get<T>();
  return {};
}

constexpr char kText[] = "a string", kNatural[] = "a whole number of at least 0", kAmount[] = "a number of at least 0",
               kSome[] = "an array of one number or more";

Result<MeasurementsHeader> ParseHeader(std::string_view line) {
  const Result<Json> parsed = ParseObject(line);
  if (!parsed.ok() || parsed->value("format", Json()) != kFormat) {
    return InvalidArgument("holds no measurements of `photinus-worker measure`");
  }
  const Json& json = *parsed;
  if (json.value("version", Json()) != kVersion) return InvalidArgument("is of another version; measure again");
  MeasurementsHeader header;
  PHOTINUS_RETURN_IF_ERROR(Read(json, "space", kText, header.space));
  PHOTINUS_RETURN_IF_ERROR(Read(json, "seed", kNatural, header.seed));
  PHOTINUS_RETURN_IF_ERROR(Read(json, "meter", kText, header.meter));
  if (json.contains("runner")) PHOTINUS_RETURN_IF_ERROR(Read(json, "runner", kText, header.runner));
  if (json.contains("seconds")) PHOTINUS_RETURN_IF_ERROR(Read(json, "seconds", kAmount, header.seconds));
  PHOTINUS_RETURN_IF_ERROR(Read(json, "repeats", kNatural, header.repeats));
  PHOTINUS_RETURN_IF_ERROR(Read(json, "repeat_every", kNatural, header.repeat_every));
  if (header.repeats < 1 || header.repeat_every < 1) {
    return InvalidArgument("'repeats' and 'repeat_every' must be at least 1");
  }
  return header;
}

// What no meter can have measured; also spares those who learn from it, where one such value spoils all.
Result<void> CheckRange(const char* field, const std::vector<double>& values) {
  for (const double value : values) {
    if (value > 0 && value < kTooMuch) continue;
    std::ostringstream text;
    text << value;
    return InvalidArgument(Quoted(field) + " holds " + text.str() + "; no network takes that");
  }
  return {};
}

Result<MeasuredNetwork> ParseNetwork(std::string_view line, std::size_t index) {
  PHOTINUS_ASSIGN_OR_RETURN(const Json json, ParseObject(line));
  MeasuredNetwork measured;
  PHOTINUS_RETURN_IF_ERROR(Read(json, "index", kNatural, measured.index));
  PHOTINUS_ASSIGN_OR_RETURN(measured.network.parameters, ParseParameters(json.value("parameters", Json())));
  PHOTINUS_RETURN_IF_ERROR(Read(json, "flops", kNatural, measured.network.flops));
  PHOTINUS_RETURN_IF_ERROR(Read(json, "size_bytes", kNatural, measured.network.size_bytes));
  PHOTINUS_RETURN_IF_ERROR(Read(json, "energy_mj", kSome, measured.energy_mj));
  PHOTINUS_RETURN_IF_ERROR(Read(json, "latency_ms", kSome, measured.latency_ms));
  PHOTINUS_RETURN_IF_ERROR(CheckRange("energy_mj", measured.energy_mj));
  PHOTINUS_RETURN_IF_ERROR(CheckRange("latency_ms", measured.latency_ms));
  if (measured.energy_mj.size() != measured.latency_ms.size()) {
    return InvalidArgument("needs as many numbers in 'latency_ms' as in 'energy_mj'");
  }
  if (static_cast<std::size_t>(measured.index) != index) {
    return InvalidArgument("has the index " + std::to_string(measured.index) + " where " + std::to_string(index) +
                           " follows; a line is missing, or stands twice");
  }
  if (measured.network.flops == 0 || measured.network.size_bytes == 0) {
    return InvalidArgument("'flops' and 'size_bytes' must be greater than 0");
  }
  return measured;
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
  if (!header.runner.empty()) {
    json["runner"] = header.runner;
    json["seconds"] = header.seconds;
  }
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
