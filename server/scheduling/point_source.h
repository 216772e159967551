// Where the new points of a batch of claims come from: the study's algorithm, or a policy that has its place.
#ifndef PHOTINUS_SERVER_SCHEDULING_POINT_SOURCE_H_
#define PHOTINUS_SERVER_SCHEDULING_POINT_SOURCE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>

#include "absl/status/status.h"
#include "server/scheduling/suggest_points.h"
#include "server/study/study_store.h"

namespace photinus {

// The reason of an error: another transaction took the id for which the points were computed, so that they are to be
// planned anew.
inline constexpr char kTrialIdTaken[] = "TRIAL_ID_TAKEN";
absl::Status TrialIdTaken();

// One question, planned for the study as some snapshot saw it. Not thread-safe.
class PointSource {
 public:
  virtual ~PointSource() = default;

  // Gets the points, outside transactions. stopping: the server does. unwanted: nobody waits for the points any more,
  // or the server stops. Cancelled, and whatever the algorithm or the policy says.
  virtual absl::Status Compute(const std::function<bool()>& stopping, const std::function<bool()>& unwanted) = 0;

  // Makes the points fit where the next trial has another id now than when they were planned. attempt: how often they
  // were, from 1. kTrialIdTaken.
  virtual absl::Status FitToNextId(StudyEdit& edit, int attempt) = 0;
  // Writes what was said of the point of this number besides, now that it is a trial.
  virtual absl::Status Annotate(StudyEdit&, size_t /*point*/, TrialRow&) const { return absl::OkStatus(); }
  // Writes what is to be kept beside the trials that the first `used` points became.
  virtual absl::Status Keep(StudyEdit& edit, size_t used) const = 0;

  const SuggestedPoints& points() const { return points_; }
  int64_t left(size_t used) const { return static_cast<int64_t>(points_.suggestions.size() - used); }
  // Fewer points came than were asked for: there are no others.
  bool used_up() const { return static_cast<int>(points_.suggestions.size()) < inputs_.count; }

 protected:
  explicit PointSource(SuggestInputs inputs) : inputs_(std::move(inputs)) {}

  // kTrialIdTaken, unless all trials that came since the plan were created by clients. Another server that began with
  // the same id has suggested the same points.
  absl::Status CheckOnlyClientsAdded(StudyEdit& edit) const;

  SuggestInputs inputs_;
  SuggestedPoints points_;
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_SCHEDULING_POINT_SOURCE_H_
