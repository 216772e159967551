// Our algorithms and stopping rules as policies for the studies of another Vizier server.
#ifndef PHOTINUS_SERVER_PYTHIA_SERVED_POLICIES_H_
#define PHOTINUS_SERVER_PYTHIA_SERVED_POLICIES_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "common/base/mutex.h"
#include "common/base/pb.h"
#include "common/rpc/vizier_client.h"
#include "server/stopping/stopping_rule.h"
#include "server/study/lru_map.h"
#include "vizier/pythia_service.pb.h"

namespace photinus {

// The entry of a study's metadata with an algorithm's state has this namespace; its key is the algorithm's name, its
// value in base64. It is spelt as stock Vizier would spell it.
inline constexpr char kStateNamespace[] = ":photinus:state";

// The entries of a suggestion's metadata that say where it comes from have this namespace: `arm`, `text`, and for each
// objective that a model predicted `prediction.<metric>`, a JSON object with median, lower and upper
// (explanation.proto).
inline constexpr char kExplanationNamespace[] = ":photinus:explanation";

// What vizier.PythiaService asks. It needs nothing of earlier requests: what an algorithm remembers goes with the
// answer into the study's metadata, and what a stopping rule has learnt is kept in memory, but only to save time.
// Blocks while trials are fetched, points computed and lessons learnt. Thread-safe.
class ServedPolicies {
 public:
  // `vizier`: the address of the server whose studies these are; empty: there is none, and what needs trials fails.
  // InvalidArgument: no address.
  static absl::StatusOr<std::unique_ptr<ServedPolicies>> Make(const std::string& vizier);

  // Points for the next trials of the study, explained, fewer than asked for where its space is used up, and the new
  // state. A study document in the study's metadata counts (seed, derived metrics, options of the algorithm).
  // InvalidArgument: a problem that the algorithm cannot serve, or none of ours. FailedPrecondition: the algorithm
  // needs trials, and there is no server to fetch them from. Errors of that server. Cancelled.
  absl::StatusOr<pb::SuggestDecision> Suggest(const pb::SuggestRequest& request,
                                              const std::function<bool()>& cancelled) const;

  // A decision for each trial that is asked about, by the rule of the study document, else by MEDIAN; and for each that
  // is stopped an entry of its metadata that says what was predicted (stop_entry.h), which Suggest goes by later.
  // Errors as above; NotFound: one of the trials.
  absl::StatusOr<pb::EarlyStopDecisions> EarlyStop(const pb::EarlyStopRequest& request,
                                                   const std::function<bool()>& cancelled) const;

 private:
  // What the stopping rule of a study has learnt.
  struct Learnt {
    std::string guid, problem;
    int64_t from = 0;  // finished trials
    std::shared_ptr<const StoppingModel> model;
  };

  static constexpr size_t kMaxModelBytes = size_t{16} << 20;

  explicit ServedPolicies(std::optional<VizierClient> vizier) : vizier_(std::move(vizier)) {}

  // All trials of the study up to the descriptor's greatest id, by ascending id, in whatever order they come.
  absl::StatusOr<std::vector<pb::Trial>> FetchTrials(const pb::StudyDescriptor& study,
                                                     const std::function<bool()>& cancelled) const;

  // Null: nothing, or not yet. Learns where what is known is out of date.
  std::shared_ptr<const StoppingModel> ModelOf(const pb::StudyDescriptor& study, const StoppingRule& rule,
                                               const StudyCurves& curves, int64_t finished_trials,
                                               const std::function<bool()>& cancelled) const;

  // Its methods are not const, but change nothing that others see.
  mutable std::optional<VizierClient> vizier_;

  mutable Mutex mutex_;
  mutable LruMap<Learnt> models_ ABSL_GUARDED_BY(mutex_){kMaxModelBytes};
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_PYTHIA_SERVED_POLICIES_H_
