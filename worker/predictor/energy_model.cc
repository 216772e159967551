#include "worker/predictor/energy_model.h"

#include <cstdint>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <utility>

#include "worker/base/file.h"
#include "worker/graph/architectures.h"

namespace photinus::predictor {
namespace {

using Json = nlohmann::ordered_json;

constexpr char kFormat[] = "photinus-energy-model";
constexpr int kVersion = 2;
constexpr int kForestAlone = 1;  // the version whose checksum is of the forest, not of the header

// FNV-1a, which finds damage but no malice.
std::string Checksum(std::string_view bytes) {
  std::uint64_t hash = 0xcbf29ce484222325u;
  for (const char byte : bytes) hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3u;
  char text[17];
  std::snprintf(text, sizeof(text), "%016llx", static_cast<unsigned long long>(hash));
  return text;
}

std::string TextOf(const Json& header) { return header.dump(-1, ' ', false, Json::error_handler_t::replace); }

// Of all that the file holds but the checksum itself.
std::string ChecksumOf(Json header, const std::string& forest) {
  if (header.value("version", Json()) == kForestAlone) return Checksum(forest);
  header.erase("checksum");
  return Checksum(TextOf(header) + "\n" + forest);
}

const char* EncodingName(Encoding encoding) { return encoding == Encoding::kOneHot ? "one_hot" : "ordinal"; }

}  // namespace

EnergyModel::EnergyModel(ModelOrigin origin, Encoding encoding, Features features, RandomForest forest)
    : origin_(std::move(origin)), encoding_(encoding), features_(std::move(features)), forest_(std::move(forest)) {}

Result<EnergyModel> EnergyModel::Of(ModelOrigin origin, Encoding encoding, RandomForest forest) {
  PHOTINUS_ASSIGN_OR_RETURN(const spaces::Space* space, graph::NamedSpace(origin.space));
  EnergyModel model(std::move(origin), encoding, Features(*space, encoding), std::move(forest));
  PHOTINUS_RETURN_IF_ERROR(model.Predict({}));  // as many features as the forest knows
  return model;
}

Result<double> EnergyModel::Predict(const Network& network) const {
  PHOTINUS_ASSIGN_OR_RETURN(const FeatureMatrix row, features_.Matrix({network}));
  PHOTINUS_ASSIGN_OR_RETURN(const Eigen::VectorXd energy, forest_.Predict(row));
  return energy[0];
}

Result<void> EnergyModel::Write(const std::string& path) const {
  PHOTINUS_ASSIGN_OR_RETURN(const std::string forest, forest_.Serialize());
  Json header = {{"format", kFormat},
                 {"version", kVersion},
                 {"space", origin_.space},
                 {"meter", origin_.meter},
                 {"networks", origin_.networks},
                 {"rmse_mj", origin_.rmse},
                 {"encoding", EncodingName(encoding_)},
                 {"features", features_.names()},
                 {"forest_bytes", forest.size()}};
  if (!origin_.runner.empty()) header["runner"] = origin_.runner;
  header["checksum"] = ChecksumOf(header, forest);
  return WriteFile(path, TextOf(header) + "\n" + forest);
}

Result<EnergyModel> EnergyModel::Read(const std::string& path) {
  PHOTINUS_ASSIGN_OR_RETURN(const std::string content, ReadFile(path));
  Result<EnergyModel> model = Parse(content);
  if (!model.ok()) return Error{model.error().code, path + ": " + model.error().message};
  return model;
}

Result<EnergyModel> EnergyModel::Parse(std::string_view content) {
  const std::size_t end = content.find('\n');
  const Json header = Json::parse(content.substr(0, end), nullptr, /*allow_exceptions=*/false);
  if (end == std::string_view::npos || !header.is_object() || header.value("format", Json()) != kFormat) {
    return InvalidArgument("is no energy model; `photinus-worker energy fit` makes one");
  }
  const Json version = header.value("version", Json());
  if (version != kVersion && version != kForestAlone) {
    return InvalidArgument("is an energy model of another version; fit it again");
  }
  const std::string forest(content.substr(end + 1));
  if (header.value("forest_bytes", Json()) != forest.size() ||
      header.value("checksum", Json()) != ChecksumOf(header, forest)) {
    return InvalidArgument("is damaged; fit it again");
  }
  try {
    const ModelOrigin origin = {.space = header.at("space").get<std::string>(),
                                .meter = header.at("meter").get<std::string>(),
                                .runner = header.value("runner", ""),
                                .networks = header.at("networks").get<int>(),
                                .rmse = header.at("rmse_mj").get<double>()};
    const Encoding encoding = header.at("encoding") == "ordinal" ? Encoding::kOrdinal : Encoding::kOneHot;
    PHOTINUS_ASSIGN_OR_RETURN(const spaces::Space* space, graph::NamedSpace(origin.space));
    Features features(*space, encoding);
    if (header.at("features") != Json(features.names())) {
      return InvalidArgument("was made for other parameters than the space " + origin.space +
                             " has now; measure and fit again");
    }
    const auto columns = static_cast<int>(features.names().size());
    PHOTINUS_ASSIGN_OR_RETURN(RandomForest parsed, RandomForest::Parse(forest, columns));
    return EnergyModel(origin, encoding, std::move(features), std::move(parsed));
  } catch (const Json::exception& fault) {
    return InvalidArgument(std::string("is no energy model: ") + fault.what());
  }
}

}  // namespace photinus::predictor
