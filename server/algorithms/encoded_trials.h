// All trials of a study as models see them, kept up to date trial by trial.
#ifndef PHOTINUS_SERVER_ALGORITHMS_ENCODED_TRIALS_H_
#define PHOTINUS_SERVER_ALGORITHMS_ENCODED_TRIALS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "common/space/flatten.h"
#include "server/algorithms/sampling/visited_points.h"
#include "server/algorithms/suggestion_algorithm.h"

namespace photinus {

// By row, ascending trial id. A trial's point is encoded once, when it is added; what becomes of the trial costs no
// more than its objectives. Not thread-safe.
class EncodedTrials {
 public:
  enum class Status : uint8_t {
    kPending,    // being evaluated
    kEvaluated,  // with goals, and all slacks known
    kFailed,     // without
    kForeign,    // a point that the space cannot place; of no use
  };

  EncodedTrials(const SearchSpace& space, std::vector<Objective> objectives, size_t constraints = 0);
  // Borrowed by its sets of points, so it stays where it is.
  EncodedTrials(const EncodedTrials&) = delete;
  EncodedTrials& operator=(const EncodedTrials&) = delete;

  // A trial that is not known yet, pending.
  void Add(int64_t id, const Point& point);
  // What became of a known trial. objectives: in the metrics' own units; slacks: by constraint.
  void SetPending(int64_t id) { SetStatus(RowOf(id), Status::kPending); }
  void SetFinished(int64_t id, const std::vector<double>& objectives, bool infeasible,
                   const std::vector<double>& slacks = {});
  void Erase(int64_t id);

  const Flatten& flatten() const { return flatten_; }
  const std::vector<Objective>& objectives() const { return objectives_; }
  size_t constraints() const { return constraints_; }
  size_t size() const { return ids_.size(); }
  int64_t evaluated() const { return evaluated_; }
  int64_t failed() const { return failed_; }
  int64_t pending() const { return pending_; }

  bool Contains(int64_t id) const;
  // Of a known trial.
  size_t RowOf(int64_t id) const;
  // The first row whose id is `id` or greater.
  size_t LowerBound(int64_t id) const;
  int64_t id(size_t row) const { return ids_[row]; }
  Status status(size_t row) const { return statuses_[row]; }
  // Coordinates in the unit cube. Features are not kept: they may be many times as many.
  UnitPoint unit(size_t row) const;
  // Whether these are in the cube: a finished trial from elsewhere may lie outside the bounds.
  bool IsInside(size_t row) const;
  // GoalsOf and then the slacks, of evaluated trials.
  const double* goals(size_t row) const { return &goals_[row * width()]; }
  // Whether an evaluated trial violates no constraint.
  bool Satisfies(size_t row) const;

  // Points of trials by what became of them; a point may be in several of these sets.
  const VisitedPoints& pending_points() const { return pending_points_; }
  const VisitedPoints& failed_points() const { return failed_points_; }
  const VisitedPoints& evaluated_points() const { return evaluated_points_; }
  // All three.
  std::vector<const VisitedPoints*> points() const { return {&pending_points_, &failed_points_, &evaluated_points_}; }
  bool HasPoint(uint64_t key) const {  // a PointKey in any of them
    return pending_points_.ContainsKey(key) || failed_points_.ContainsKey(key) || evaluated_points_.ContainsKey(key);
  }
  // Points of failed trials that no trial evaluated.
  std::vector<UnitPoint> PointsThatOnlyFailed() const;

  // Tells sets of trials apart: a sum over the ids of the first `rows` rows. Takes as long as there are other rows.
  uint64_t KeyOfFirst(size_t rows) const;

  // How often a point was encoded.
  int64_t encodings() const { return encodings_; }
  size_t bytes() const;

 private:
  size_t width() const { return objectives_.size() + constraints_; }
  void SetStatus(size_t row, Status status);
  void Count(size_t row, int change);

  const Flatten flatten_;
  const std::vector<Objective> objectives_;
  const size_t constraints_;
  const size_t unit_dimension_;
  std::vector<int64_t> ids_;
  std::vector<Status> statuses_;
  std::vector<double> units_, goals_;
  VisitedPoints pending_points_{flatten_}, failed_points_{flatten_}, evaluated_points_{flatten_};
  uint64_t key_ = 0;  // KeyOfFirst(size())
  int64_t evaluated_ = 0, failed_ = 0, pending_ = 0;
  int64_t encodings_ = 0;
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_ALGORITHMS_ENCODED_TRIALS_H_
