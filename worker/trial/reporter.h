#ifndef PHOTINUS_WORKER_TRIAL_REPORTER_H_
#define PHOTINUS_WORKER_TRIAL_REPORTER_H_

#include <filesystem>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

namespace photinus::trial {

// Names and values, in the order in which they are printed.
using Metrics = std::vector<std::pair<std::string, double>>;

// Speaks to the agent: one JSON object per line, each flushed at once.
class Reporter {
 public:
  // out: outlives the reporter.
  explicit Reporter(std::ostream& out) : out_(out) {}

  void Measurement(int step, std::optional<double> elapsed_seconds, const Metrics& metrics);
  // Asks the agent to store a file with the trial.
  void Artifact(const std::string& name, const std::filesystem::path& path);
  void Final(const Metrics& metrics);
  void Infeasible(const std::string& reason);

 private:
  std::ostream& out_;
};

}  // namespace photinus::trial

#endif  // PHOTINUS_WORKER_TRIAL_REPORTER_H_
