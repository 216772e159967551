#include "worker/agent/trial_output.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <nlohmann/json.hpp>

#include "absl/strings/numbers.h"
#include "common/base/errors.h"
#include "common/base/names.h"
#include "common/base/status_macros.h"

namespace photinus {
namespace {

using Json = nlohmann::json;

constexpr double kMaxStep = 9007199254740992.0;  // 2^53
constexpr std::string_view kKeys[] = {"step", "artifact", "final", "infeasible"};
constexpr std::string_view kBlanks = " \t";
constexpr std::string_view kEndsOfWord = "{}[],:\" \t";

// NaN or an infinity, in whatever way a language writes it: nan, -NaN, inf, +Infinity, and 1e999, which is more than a
// double holds.
std::optional<double> NotFinite(std::string_view word) {
  double value = 0;
  if (!absl::SimpleAtod({word.data(), word.size()}, &value) || std::isfinite(value)) return std::nullopt;
  return value;
}

std::string_view NameOf(double not_finite) {
  if (std::isnan(not_finite)) return "NaN";
  return not_finite > 0 ? "Infinity" : "-Infinity";
}

// Puts what is not finite and stands outside of strings into quotes, as NaN, Infinity or -Infinity.
std::string QuoteNotFinite(std::string_view line) {
  std::string quoted;
  bool in_string = false;
  for (size_t i = 0; i < line.size();) {
    const std::string_view rest = line.substr(i);
    const std::string_view word = in_string ? "" : rest.substr(0, rest.find_first_of(kEndsOfWord));
    if (const auto value = NotFinite(word); value.has_value()) {
      quoted.append("\"").append(NameOf(*value)).append("\"");
      i += word.size();
      continue;
    }
    const bool escape = in_string && line[i] == '\\' && i + 1 < line.size();
    if (line[i] == '"') in_string = !in_string;
    const size_t length = escape ? 2 : std::max<size_t>(word.size(), 1);
    quoted.append(line.substr(i, length));
    i += length;
  }
  return quoted;
}

// A number, or what stands for one that is not finite: null, which is all that JSON has for it, or a word in a string.
std::optional<double> NumberOf(const Json& value) {
  if (value.is_null()) return std::numeric_limits<double>::quiet_NaN();
  if (value.is_number()) return value.get<double>();
  if (!value.is_string()) return std::nullopt;
  const auto& text = value.get_ref<const std::string&>();
  const bool has_digits = text.find_first_of("0123456789") != std::string::npos;  // is a number for nobody
  return has_digits ? std::nullopt : NotFinite(text);
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
  if (!object["artifact"].is_string() || !ValidateArtifactName(object["artifact"].get_ref<const std::string&>()).ok()) {
    return FieldError("artifact",
                      "must be a name of 1 to 128 letters, digits, '.', '_' or '-', not beginning with '.'");
  }
  artifact.name = object["artifact"].get<std::string>();
  if (!object.contains("path") || !object["path"].is_string() || object["path"].get_ref<const std::string&>().empty()) {
    return FieldError("path", "must name the artifact's file");
  }
  artifact.path = object["path"].get<std::string>();
  return OutputLine(std::move(artifact));
}

// Whether the first key, in quotes of either kind, is one that the protocol knows.
bool BeginsAsOurs(std::string_view members) {
  const size_t quote = members.find_first_not_of(kBlanks);
  if (quote == std::string_view::npos || (members[quote] != '"' && members[quote] != '\'')) return false;
  const std::string_view rest = members.substr(quote + 1);
  const std::string_view key = rest.substr(0, rest.find(members[quote]));
  return std::find(std::begin(kKeys), std::end(kKeys), key) != std::end(kKeys);
}

}  // namespace

absl::StatusOr<OutputLine> ParseOutputLine(std::string_view line) {
  const size_t begin = line.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos || line[begin] != '{') return OutputLine(OutputLog());
  Json object = Json::parse(line, nullptr, /*allow_exceptions=*/false);
  if (object.is_discarded()) object = Json::parse(QuoteNotFinite(line), nullptr, /*allow_exceptions=*/false);
  if (!object.is_object()) {
    if (!BeginsAsOurs(line.substr(begin + 1))) return OutputLine(OutputLog());
    return absl::InvalidArgumentError("it is not valid JSON");
  }
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
