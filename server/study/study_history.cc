#include "server/study/study_history.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/study_document/outcome_constraint.h"
#include "server/study/optimal_trials.h"

namespace photinus {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

size_t ChunkOf(int64_t id) { return static_cast<size_t>((id - 1) / TrialChunk::kTrials); }

size_t LowerBound(const TrialChunk& chunk, int64_t id) {
  return static_cast<size_t>(std::lower_bound(chunk.ids.begin(), chunk.ids.end(), id) - chunk.ids.begin());
}

bool Has(const TrialChunk& chunk, size_t row, int64_t id) { return row < chunk.ids.size() && chunk.ids[row] == id; }

template <typename T, typename Value>
void InsertAt(std::vector<T>& column, size_t row, Value value) {
  column.insert(column.begin() + static_cast<int64_t>(row), value);
}
template <typename T>
void EraseAt(std::vector<T>& column, size_t row) {
  column.erase(column.begin() + static_cast<int64_t>(row));
}

// The number that stands for a category.
double NumberOf(const Parameter& parameter, const std::string& category, TrialChunk& chunk) {
  const auto place = [&](const std::vector<std::string>& list) {
    return static_cast<size_t>(std::find(list.begin(), list.end(), category) - list.begin());
  };
  if (const size_t known = place(parameter.categories); known < parameter.categories.size()) {
    return static_cast<double>(known);
  }
  const size_t other = place(chunk.others);
  if (other == chunk.others.size()) chunk.others.push_back(category);
  return static_cast<double>(parameter.categories.size() + other);
}

const std::string& CategoryOf(const Parameter& parameter, double number, const TrialChunk& chunk) {
  const auto place = static_cast<size_t>(number);
  if (place < parameter.categories.size()) return parameter.categories[place];
  return chunk.others[place - parameter.categories.size()];
}

absl::StatusOr<std::pair<double, bool>> CellOf(const Parameter& parameter, const Point& point, TrialChunk& chunk) {
  const auto found = point.find(parameter.id);
  if (found == point.end()) return std::pair(0.0, false);
  if (parameter.type != Parameter::Type::kCategorical) {
    if (const auto* number = std::get_if<double>(&found->second)) return std::pair(*number, true);
  } else if (const auto* category = std::get_if<std::string>(&found->second)) {
    return std::pair(NumberOf(parameter, *category, chunk), true);
  }
  return absl::InternalError(absl::StrCat("a stored trial has a value of the wrong type for '", parameter.id, "'"));
}

// A new row at `row`, of which the parameters are set and the rest is not.
absl::Status InsertRow(const SearchSpace& space, const HistoryRow& trial, size_t row, TrialChunk& chunk) {
  InsertAt(chunk.ids, row, trial.id);
  InsertAt(chunk.states, row, uint8_t{0});
  InsertAt(chunk.apart, row, false);
  InsertAt(chunk.stopped_early, row, false);
  InsertAt(chunk.last_steps, row, int64_t{0});
  InsertAt(chunk.stops, row, nullptr);
  for (auto& column : chunk.objectives) InsertAt(column, row, kMissing);
  for (auto& column : chunk.slacks) InsertAt(column, row, kMissing);
  size_t known = 0;
  for (size_t p = 0; p < chunk.parameters.size(); ++p) {
    ASSIGN_OR_RETURN(const auto cell, CellOf(space.parameters()[p], trial.point, chunk));
    InsertAt(chunk.parameters[p].values, row, cell.first);
    InsertAt(chunk.parameters[p].active, row, cell.second);
    known += cell.second ? 1 : 0;
  }
  if (known == trial.point.size()) return absl::OkStatus();
  return absl::InternalError(absl::StrCat("stored trial ", trial.id, " has parameters that the space does not have"));
}

absl::Status PutRow(const SearchSpace& space, const HistoryRow& trial, TrialChunk& chunk) {
  const size_t row = LowerBound(chunk, trial.id);
  if (!Has(chunk, row, trial.id)) RETURN_IF_ERROR(InsertRow(space, trial, row, chunk));
  chunk.states[row] = static_cast<uint8_t>(trial.state);
  chunk.apart[row] = trial.apart;
  chunk.stopped_early[row] = trial.stopped_early;
  chunk.last_steps[row] = trial.last_step;
  chunk.stops[row] = trial.stop;
  for (size_t i = 0; i < chunk.objectives.size(); ++i) {
    chunk.objectives[i][row] = i < trial.objectives.size() ? trial.objectives[i] : kMissing;
  }
  for (size_t i = 0; i < chunk.slacks.size(); ++i) {
    chunk.slacks[i][row] = i < trial.slacks.size() ? trial.slacks[i] : kMissing;
  }
  return absl::OkStatus();
}

void EraseRow(int64_t id, TrialChunk& chunk) {
  const size_t row = LowerBound(chunk, id);
  if (!Has(chunk, row, id)) return;
  EraseAt(chunk.ids, row);
  EraseAt(chunk.states, row);
  EraseAt(chunk.apart, row);
  EraseAt(chunk.stopped_early, row);
  EraseAt(chunk.last_steps, row);
  EraseAt(chunk.stops, row);
  for (auto& column : chunk.objectives) EraseAt(column, row);
  for (auto& column : chunk.slacks) EraseAt(column, row);
  for (auto& column : chunk.parameters) {
    EraseAt(column.values, row);
    EraseAt(column.active, row);
  }
}

// Numbers the categories that the space does not know anew, by first appearance, without those that are gone.
void Renumber(const SearchSpace& space, TrialChunk& chunk) {
  const TrialChunk old = chunk;
  chunk.others.clear();
  for (size_t row = 0; row < chunk.ids.size(); ++row) {
    for (size_t p = 0; p < chunk.parameters.size(); ++p) {
      const Parameter& parameter = space.parameters()[p];
      TrialChunk::ParameterColumn& column = chunk.parameters[p];
      if (parameter.type != Parameter::Type::kCategorical || !column.active[row]) continue;
      column.values[row] = NumberOf(parameter, CategoryOf(parameter, column.values[row], old), chunk);
    }
  }
}

size_t BytesOf(const TrialChunk* chunk) {
  if (chunk == nullptr) return 0;
  size_t bytes = sizeof *chunk + chunk->ids.capacity() * (sizeof(int64_t) + sizeof(uint8_t)) +
                 (chunk->apart.capacity() + chunk->stopped_early.capacity()) / 8 +
                 chunk->last_steps.capacity() * sizeof(int64_t) +
                 chunk->stops.capacity() * sizeof(std::shared_ptr<const v1::StopDecision>) +
                 chunk->parameters.capacity() * sizeof(TrialChunk::ParameterColumn) +
                 (chunk->objectives.capacity() + chunk->slacks.capacity()) * sizeof(std::vector<double>);
  for (const auto& column : chunk->parameters)
    bytes += column.values.capacity() * sizeof(double) + column.active.capacity() / 8;
  for (const auto& column : chunk->objectives) bytes += column.capacity() * sizeof(double);
  for (const auto& column : chunk->slacks) bytes += column.capacity() * sizeof(double);
  for (const auto& stop : chunk->stops) bytes += stop == nullptr ? 0 : stop->SpaceUsedLong();
  for (const std::string& other : chunk->others) bytes += sizeof(std::string) + other.capacity();
  return bytes;
}

// Copies of chunks that the caller may change, made as they are asked for.
class ChunkEditor {
 public:
  ChunkEditor(const StudyProblem& problem, StudyHistory::Chunks& chunks) : problem_(problem), chunks_(chunks) {}

