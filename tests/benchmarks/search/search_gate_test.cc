// The quality gate of the default algorithm: the suite `gate` of `./run bench search`, small enough for every change.
#include <memory>
#include <string>
#include <vector>

#include "common/base/random.h"
#include "common/space/flatten.h"
#include "gtest/gtest.h"
#include "server/algorithms/registry.h"
#include "tests/benchmarks/search/own_searcher.h"
#include "tests/benchmarks/search/quality_gate.h"
#include "tests/benchmarks/search/statistics.h"

namespace photinus {
namespace {

// The default algorithm, but the trials whose number is a multiple of `period` are random.
class WeakenedSearcher final : public Searcher {
 public:
  WeakenedSearcher(const Problem& problem, uint64_t seed, int64_t period)
      : own_(*MakeAlgorithm("DEFAULT"), problem, seed), flatten_(problem.space), random_(seed), period_(period) {}

  absl::StatusOr<std::vector<Point>> Ask(int64_t first_trial, int count) override {
    if (first_trial % period_ != 0) return own_.Ask(first_trial, count);
    UnitPoint unit(flatten_.dimension());
    for (double& u : unit) u = random_.Uniform();
    return std::vector<Point>{flatten_.ToPoint(unit)};
  }
  absl::Status Tell(const std::vector<EvaluatedPoint>& trials) override { return own_.Tell(trials); }
  double CpuSeconds() const override { return own_.CpuSeconds(); }
  std::string Versions() const override { return "weakened"; }

 private:
  OwnSearcher own_;
  const Flatten flatten_;
  Random random_;
  const int64_t period_;
};

TEST(SearchGate, DefaultAlgorithmIsAsGoodAsItWas) {
  const GateScores scores = ScoreDefaultForGate(), accepted = ReadGateScores(kAcceptedScores);
  for (const auto& [problem, values] : scores) RecordProperty(problem, std::to_string(Mean(values)));
  EXPECT_EQ(FindLosses(scores, accepted), "")
      << "Where the loss is meant, or a change of luck that `./run bench search` on whole suites does not confirm: "
         "`./run bench search --accept-gate` makes these scores the accepted ones.";
}

TEST(SearchGate, NoticesAnAlgorithmHalfOfWhosePointsAreRandom) {
  const auto make = [](const Problem& problem, uint64_t seed) {
    return std::make_unique<WeakenedSearcher>(problem, seed, /*period=*/2);
  };
  const double loss = MeanLoss(ScoreGate(make, /*seeds=*/2), ReadGateScores(kAcceptedScores));
  RecordProperty("loss", std::to_string(loss));
  EXPECT_GT(loss, kMeanLoss);
}

}  // namespace
}  // namespace photinus
