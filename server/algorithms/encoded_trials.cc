#include "server/algorithms/encoded_trials.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "common/base/random.h"

namespace photinus {
namespace {

constexpr size_t kVisitedBytes = 64;  // of one point in a set, about

template <typename T>
void EraseRow(std::vector<T>& column, size_t row, size_t width) {
  const auto first = column.begin() + static_cast<long>(row * width);
  column.erase(first, first + static_cast<long>(width));
}

}  // namespace

EncodedTrials::EncodedTrials(const SearchSpace& space, std::vector<Objective> objectives, size_t constraints)
    : flatten_(space),
      objectives_(std::move(objectives)),
      constraints_(constraints),
      unit_dimension_(static_cast<size_t>(flatten_.dimension())) {}

size_t EncodedTrials::LowerBound(int64_t id) const {
  if (ids_.empty() || ids_.back() < id) return ids_.size();
  return static_cast<size_t>(std::lower_bound(ids_.begin(), ids_.end(), id) - ids_.begin());
}

size_t EncodedTrials::RowOf(int64_t id) const { return LowerBound(id); }

bool EncodedTrials::Contains(int64_t id) const {
  const size_t row = LowerBound(id);
  return row < ids_.size() && ids_[row] == id;
}

UnitPoint EncodedTrials::unit(size_t row) const {
  const auto first = units_.begin() + static_cast<long>(row * unit_dimension_);
  return {first, first + static_cast<long>(unit_dimension_)};
}

bool EncodedTrials::IsInside(size_t row) const {
  const auto first = units_.begin() + static_cast<long>(row * unit_dimension_);
  return std::all_of(first, first + static_cast<long>(unit_dimension_), [](double u) { return u >= 0 && u <= 1; });
}

void EncodedTrials::Add(int64_t id, const Point& point) {
  const size_t row = LowerBound(id);
  const auto at = [row](auto& column, size_t width) { return column.begin() + static_cast<long>(row * width); };
  std::optional<UnitPoint> unit = flatten_.ToUnit(point);
  ++encodings_;
  const Status status = unit.has_value() ? Status::kPending : Status::kForeign;
  unit = std::move(unit).value_or(UnitPoint(unit_dimension_));
  ids_.insert(ids_.begin() + static_cast<long>(row), id);
  key_ += SplitMix64(static_cast<uint64_t>(id));
  statuses_.insert(statuses_.begin() + static_cast<long>(row), status);
  units_.insert(at(units_, unit_dimension_), unit->begin(), unit->end());
  goals_.insert(at(goals_, width()), width(), std::numeric_limits<double>::quiet_NaN());
  Count(row, 1);
}

void EncodedTrials::SetFinished(int64_t id, const std::vector<double>& objectives, bool infeasible,
                                const std::vector<double>& slacks) {
  const size_t row = RowOf(id);
  const std::optional<std::vector<double>> goals = GoalsOf(objectives, infeasible, objectives_);
  const bool known = slacks.size() == constraints_ &&
                     std::all_of(slacks.begin(), slacks.end(), [](double slack) { return std::isfinite(slack); });
  if (!goals.has_value() || !known) return SetStatus(row, Status::kFailed);
  const auto first = goals_.begin() + static_cast<long>(row * width());
  std::copy(slacks.begin(), slacks.end(), std::copy(goals->begin(), goals->end(), first));
  SetStatus(row, Status::kEvaluated);
}

bool EncodedTrials::Satisfies(size_t row) const {
  const double* const slacks = goals(row) + objectives_.size();
  return std::all_of(slacks, slacks + constraints_, [](double slack) { return slack >= 0; });
}

void EncodedTrials::SetStatus(size_t row, Status status) {
  if (statuses_[row] == Status::kForeign) return;
  Count(row, -1);
  statuses_[row] = status;
  Count(row, 1);
}

void EncodedTrials::Count(size_t row, int change) {
  const Status status = statuses_[row];
  if (status == Status::kForeign) return;
  (status == Status::kPending ? pending_ : status == Status::kFailed ? failed_ : evaluated_) += change;
  VisitedPoints& points = status == Status::kPending  ? pending_points_
                          : status == Status::kFailed ? failed_points_
                                                      : evaluated_points_;
  if (change > 0) {
    points.Add(unit(row));
  } else {
    points.Remove(unit(row));
  }
}

void EncodedTrials::Erase(int64_t id) {
  const size_t row = RowOf(id);
  Count(row, -1);
  key_ -= SplitMix64(static_cast<uint64_t>(id));
  EraseRow(ids_, row, 1);
  EraseRow(statuses_, row, 1);
  EraseRow(units_, row, unit_dimension_);
  EraseRow(goals_, row, width());
}

size_t EncodedTrials::bytes() const {
  return sizeof *this + ids_.capacity() * (sizeof(int64_t) + sizeof(Status)) +
         (units_.capacity() + goals_.capacity()) * sizeof(double) +
         (pending_points_.size() + failed_points_.size() + evaluated_points_.size()) * kVisitedBytes;
}

std::vector<UnitPoint> EncodedTrials::PointsThatOnlyFailed() const {
  std::vector<UnitPoint> points;
  for (size_t row = 0; failed_ > 0 && row < size(); ++row) {
    if (status(row) != Status::kFailed) continue;
    UnitPoint point = unit(row);
    if (!evaluated_points_.Contains(point)) points.push_back(std::move(point));
  }
  return points;
}

uint64_t EncodedTrials::KeyOfFirst(size_t rows) const {
  uint64_t key = key_;
  for (size_t row = rows; row < size(); ++row) key -= SplitMix64(static_cast<uint64_t>(ids_[row]));
  return key;
}

}  // namespace photinus
