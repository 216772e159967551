// A study's spec and document, validated and ready to use.
#ifndef PHOTINUS_SERVER_STUDY_STUDY_PROBLEM_H_
#define PHOTINUS_SERVER_STUDY_STUDY_PROBLEM_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/base/names.h"
#include "common/base/pb.h"
#include "common/expression/expression.h"
#include "common/space/search_space.h"
#include "common/study_document/study_document.h"
#include "photinus/v1/warm_start.pb.h"

namespace photinus {

struct ObjectiveMetric {
  std::string metric;
  bool maximize = true;
};

// What a trial must satisfy to be feasible: an outcome constraint of the study document, or a safety metric of the
// spec.
struct ProblemConstraint {
  OutcomeConstraint outcome;
  double least_feasible = 0;  // the share of trials that are to satisfy it; 0: any
};

// A metric that is computed from reported ones.
struct DerivedFormula {
  std::string metric;
  Expression expression;
};

struct StudyProblem {
  std::string algorithm;
  bool noisy = false;  // the spec says that repeats are worthwhile
  SearchSpace space;
  std::vector<ObjectiveMetric> objectives;     // the spec's metrics without safety metrics, in its order
  std::vector<ProblemConstraint> constraints;  // the spec's safety metrics, then those of the document
  std::vector<DerivedFormula> derived;
  StudyDocument document;
  // HOST:PORT of the policy that suggests, and stops trials unless the document has a rule: the spec's default stopping
  // is then the policy's. Empty: the algorithm is ours.
  std::string pythia_endpoint;
  // What was copied for a study that starts warm; only in the problem of a stored study.
  v1::WarmStart prior;

  // How many attempts of a trial may be lost before it is given up.
  int64_t max_attempts() const { return document.trial.value_or(TrialSettings()).max_attempts; }
};

// `spec` with its metadata. InvalidArgument: a FieldError with the path of the field at fault inside the spec. An empty
// spec is legal. Whether the algorithm and the stopping rule exist, or the endpoint is allowed,
// is not checked here.
absl::StatusOr<StudyProblem> ParseStudyProblem(const pb::StudySpec& spec);

// What all randomness of the study derives from: the document's seed, else one made from the name.
uint64_t StudySeed(const StudyProblem& problem, const StudyName& name);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STUDY_STUDY_PROBLEM_H_
