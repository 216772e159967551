#ifndef PHOTINUS_WORKER_NET_ENERGY_COMMANDS_H_
#define PHOTINUS_WORKER_NET_ENERGY_COMMANDS_H_

#include <cstdint>
#include <iosfwd>
#include <string>

#include "worker/base/result.h"
#include "worker/predictor/fit.h"

namespace CLI {
class App;
}

namespace photinus::net {

// `energy fit`: a model of the file of measurements `data` into `model`, and what it came to on `stream`. With a
// `report` folder: report.md there, with parity.svg, flops.svg and latency.svg. Errors: those of ReadMeasurements and
// FitEnergyModel; Unavailable when files cannot be written.
Result<void> RunEnergyFit(const std::string& data, const std::string& model, const std::string& report,
                          const predictor::FitOptions& options, std::ostream& stream);

// `energy predict`: the energy of networks by a model, for each a line with a JSON object {"energy_mj", "flops",
// "size_bytes"}. The networks are those of the file `point`, which has a point (a trial's parameters) as a JSON object,
// or one on each line; if that name is empty the one that `measure --seed` draws first.
Result<void> RunEnergyPredict(const std::string& model, const std::string& point, std::uint64_t seed,
                              std::ostream& stream);

// `energy profile`: what a network costs on a simulated device, whole and per layer, without noise. net: a baseline's
// name, else a file with an architecture in JSON.
Result<void> RunEnergyProfile(const std::string& net, const std::string& device, bool as_json, std::ostream& stream);

// Adds `measure` and the verbs of `energy`: fit, predict, profile. They behave as AddNetCommands says.
void AddEnergyCommands(CLI::App& app);

}  // namespace photinus::net

#endif  // PHOTINUS_WORKER_NET_ENERGY_COMMANDS_H_
