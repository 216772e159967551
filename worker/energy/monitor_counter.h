#ifndef PHOTINUS_WORKER_ENERGY_MONITOR_COUNTER_H_
#define PHOTINUS_WORKER_ENERGY_MONITOR_COUNTER_H_

#include <memory>
#include <string>
#include <vector>

#include "worker/energy/energy_counter.h"

namespace photinus::energy {

// The command-line program of a power monitor, such as a Monsoon's or an INA226's. It is started for each run, without
// a shell, and prints lines of JSON to stdout, flushed at once:
//   {"watts": 1.31}    a sample of the power since the line before
//   {"joules": 0.42}   the energy since the program began to measure
// one kind or the other; other lines are passed over. The run begins once the first such line is there. At its end the
// program gets SIGINT, as by Ctrl-C; it may print last lines (a total should be one of them) and ends. The energy is
// that of the last line less that of the first, or the mean of the samples after the first times the duration of the
// run.
struct MonitorOptions {
  double ready_seconds = 30;  // for the first line
  double end_seconds = 10;    // from SIGINT to the program's end; it is killed then, which is an error
};

// argv: program and arguments; not empty.
// Its Start returns NotFound: no such program; Unavailable: it ended or kept silent. Its Stop returns Unavailable: it
// did not end, or printed nothing of use after the first line.
std::unique_ptr<EnergyCounter> NewMonitorCounter(std::vector<std::string> argv, MonitorOptions options = {});

}  // namespace photinus::energy

#endif  // PHOTINUS_WORKER_ENERGY_MONITOR_COUNTER_H_
