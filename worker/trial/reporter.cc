#include "worker/trial/reporter.h"

#include <nlohmann/json.hpp>

namespace photinus::trial {
namespace {

using Json = nlohmann::ordered_json;

void Add(const Metrics& metrics, Json& json) {
  for (const auto& [name, value] : metrics) {
    // Counts are printed without ".0".
    if (value == static_cast<double>(static_cast<int64_t>(value))) {
      json[name] = static_cast<int64_t>(value);
    } else {
      json[name] = value;
    }
  }
}

}  // namespace

void Reporter::Measurement(int step, std::optional<double> elapsed_seconds, const Metrics& metrics) {
  Json json = {{"step", step}};
  if (elapsed_seconds) json["elapsed"] = *elapsed_seconds;
  Add(metrics, json);
  out_ << json.dump() << std::endl;
}

void Reporter::Artifact(const std::string& name, const std::filesystem::path& path) {
  out_ << Json{{"artifact", name}, {"path", path.string()}}.dump() << std::endl;
}

void Reporter::Final(const Metrics& metrics) {
  Json json = Json::object();
  Add(metrics, json);
  out_ << Json{{"final", json}}.dump() << std::endl;
}

void Reporter::Infeasible(const std::string& reason) {
  // A reason may quote bytes that are not UTF-8.
  out_ << Json{{"infeasible", reason}}.dump(-1, ' ', false, Json::error_handler_t::replace) << std::endl;
}

}  // namespace photinus::trial