  TrialChunk& At(size_t index) {
    if (index == open_index_ && open_ != nullptr) return *open_;
    Close();
    if (index >= chunks_.size()) chunks_.resize(index + 1);
    open_ = chunks_[index] == nullptr ? Empty() : std::make_shared<TrialChunk>(*chunks_[index]);
    open_index_ = index;
    before_ = open_->ids.size();
    bytes_ -= static_cast<int64_t>(BytesOf(chunks_[index].get()));
    return *open_;
  }
  // Puts the last one back. Afterwards the changes of size and bytes are known.
  void Close() {
    if (open_ == nullptr) return;
    if (!open_->others.empty()) Renumber(problem_.space, *open_);
    size_ += static_cast<int64_t>(open_->ids.size()) - static_cast<int64_t>(before_);
    chunks_[open_index_] = open_->ids.empty() ? nullptr : std::move(open_);
    bytes_ += static_cast<int64_t>(BytesOf(chunks_[open_index_].get()));
    open_ = nullptr;
  }
  int64_t size() const { return size_; }
  int64_t bytes() const { return bytes_; }

 private:
  std::shared_ptr<TrialChunk> Empty() const {
    auto chunk = std::make_shared<TrialChunk>();
    chunk->parameters.resize(problem_.space.parameters().size());
    chunk->objectives.resize(problem_.objectives.size());
    chunk->slacks.resize(problem_.constraints.size());
    return chunk;
  }

  const StudyProblem& problem_;
  StudyHistory::Chunks& chunks_;
  std::shared_ptr<TrialChunk> open_;
  size_t open_index_ = 0;
  size_t before_ = 0;
  int64_t size_ = 0;
  int64_t bytes_ = 0;
};

// What counts in the search for optima; nullopt for a trial that does not take part.
std::optional<TrialCosts> CostsOf(const StudyProblem& problem, const HistoryTrial& trial) {
  if (trial.state() != pb::Trial::SUCCEEDED || trial.apart()) return std::nullopt;
  if (Violates(trial.slacks())) return std::nullopt;
  TrialCosts costs{trial.id(), trial.objectives()};
  for (size_t i = 0; i < costs.costs.size(); ++i) {
    if (!std::isfinite(costs.costs[i])) return std::nullopt;
    if (problem.objectives[i].maximize) costs.costs[i] = -costs.costs[i];
  }
  return costs;
}

}  // namespace

