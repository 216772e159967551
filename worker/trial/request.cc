#include "worker/trial/request.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <sstream>
#include <utility>

#include "worker/predictor/parameters_json.h"

namespace photinus::trial {
namespace {

using Json = nlohmann::json;

Error Unusable(const std::string& member, const std::string& needed) {
  return InvalidArgument("request: \"" + member + "\" must be " + needed);
}

Result<void> ReadText(const Json& json, const std::string& member, std::string& target) {
  const auto found = json.find(member);
  if (found == json.end()) return {};
  if (!found->is_string()) return Unusable(member, "a string");
  target = found->get<std::string>();
  return {};
}

// Numbers may come as 8 or 8.0: JSON makes no difference.
Result<void> ReadWhole(const Json& json, const std::string& member, int min, int max, int& target) {
  const auto found = json.find(member);
  if (found == json.end()) return {};
  const double value = found->is_number() ? found->get<double>() : std::nan("");
  if (!(value >= min && value <= max) || value != std::floor(value)) {
    return Unusable(member, "a whole number in " + std::to_string(min) + ".." + std::to_string(max));
  }
  target = static_cast<int>(value);
  return {};
}

Result<spaces::ParameterValues> ReadParameters(const Json& json) {
  const auto found = json.find("parameters");
  if (found == json.end()) return spaces::ParameterValues();
  Result<spaces::ParameterValues> values = predictor::ParseParameters(*found);
  if (!values.ok()) return InvalidArgument("request: " + values.error().message);
  return values;
}

Result<void> ReadSeed(const Json& json, uint64_t& seed) {
  const auto found = json.find("seed");
  if (found == json.end()) return {};
  if (!found->is_number_integer()) return Unusable("seed", "a whole number");
  seed = found->is_number_unsigned() ? found->get<uint64_t>() : static_cast<uint64_t>(found->get<int64_t>());
  return {};
}

Result<void> ReadMonitor(const Json& json, std::vector<std::string>& monitor) {
  const auto found = json.find("monitor");
  if (found == json.end()) return {};
  const auto is_text = [](const Json& word) { return word.is_string(); };
  if (!found->is_array() || found->empty() || !std::all_of(found->begin(), found->end(), is_text)) {
    return Unusable("monitor", "a list of strings, program and arguments");
  }
  monitor = found->get<std::vector<std::string>>();
  return {};
}

Result<void> ReadFolder(const Json& json, const std::string& member, std::filesystem::path& target) {
  std::string text;
  PHOTINUS_RETURN_IF_ERROR(ReadText(json, member, text));
  target = text;
  if (!target.is_absolute()) return Unusable(member, "an absolute path");
  return {};
}

std::string Shortly(double value) {
  std::ostringstream text;
  text << value;
  return text.str();
}

Result<void> ReadNumber(const Json& json, const std::string& member, double min, double max, double& target) {
  const auto found = json.find(member);
  if (found == json.end()) return {};
  const double value = found->is_number() ? found->get<double>() : std::nan("");
  if (!(value >= min && value <= max)) return Unusable(member, "a number in " + Shortly(min) + ".." + Shortly(max));
  target = value;
  return {};
}

// Bounds as in common/study_document. What the request leaves out is not done at all, once it names anything.
Result<void> ReadAugmentation(const Json& json, Request& request) {
  if (request.features == data::FeatureKind::kMfcc) request.augmentation.max_frequency_shift = 0;
  const auto found = json.find("augmentation");
  if (found == json.end()) return {};
  if (!found->is_object()) return Unusable("augmentation", "an object");
  data::Augmentation& augmentation = request.augmentation = {};
  PHOTINUS_RETURN_IF_ERROR(ReadWhole(*found, "time_shift", 0, 100, augmentation.max_time_shift));
  PHOTINUS_RETURN_IF_ERROR(ReadWhole(*found, "frequency_shift", 0, 20, augmentation.max_frequency_shift));
  PHOTINUS_RETURN_IF_ERROR(ReadWhole(*found, "time_mask", 0, 196, augmentation.max_time_mask));
  PHOTINUS_RETURN_IF_ERROR(ReadWhole(*found, "frequency_mask", 0, 40, augmentation.max_frequency_mask));
  PHOTINUS_RETURN_IF_ERROR(ReadWhole(*found, "time_masks", 0, 20, augmentation.time_masks));
  PHOTINUS_RETURN_IF_ERROR(ReadWhole(*found, "frequency_masks", 0, 20, augmentation.frequency_masks));
  PHOTINUS_RETURN_IF_ERROR(ReadNumber(*found, "noise", 0, 1, augmentation.noise));
  PHOTINUS_RETURN_IF_ERROR(ReadNumber(*found, "min_snr_db", -60, 60, augmentation.min_snr_db));
  return ReadNumber(*found, "max_snr_db", augmentation.min_snr_db, 60, augmentation.max_snr_db);
}

Result<void> ReadFeatures(const Json& json, Request& request) {
  std::string features(data::FeatureKindName(request.features));
  PHOTINUS_RETURN_IF_ERROR(ReadText(json, "features", features));
  const Result<data::FeatureKind> kind = data::FindFeatureKind(features);
  if (!kind.ok()) return Unusable("features", "\"log-mel\" or \"mfcc\"");
  request.features = *kind;
  return ReadAugmentation(json, request);
}

Result<void> ReadInput(const Json& json, Request& request) {
  const auto found = json.find("input");
  if (found == json.end()) return {};
  if (!found->is_object()) return Unusable("input", "an object");
  NetworkInput& input = request.input.emplace();
  PHOTINUS_RETURN_IF_ERROR(ReadWhole(*found, "height", 1, 65536, input.height));
  PHOTINUS_RETURN_IF_ERROR(ReadWhole(*found, "width", 1, 65536, input.width));
  if (input.height == 0 || input.width == 0) return Unusable("input", "an object with \"height\" and \"width\"");
  return {};
}

Result<void> ReadTraining(const Json& json, Request& request) {
  PHOTINUS_RETURN_IF_ERROR(ReadWhole(json, "attempt", 1, 1000000, request.attempt));
  PHOTINUS_RETURN_IF_ERROR(ReadWhole(json, "evaluations", 1, 10000, request.evaluations));
  PHOTINUS_RETURN_IF_ERROR(ReadWhole(json, "threads", 1, 1024, request.threads));
  PHOTINUS_RETURN_IF_ERROR(ReadSeed(json, request.seed));
  const auto epochs = json.find("epochs");
  if (epochs == json.end()) return {};
  request.epochs = epochs->is_number() ? epochs->get<double>() : std::nan("");
  if (!(request.epochs > 0 && request.epochs <= 200000)) return Unusable("epochs", "a number in 0..200000, above 0");
  return {};
}

}  // namespace

Result<Request> ParseRequest(std::string_view line) {
  const Json json = Json::parse(line, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return InvalidArgument("request: one JSON object on one line is expected on stdin");
  Request request;
  PHOTINUS_RETURN_IF_ERROR(ReadText(json, "trial", request.trial));
  PHOTINUS_RETURN_IF_ERROR(ReadText(json, "task", request.task));
  PHOTINUS_RETURN_IF_ERROR(ReadText(json, "role", request.role));
  PHOTINUS_RETURN_IF_ERROR(ReadText(json, "space", request.space));
  PHOTINUS_RETURN_IF_ERROR(ReadText(json, "device", request.device));
  PHOTINUS_RETURN_IF_ERROR(ReadText(json, "energy", request.energy));
  PHOTINUS_RETURN_IF_ERROR(ReadMonitor(json, request.monitor));
  if (json.contains("folder")) PHOTINUS_RETURN_IF_ERROR(ReadFolder(json, "folder", request.folder));
  PHOTINUS_RETURN_IF_ERROR(ReadFolder(json, "data_dir", request.data_dir));
  PHOTINUS_RETURN_IF_ERROR(ReadFolder(json, "work_dir", request.work_dir));
  if (json.contains("checkpoint_dir")) {
    PHOTINUS_RETURN_IF_ERROR(ReadFolder(json, "checkpoint_dir", request.checkpoint_dir));
  }
  PHOTINUS_RETURN_IF_ERROR(ReadFeatures(json, request));
  PHOTINUS_RETURN_IF_ERROR(ReadTraining(json, request));
  PHOTINUS_ASSIGN_OR_RETURN(request.parameters, ReadParameters(json));
  const auto architecture = json.find("architecture");
  if (architecture != json.end() && !architecture->is_null()) request.architecture = architecture->dump();
  PHOTINUS_RETURN_IF_ERROR(ReadInput(json, request));
  if (!request.architecture && request.space.empty()) {
    return InvalidArgument("request: \"space\" or \"architecture\" is needed to build a network");
  }
  return request;
}

Result<double> Request::LearningRate(double otherwise) const {
  const auto found = parameters.find("lr");
  if (found == parameters.end()) return otherwise;
  double rate = std::nan("");
  if (const auto* real = std::get_if<double>(&found->second)) rate = *real;
  if (const auto* whole = std::get_if<int64_t>(&found->second)) rate = static_cast<double>(*whole);
  if (!(rate > 0 && rate < 1e6)) return Unusable("parameters.lr", "a number above 0 and below 1e6");
  return rate;
}

}  // namespace photinus::trial
