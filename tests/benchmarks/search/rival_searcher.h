// Other systems' algorithms: Python child processes that speak lines of JSON (rivals/protocol.py says which).
#ifndef PHOTINUS_TESTS_BENCHMARKS_SEARCH_RIVAL_SEARCHER_H_
#define PHOTINUS_TESTS_BENCHMARKS_SEARCH_RIVAL_SEARCHER_H_

#include <sys/types.h>

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "nlohmann/json_fwd.hpp"
#include "tests/benchmarks/search/searcher.h"

namespace photinus {

struct Rival {
  const char* name;
  bool several_objectives;
};

// Every rival; rivals/launch.py knows their environments.
const std::vector<Rival>& Rivals();
const Rival* FindRival(const std::string& name);

// Installs what the rival needs into build/rivals, unless it is there. Unavailable if that fails.
absl::Status InstallRival(const std::string& name);

class RivalSearcher final : public Searcher {
 public:
  // Unavailable if the process does not start.
  static absl::StatusOr<std::unique_ptr<RivalSearcher>> Start(const Rival& rival, const Problem& problem,
                                                              uint64_t seed);
  ~RivalSearcher() override;
  RivalSearcher(const RivalSearcher&) = delete;
  RivalSearcher& operator=(const RivalSearcher&) = delete;

  absl::StatusOr<std::vector<Point>> Ask(int64_t first_trial, int count) override;
  absl::Status Tell(const std::vector<EvaluatedPoint>& trials) override;
  double CpuSeconds() const override { return cpu_seconds_ - start_cpu_seconds_; }
  std::string Versions() const override { return versions_; }

 private:
  RivalSearcher(const Problem& problem, pid_t pid, std::FILE* requests, std::FILE* answers)
      : problem_(problem), pid_(pid), requests_(requests), answers_(answers) {}

  // One line out, one line in. Internal with the rival's message if it failed.
  absl::StatusOr<nlohmann::json> Call(const nlohmann::json& request);

  const Problem& problem_;
  const pid_t pid_;
  std::FILE* const requests_;
  std::FILE* const answers_;
  std::string versions_;
  double start_cpu_seconds_ = 0, cpu_seconds_ = 0;
};

}  // namespace photinus

#endif  // PHOTINUS_TESTS_BENCHMARKS_SEARCH_RIVAL_SEARCHER_H_
