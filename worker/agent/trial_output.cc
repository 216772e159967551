#include "worker/agent/trial_output.h"

#include <limits>
#include <nlohmann/json.hpp>

#include "common/base/errors.h"
#include "common/base/status_macros.h"

namespace photinus {
namespace {

using Json = nlohmann::json;

constexpr size_t kMaxArtifactName = 128;
constexpr double kMaxStep = 9007199254740992.0;  // 2^53
constexpr std::string_view kNotFinite[] = {"NaN", "Infinity", "-Infinity"};

// Puts quotes around the words NaN, Infinity and -Infinity that stand outside of strings.
std::string QuoteNotFinite(std::string_view line) {
  std::string quoted;
  bool in_string = false;
  for (size_t i = 0; i < line.size();) {
    std::string_view word;
    for (const std::string_view candidate : kNotFinite) {
      if (!in_string && line.substr(i, candidate.size()) == candidate) word = candidate;
    }
    if (!word.empty()) {
      quoted.append("\"").append(word).append("\"");
      i += word.size();
      continue;
    }
    const bool escape = in_string && line[i] == '\\' && i + 1 < line.size();
    if (line[i] == '"') in_string = !in_string;
    quoted.append(line.substr(i, escape ? 2 : 1));
    i += escape ? 2 : 1;
  }
  return quoted;
}

std::optional<double> NumberOf(const Json& value) {
  if (value.is_number()) return value.get<double>();
  if (!value.is_string()) return std::nullopt;
  const auto& text = value.get_ref<const std::string&>();
  if (text == "NaN") return std::numeric_limits<double>::quiet_NaN();
  if (text == "Infinity") return std::numeric_limits<double>::infinity();
  if (text == "-Infinity") return -std::numeric_limits<double>::infinity();
  return std::nullopt;
}

absl::StatusOr<OutputLine> ParseMeasurement(const Json& object) {
  OutputMeasurement measurement;
  for (const auto& [key, value] : object.items()) {
    const std::optional<double> number = NumberOf(value);
    if (key == "step") {
      if (!value.is_number_integer() || value.get<double>() < 0 || value.get<double>() > kMaxStep) {
        return FieldError("step", "must be an integer >= 0");
      }
      measurement.step = value.get<int64_t>();
    } else if (key == "elapsed") {
      if (!number.has_value() || !(*number >= 0) || *number > 1e9) return FieldError("elapsed", "must be seconds >= 0");
      measurement.elapsed = *number;
    } else if (number.has_value()) {
      measurement.metrics.emplace_back(key, *number);
    }
  }
  if (measurement.metrics.empty()) return FieldError("step", "is there, but no metric beside it");
  return OutputLine(std::move(measurement));
}

absl::StatusOr<OutputLine> ParseFinal(const Json& value) {
  if (!value.is_object()) return FieldError("final", "must be an object of metrics");
  OutputFinal final;
  for (const auto& [name, member] : value.items()) {
    const std::optional<double> number = NumberOf(member);
    if (!number.has_value()) return FieldError("final." + name, "must be a number");
    final.metrics.emplace_back(name, *number);
  }
  if (final.metrics.empty()) return FieldError("final", "must have at least one metric");
  return OutputLine(std::move(final));
}

absl::StatusOr<OutputLine> ParseArtifact(const Json& object) {
  OutputArtifact artifact;
  if (!object["artifact"].is_string() || !IsArtifactName(object["artifact"].get_ref<const std::string&>())) {
    return FieldError("artifact", "must be a name of 1 to 128 letters, digits, '.', '_' or '-'");
  }
  artifact.name = object["artifact"].get<std::string>();
  if (!object.contains("path") || !object["path"].is_string() || object["path"].get_ref<const std::string&>().empty()) {
    return FieldError("path", "must name the artifact's file");
  }
  artifact.path = object["path"].get<std::string>();
  return OutputLine(std::move(artifact));
}

}  // namespace

bool IsArtifactName(std::string_view name) {
  if (name.empty() || name.size() > kMaxArtifactName || name == "." || name == "..") return false;
  return name.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-") ==
         std::string_view::npos;
}

absl::StatusOr<OutputLine> ParseOutputLine(std::string_view line) {
  const size_t begin = line.find_first_not_of(" \t");
  if (begin == std::string_view::npos || line[begin] != '{') return OutputLine(OutputLog());
  Json object = Json::parse(line, nullptr, /*allow_exceptions=*/false);
  if (object.is_discarded()) object = Json::parse(QuoteNotFinite(line), nullptr, /*allow_exceptions=*/false);
  if (!object.is_object()) return OutputLine(OutputLog());
  if (object.contains("infeasible")) {
    if (!object["infeasible"].is_string()) return FieldError("infeasible", "must be the reason, a string");
    return OutputLine(OutputInfeasible{object["infeasible"].get<std::string>()});
  }
  if (object.contains("final")) return ParseFinal(object["final"]);
  if (object.contains("artifact")) return ParseArtifact(object);
  if (object.contains("step")) return ParseMeasurement(object);
  return OutputLine(OutputLog());
}

}  // namespace photinus
