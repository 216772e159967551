#ifndef PHOTINUS_WORKER_PREDICTOR_MEASUREMENTS_H_
#define PHOTINUS_WORKER_PREDICTOR_MEASUREMENTS_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "worker/base/result.h"
#include "worker/predictor/features.h"

namespace photinus::predictor {

// A network with what was measured of it, once or several times.
struct MeasuredNetwork {
  int index = 0;  // 0, 1, ... in the order of the draw
  Network network;
  std::vector<double> energy_mj;
  std::vector<double> latency_ms;  // as many

  double MeanEnergy() const;
  double MeanLatency() const;
};

// What was measured, and with what: the first line of the file.
struct MeasurementsHeader {
  std::string space;
  std::uint64_t seed = 0;
  std::string meter;
  std::string runner;  // of the inferences: "xnnpack" or "interpreter"; empty where a device is simulated
  double seconds = 0;  // of inferences per measurement; 0 where a device is simulated
  int repeats = 1;     // of every `repeat_every`th network; others are measured once
  int repeat_every = 1;

  friend bool operator==(const MeasurementsHeader&, const MeasurementsHeader&) = default;
};

struct Measurements {
  MeasurementsHeader header;
  std::vector<MeasuredNetwork> networks;
};

// A file of measurements is JSON lines, so that one network more is one line more:
//   {"format": "photinus-measurements", "version": 1, "space": ..., "seed": ..., "meter": ..., "runner": ...,
//    "seconds": ..., "repeats": ..., "repeat_every": ...}
//   {"index": 0, "parameters": {...}, "flops": ..., "size_bytes": ..., "energy_mj": [...], "latency_ms": [...]}
std::string HeaderLine(const MeasurementsHeader& header);
std::string NetworkLine(const MeasuredNetwork& network);

// The content of such a file. A last line without its end, which a killed writer leaves, is passed over; `complete`
// gets the number of bytes before it. InvalidArgument, with the label and the line, for anything else, such as an index
// out of turn, or an energy that is not greater than 0 and below 1e9 mJ.
Result<Measurements> ParseMeasurements(std::string_view content, const std::string& label,
                                       std::size_t* complete = nullptr);

// NotFound, Unavailable, or as above.
Result<Measurements> ReadMeasurements(const std::string& path);

// The standard deviation of one energy measurement: of all networks that were measured more than once, the root of the
// mean variance. 0 if there are none.
double EnergyNoise(const std::vector<MeasuredNetwork>& networks);

}  // namespace photinus::predictor

#endif  // PHOTINUS_WORKER_PREDICTOR_MEASUREMENTS_H_
