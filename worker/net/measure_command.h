#ifndef PHOTINUS_WORKER_NET_MEASURE_COMMAND_H_
#define PHOTINUS_WORKER_NET_MEASURE_COMMAND_H_

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <string>

#include "common/spaces/space.h"
#include "worker/base/result.h"
#include "worker/energy/meters.h"
#include "worker/predictor/features.h"

namespace photinus::net {

struct MeasureOptions {
  std::string space;
  int count = 15000;  // networks
  std::uint64_t seed = 1;
  int repeats = 5;         // measurements of every `repeat_every`th network, which tell the noise
  int repeat_every = 100;  // the others are measured once
  energy::MeterOptions meter;
  std::function<bool()> stop = [] { return false; };  // asked before each inference and network
  std::string out;                                    // a file of measurements (worker/predictor/measurements.h)
};

// `measure`: draws networks of a space and measures them, one line of `out` each, until it has `count`. A file that is
// there already is continued, if it was begun with the same space, seed, meter, runner, seconds and repeats:
// InvalidArgument if it was not, or holds something else, or is no regular file. An empty file is a new one. Meters
// that need inferences get those of the network with random weights, as deployed networks run here
// (xnnpack::Inference). progress: called after each network with how many there are. NotFound: no such space or meter;
// InvalidArgument: a meter that does not see them (energy::CheckSeesProcessor); Unavailable: the file cannot be
// written, another process measures into it, the meter fails, or `stop` said so.
Result<void> RunMeasure(const MeasureOptions& options, const std::function<void(int done)>& progress);

struct MeasureNetworkOptions {
  std::string net;  // a .tflite file, or what graph::FindArchitecture finds
  int repeats = 5;
  std::uint64_t seed = 1;  // of the weights of a network that is no file, and of simulated noise
  energy::MeterOptions meter;
  std::function<bool()> stop = [] { return false; };  // asked before each inference
};

// `measure` of one given network: as one JSON object {"name", "meter", "runner", "energy_mj", "latency_ms", "noise_mj",
// "measured_mj"}, means of the repeats, the deviation of one of them, and each. runner: null where a device is
// simulated. NotFound: no such network or meter; InvalidArgument: the file holds no network, or as for RunMeasure;
// Unavailable: the file cannot be read, the meter fails, or `stop` said so.
Result<void> RunMeasureNetwork(const MeasureNetworkOptions& options, std::ostream& stream);

// What features are made of: the network of a point of a space, counted. NotFound, InvalidArgument: no such point.
Result<predictor::Network> CountNetwork(const std::string& space, const spaces::ParameterValues& point);

// The point with this index of the networks that `measure` draws by a seed. NotFound: no such space.
Result<spaces::ParameterValues> DrawPoint(const std::string& space, std::uint64_t seed, int index);

}  // namespace photinus::net

#endif  // PHOTINUS_WORKER_NET_MEASURE_COMMAND_H_
