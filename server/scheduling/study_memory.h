// What the search of a study keeps in memory between requests. All of it is made anew where it was forgotten, and no
// answer depends on it (docs/decisions/0011).
#ifndef PHOTINUS_SERVER_SCHEDULING_STUDY_MEMORY_H_
#define PHOTINUS_SERVER_SCHEDULING_STUDY_MEMORY_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "common/base/mutex.h"
#include "server/scheduling/suggest_points.h"
#include "server/study/lru_map.h"

namespace photinus {

inline constexpr size_t kLeastMemoryBytes = 1024;  // of a study of which little is known

// Of one study: its trials as models see them, what the algorithm caches, and what the next request will get.
// Thread-safe.
class StudyMemory {
 public:
  // As SuggestPoints; costs what changed since the last call. Waits for Prepare only where that computes the same.
  absl::StatusOr<SuggestedPoints> Suggest(const SuggestionAlgorithm& algorithm, const SuggestInputs& inputs,
                                          const std::function<bool()>& cancelled);

  // Computes what Suggest will answer to these inputs. Cancelled also if a request with newer ones waits, or if one
  // with these came first: what it makes of the answer is a new version.
  absl::Status Prepare(const SuggestionAlgorithm& algorithm, const SuggestInputs& inputs,
                       const std::function<bool()>& cancelled);
  // What Prepare computed, at least `count` points, if the study is still at that version with that state. Never waits.
  std::optional<SuggestedPoints> Prepared(int64_t version, std::string_view state, int64_t count);

  // As SuggestionAlgorithm::Learn.
  SuggestionAlgorithm::Lesson Learn(const SuggestionAlgorithm& algorithm, const SuggestInputs& inputs);

  // How often a trial's point was encoded since the start or since the problem changed.
  int64_t encodings();
  // As of the last call that computed something; waits for none.
  size_t bytes() const { return bytes_; }

 private:
  struct Ahead {
    SuggestInputs inputs;
    SuggestedPoints result;
  };

  absl::StatusOr<SuggestedPoints> Compute(const SuggestionAlgorithm& algorithm, const SuggestInputs& inputs,
                                          const std::function<bool()>& cancelled)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(computing_);
  SuggestMemory Updated(const SuggestionAlgorithm& algorithm, const SuggestInputs& inputs)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(computing_);
  void Update(const StudyHistory& history) ABSL_EXCLUSIVE_LOCKS_REQUIRED(computing_);
  void NoteBytes() ABSL_EXCLUSIVE_LOCKS_REQUIRED(computing_);
  // The answer to these inputs, if it was prepared.
  std::optional<SuggestedPoints> Find(const SuggestInputs& inputs);

  std::atomic<int64_t> newest_ = -1;  // version that a request asked with
  std::atomic<size_t> bytes_ = kLeastMemoryBytes;

  Mutex computing_;  // held while the algorithm computes
  std::shared_ptr<const StudyProblem> problem_ ABSL_GUARDED_BY(computing_);
  std::unique_ptr<EncodedTrials> trials_ ABSL_GUARDED_BY(computing_);
  StudyHistory::Chunks chunks_ ABSL_GUARDED_BY(computing_);  // of which trials_ are
  std::unique_ptr<AlgorithmCache> cache_ ABSL_GUARDED_BY(computing_);
  std::vector<PriorStudy> prior_ ABSL_GUARDED_BY(computing_);  // of problem_

  Mutex mutex_;  // held for moments
  std::shared_ptr<const Ahead> ahead_ ABSL_GUARDED_BY(mutex_);
};

inline constexpr size_t kDefaultMemoryBytes = size_t{512} << 20;

// Of the studies used last. Thread-safe.
class StudyMemories {
 public:
  // Forgets studies so that they take `max_bytes` at most, about; the one used last stays in any case.
  explicit StudyMemories(size_t max_bytes = kDefaultMemoryBytes) : memories_(max_bytes) {}

  // Whoever holds it goes on with it, even if it is forgotten.
  std::shared_ptr<StudyMemory> At(int64_t uid);
  // Of a memory that was used.
  void Weigh(int64_t uid, StudyMemory& memory);
  void Forget(int64_t uid);

 private:
  Mutex mutex_;
  LruMap<std::shared_ptr<StudyMemory>> memories_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_SCHEDULING_STUDY_MEMORY_H_
