// The interface of all early-stopping rules: learning curves in, decision and reason out.
#ifndef PHOTINUS_SERVER_STOPPING_STOPPING_RULE_H_
#define PHOTINUS_SERVER_STOPPING_STOPPING_RULE_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/study_document/study_document.h"
#include "server/stopping/learning_curve.h"

namespace photinus {

// What a rule has learnt from finished trials. Immutable, hence thread-safe; of use to the rule that learnt it alone.
class StoppingModel {
 public:
  virtual ~StoppingModel() = default;
  virtual size_t bytes() const = 0;  // about
};

struct StoppingRequest {
  const LearningCurve& trial;  // the one to decide on
  StudyCurves study;
  // What Learn made of this study, at whatever time; null: nothing yet.
  const StoppingModel* model = nullptr;
};

struct StoppingDecision {
  bool stop = false;
  std::string reason;  // one line with the figures that decided; also where the answer is no
  // What is expected of the trial if it went on to its horizon, as a goal.
  std::optional<double> predicted_final;
  std::optional<double> predicted_stddev;
  std::optional<double> reference;  // the goal that it has to exceed
  // The rule would stop the trial, but lets it run so that one can see whether it would have been right.
  bool exempt = false;
  // The trial is of the share that no prediction stops, whether it would have or not.
  bool of_exempt_share = false;
};

// A decision is a function of the request: equal requests give equal decisions, and no request makes a rule learn.
// Thread-safe.
class StoppingRule {
 public:
  virtual ~StoppingRule() = default;

  virtual absl::StatusOr<StoppingDecision> Decide(const StoppingRequest& request) const = 0;

  // True if Decide wants a model, and one that was made of `then` finished trials is out of date now that there are
  // `now` (then = 0: there is none).
  virtual bool LearnsAnew(int64_t /*then*/, int64_t /*now*/) const { return false; }
  // What the finished trials teach: too slow for a request, and for another thread. Null: nothing yet, or cancelled.
  virtual std::shared_ptr<const StoppingModel> Learn(const StudyCurves&,
                                                     const std::function<bool()>& /*cancelled*/) const {
    return nullptr;
  }
};

// The rule that settings.rule names, with the options set there. InvalidArgument, a FieldError in `early_stopping`: no
// rule has that name (with the list of those that there are), or the rule does not have an option that is set.
absl::StatusOr<std::unique_ptr<StoppingRule>> MakeStoppingRule(const EarlyStoppingSettings& settings);
std::vector<std::string> StoppingRuleNames();

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STOPPING_STOPPING_RULE_H_
