// Stopping rules on curves that were recorded from real trials.
#ifndef PHOTINUS_TESTS_BENCHMARKS_STOPPING_STOPPING_REPLAY_H_
#define PHOTINUS_TESTS_BENCHMARKS_STOPPING_STOPPING_REPLAY_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/stopping/learning_curve.h"
#include "tests/benchmarks/stopping/stopping_study.h"

namespace photinus {

// The trials of one study that ran to their ends, in the order in which they were proposed.
struct RecordedStudy {
  std::string name;
  std::vector<LearningCurve> trials;  // with features, offset and goal
};

// A file of real_study.py: a line of JSON per trial, with `study`, `trial` (its number), `parameters` of the space
// keywords-small, `curve` (values at steps 1, 2, ...), `goal` and `offset`. NotFound: no file. InvalidArgument: a line
// of it, with its number.
absl::StatusOr<std::vector<RecordedStudy>> ReadRecordedStudies(const std::string& path);

// The rule (RuleSettings) on a study, whose trials are the same whatever it stops. InvalidArgument: the rule.
absl::StatusOr<StudyOutcome> ReplayStudy(const std::string& rule, const RecordedStudy& study);

// Of all rules on all studies, in Markdown.
absl::StatusOr<std::string> ReplayTable(const std::vector<std::string>& rules,
                                        const std::vector<RecordedStudy>& studies);

}  // namespace photinus

#endif  // PHOTINUS_TESTS_BENCHMARKS_STOPPING_STOPPING_REPLAY_H_
