#ifndef PHOTINUS_WORKER_PREDICTOR_PARAMETERS_JSON_H_
#define PHOTINUS_WORKER_PREDICTOR_PARAMETERS_JSON_H_

#include <nlohmann/json.hpp>

#include "common/spaces/space.h"
#include "worker/base/result.h"

namespace photinus::predictor {

// A point of a space as a JSON object: numbers and strings by name.
nlohmann::ordered_json ParametersJson(const spaces::ParameterValues& parameters);

// The reverse. InvalidArgument unless it is an object of numbers and strings.
Result<spaces::ParameterValues> ParseParameters(const nlohmann::json& json);

}  // namespace photinus::predictor

#endif  // PHOTINUS_WORKER_PREDICTOR_PARAMETERS_JSON_H_
