#include "worker/agent/trial_result.h"

#include <google/protobuf/util/json_util.h>

#include <nlohmann/json.hpp>

#include "absl/status/status.h"

namespace photinus {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kVersion = 1;

Json ToJson(const google::protobuf::Message& message) {
  std::string text;  // protobuf writes NaN and infinities as strings
  const auto status = google::protobuf::util::MessageToJsonString(message, &text);
  return status.ok() ? Json::parse(text) : Json::object();  // fails for a malformed Any, and there is none in ours
}

bool FromJson(const Json& json, google::protobuf::Message& message) {
  return google::protobuf::util::JsonStringToMessage(json.dump(), &message).ok();
}

}  // namespace

std::string TrialResultToJson(const TrialResult& result) {
  Json json;
  json["version"] = kVersion;
  json["complete"] = ToJson(result.complete);
  json["unsent"] = Json::array();
  for (const vizier::Measurement& measurement : result.unsent) json["unsent"].push_back(ToJson(measurement));
  json["lease_token"] = result.lease_token;
  json["work_dir"] = result.work_dir;
  json["artifacts"] = Json::array();
  for (const ResultArtifact& artifact : result.artifacts) {
    json["artifacts"].push_back({{"name", artifact.name}, {"path", artifact.path}});
  }
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

absl::StatusOr<TrialResult> TrialResultFromJson(const std::string& text) {
  const absl::Status malformed = absl::InvalidArgumentError("this is not a trial's result");
  TrialResult result;
  try {
    const Json json = Json::parse(text);
    if (json.at("version") != kVersion) return malformed;
    result.lease_token = json.at("lease_token").get<std::string>();
    result.work_dir = json.at("work_dir").get<std::string>();
    for (const Json& artifact : json.at("artifacts")) {
      result.artifacts.push_back({artifact.at("name").get<std::string>(), artifact.at("path").get<std::string>()});
    }
    for (const Json& measurement : json.at("unsent")) {
      if (!FromJson(measurement, result.unsent.emplace_back())) return malformed;
    }
    if (!FromJson(json.at("complete"), result.complete)) return malformed;
  } catch (const Json::exception&) {
    return malformed;
  }
  if (result.complete.name().empty()) return malformed;
  return result;
}

}  // namespace photinus
