// The quality gate of the default algorithm: what it scored in the suite `gate` when it was last accepted, and how much
// worse it may be.
#ifndef PHOTINUS_TESTS_BENCHMARKS_SEARCH_QUALITY_GATE_H_
#define PHOTINUS_TESTS_BENCHMARKS_SEARCH_QUALITY_GATE_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/benchmarks/search/searcher.h"

namespace photinus {

// By problem of the suite: the anytime score (ScoreOf) on each instance.
using GateScores = std::map<std::string, std::vector<double>>;

using SearcherMaker = std::function<std::unique_ptr<Searcher>(const Problem&, uint64_t seed)>;
// seeds: so many instances of each problem, at most the suite's. Runs are bit for bit the same on machines of one kind.
GateScores ScoreGate(const SearcherMaker& make, int seeds);
GateScores ScoreDefaultForGate();

// Bounds of what scores may lose against the accepted ones, log10. Where something rounds differently, as another kind
// of machine or compiler does, searches part after some trials: that alone moves the mean by 0.02 (standard error) and
// a problem by up to 0.11.
inline constexpr double kMeanLoss = 0.05;    // mean over problems of means over instances
inline constexpr double kProblemLoss = 0.3;  // of one problem

// Mean over problems of what the scores lose, over the instances that they have; all are among the accepted ones.
double MeanLoss(const GateScores& scores, const GateScores& accepted);
// What is wrong, a line for each; empty: nothing. Both have the same problems and instances.
std::string FindLosses(const GateScores& scores, const GateScores& accepted);

inline constexpr char kAcceptedScores[] = SEARCH_DATA "/gate_scores.json";
// Empty if there is no such file.
GateScores ReadGateScores(const std::string& path);
bool WriteGateScores(const std::string& path, const GateScores& scores);

}  // namespace photinus

#endif  // PHOTINUS_TESTS_BENCHMARKS_SEARCH_QUALITY_GATE_H_