Point HistoryTrial::point() const {
  Point point;
  const auto& parameters = problem_->space.parameters();
  for (size_t p = 0; p < parameters.size(); ++p) {
    const TrialChunk::ParameterColumn& column = chunk_->parameters[p];
    if (!column.active[row_]) continue;
    const double value = column.values[row_];
    if (parameters[p].type == Parameter::Type::kCategorical) {
      point.emplace(parameters[p].id, CategoryOf(parameters[p], value, *chunk_));
    } else {
      point.emplace(parameters[p].id, value);
    }
  }
  return point;
}

std::vector<double> HistoryTrial::objectives() const {
  std::vector<double> values;
  values.reserve(chunk_->objectives.size());
  for (const auto& column : chunk_->objectives) values.push_back(column[row_]);
  return values;
}

std::vector<double> HistoryTrial::slacks() const {
  std::vector<double> values;
  values.reserve(chunk_->slacks.size());
  for (const auto& column : chunk_->slacks) values.push_back(column[row_]);
  return values;
}

void StudyHistory::Iterator::SkipEmpty() {
  while (chunk_ < history_->chunks_.size() && history_->chunks_[chunk_] == nullptr) ++chunk_;
}

StudyHistory::Iterator& StudyHistory::Iterator::operator++() {
  if (++row_ < history_->chunks_[chunk_]->ids.size()) return *this;
  row_ = 0;
  ++chunk_;
  SkipEmpty();
  return *this;
}

std::optional<HistoryTrial> StudyHistory::Find(int64_t id) const {
  if (id < 1 || ChunkOf(id) >= chunks_.size() || chunks_[ChunkOf(id)] == nullptr) return std::nullopt;
  const TrialChunk& chunk = *chunks_[ChunkOf(id)];
  const size_t row = LowerBound(chunk, id);
  if (!Has(chunk, row, id)) return std::nullopt;
  return HistoryTrial(*problem_, chunk, row);
}

std::vector<HistoryTrial> StudyHistory::Latest(pb::Trial::State state, size_t limit) const {
  std::vector<HistoryTrial> latest;
  for (auto chunk = chunks_.rbegin(); chunk != chunks_.rend() && latest.size() < limit; ++chunk) {
    if (*chunk == nullptr) continue;
    for (size_t row = (*chunk)->ids.size(); row-- > 0 && latest.size() < limit;) {
      if ((*chunk)->apart[row]) continue;
      if ((*chunk)->states[row] == static_cast<uint8_t>(state)) latest.emplace_back(*problem_, **chunk, row);
    }
  }
  std::reverse(latest.begin(), latest.end());
  return latest;
}

absl::StatusOr<StudyHistory> StudyHistory::Updated(int64_t version, const std::vector<HistoryRow>& changed,
                                                   const std::vector<int64_t>& deleted) const {
  StudyHistory updated = *this;
  updated.version_ = version;
  ChunkEditor editor(*problem_, updated.chunks_);
  for (const HistoryRow& trial : changed) {
    RETURN_IF_ERROR(PutRow(problem_->space, trial, editor.At(ChunkOf(trial.id))));
  }
  for (const int64_t id : deleted) EraseRow(id, editor.At(ChunkOf(id)));
  editor.Close();
  while (!updated.chunks_.empty() && updated.chunks_.back() == nullptr) updated.chunks_.pop_back();
  updated.size_ += static_cast<size_t>(editor.size());
  updated.bytes_ += static_cast<size_t>(editor.bytes());
  updated.FindOptimal(*this, changed);
  return updated;
}

std::optional<TrialCosts> StudyHistory::CostsOf(int64_t id) const {
  const auto trial = Find(id);
  return trial.has_value() ? photinus::CostsOf(*problem_, *trial) : std::nullopt;
}

void StudyHistory::FindOptimal(const StudyHistory& old, const std::vector<HistoryRow>& changed) {
  // Where all that were optimal still are what they were, only new ones can dominate them.
  const bool all_kept = std::all_of(old.optimal().begin(), old.optimal().end(),
                                    [&](int64_t id) { return CostsOf(id) == old.CostsOf(id); });
  std::vector<TrialCosts> costs;
  if (all_kept) {
    std::set<int64_t> candidates(old.optimal().begin(), old.optimal().end());
    const size_t known = candidates.size();
    for (const HistoryRow& trial : changed) {
      if (trial.state == pb::Trial::SUCCEEDED && !trial.apart) candidates.insert(trial.id);
    }
    if (candidates.size() == known) return;
    for (const int64_t id : candidates) {
      if (auto each = CostsOf(id); each.has_value()) costs.push_back(*std::move(each));
    }
  } else {
    for (const HistoryTrial trial : *this) {
      if (auto each = photinus::CostsOf(*problem_, trial); each.has_value()) costs.push_back(*std::move(each));
    }
  }
  optimal_ = std::make_shared<const std::vector<int64_t>>(OptimalTrials(std::move(costs)));
}

}  // namespace photinus
