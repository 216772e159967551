// What the server keeps, and the only way to change it. Storage never decides: it neither checks states nor makes up
// ids.
#ifndef PHOTINUS_SERVER_STORAGE_STORAGE_H_
#define PHOTINUS_SERVER_STORAGE_STORAGE_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/pb.h"
#include "photinus/v1/explanation.pb.h"
#include "photinus/v1/stop_decision.pb.h"

namespace photinus {

// The owner of studies that are still being imported. No resource name reaches it (ids have no control characters), and
// the list of all owners' studies leaves it out.
inline constexpr std::string_view kStagingOwner = "\x01staging";

// One study. `uid` is never reused; `version` grows by one with every committed change of the study or its trials.
struct StudyRow {
  int64_t uid = 0;
  std::string owner;
  std::string display_name;
  pb::Study::State state = pb::Study::ACTIVE;
  bool draining = false;  // no new suggestions; completes when idle unless paused
  bool paused = false;
  int64_t version = 0;
  int64_t next_trial_id = 1;
  int64_t drained_from = 0;     // while draining: trials from this id on were made by hand since, and may start
  int64_t problem_version = 1;  // the version at which spec or study document last changed
  pb::StudySpec spec;           // without metadata, which stands in a table of its own
  std::string inactive_reason;
  absl::Time created;
};

// One trial, without its measurements and metadata.
struct TrialRow {
  int64_t study_uid = 0;
  int64_t id = 0;
  pb::Trial::State state = pb::Trial::REQUESTED;
  std::string client_id;          // empty while REQUESTED
  int32_t attempt = 1;            // 1 for the first try
  int64_t lease_epoch = 0;        // grows with every holder; 0: never had one
  std::string incarnation;        // the process that holds the lease; empty: no lease (a plain Vizier client)
  int64_t mod_version = 0;        // the study's version when the trial last changed
  std::string completion_hash;    // of the canonical CompleteTrial request that finished it; empty while it runs
  bool stop_requested = false;    // a stopping rule or a person said so; of the current attempt
  std::string stop_reason;        // why, for people
  v1::StopDecision stop;          // what the stopping rule decided about the current attempt
  int32_t lost_count = 0;         // attempts that ended because the worker was lost or restarted
  bool lost = false;              // INFEASIBLE for want of a worker, not by its own fault: models ignore it
  std::string role;               // what it is for, besides the search (trial_role.h); empty: part of that
  int64_t measurement_bytes = 0;  // what the measurements of the current attempt take in a reply
  int64_t metadata_bytes = 0;     // what its metadata takes
  pb::Trial body;                 // id, parameters, final measurement, times, infeasible reason; no state, no lists
};

// Which trials ListTrials gives, by ascending id (or by mod_version where since_version is set).
struct TrialQuery {
  int64_t after_id = 0;
  int64_t limit = -1;                    // -1: all
  std::vector<pb::Trial::State> states;  // empty: any
  std::optional<std::string> client_id;  // unset: any
  std::optional<int64_t> since_version;  // mod_version greater than this
  bool tried_before = false;             // only those whose attempt is not the first
};

struct MeasurementRow {
  int64_t trial_id = 0;
  int32_t attempt = 1;
  int64_t seq = 0;  // dense within (trial, attempt), from 1
  pb::Measurement body;
};

struct MetadataRow {
  int64_t trial_id = 0;  // 0: the study's own
  pb::KeyValue entry;
};

// Where a trial that an algorithm suggested comes from.
struct ExplanationRow {
  int64_t trial_id = 0;
  v1::Explanation body;
};

// A study without what may be large.
struct StudyBytes {
  int64_t uid = 0;
  pb::Study::State state = pb::Study::ACTIVE;
  int64_t bytes = 0;  // of its spec and metadata, stored
};

// What a trial takes: its body, its metadata, and its measurements, of all attempts. Cheap: where there was one
// attempt, this is the row's own measurement_bytes and metadata_bytes.
struct TrialBytes {
  int64_t trial_id = 0;
  int64_t bytes = 0;
};

// Of all metadata of a trial, or of the study's own.
struct MetadataSize {
  int64_t entries = 0;
  int64_t bytes = 0;  // serialized
};

// An attempt that ended without completing the trial.
struct AttemptRow {
  int64_t trial_id = 0;
  int32_t attempt = 1;
  std::string client_id;
  int64_t lease_epoch = 0;
  std::string outcome;  // "lost", "crashed", "released", "restarted", "late result"
  absl::Time ended;
  // A completion that arrived after the lease was gone.
  std::optional<pb::Measurement> late_result;  // its final measurement; none where it was infeasible without one
  bool late_infeasible = false;
  std::string late_infeasible_reason;
  std::string cause;              // of a crash or a release, as its worker told it
  int64_t measurement_bytes = 0;  // as TrialRow's, of this attempt
};

// A SuggestTrials operation.
struct OperationRow {
  int64_t study_uid = 0;
  std::string client_id;
  int64_t number = 0;
  int32_t count = 1;
  bool done = false;
  absl::Time created;
  absl::Time finished;             // meaningful once done
  std::vector<int64_t> trial_ids;  // meaningful once done
  int32_t error_code = 0;          // absl::StatusCode of a failed operation
  std::string error_message;
  std::string holder;      // until done: the process that computes it; empty: none
  absl::Time lease_until;  // until when it does: by Snapshot::SharedTime, or the holder's monotonic clock since 1970
};

// A request that was served, as a repetition of it is known again.
struct RequestRow {
  std::string id;      // the client's
  std::string call;    // what was asked of what
  int64_t result = 0;  // the id or number of what it made; 0: nothing
  absl::Time received;
};

struct ArtifactRow {
  int64_t trial_id = 0;
  std::string name;
  std::string sha256;  // lower-case hex
  int64_t size = 0;
};

// What an algorithm keeps between two suggestions, in its own format.
struct AlgorithmStateRow {
  std::string kind;
  std::string state;
};

// A running trial that a worker process holds under a lease, in an ACTIVE study.
struct LeaseRow {
  int64_t study_uid = 0;
  std::string owner;
  std::string display_name;
  int64_t trial_id = 0;
  int64_t epoch = 0;  // the trial's lease_epoch
  std::string client_id;
  pb::Trial::State state = pb::Trial::ACTIVE;  // or STOPPING
};

// A worker daemon, by the name under which it pulls.
struct WorkerRow {
  std::string name;
  std::string incarnation;              // the process that counts; empty: none was told yet
  std::vector<std::string> superseded;  // those before it, the latest first
  int32_t slots = 0;                    // 0: not told yet
  std::string version;                  // empty: not told yet
  absl::Time seen;                      // by Snapshot::SharedTime, or the server's clock
};

// What a study has, by trial state.
struct TrialCounts {
  int64_t requested = 0, active = 0, stopping = 0, succeeded = 0, infeasible = 0;
  int64_t stopped_early = 0;  // of the finished ones
};

// A consistent view. Methods without a stated error fail only with the environment (Unavailable, Internal).
class Snapshot {
 public:
  virtual ~Snapshot() = default;

  virtual absl::StatusOr<bool> OwnerExists(std::string_view owner) = 0;
  // Deleted studies are not there. nullopt where there is none.
  virtual absl::StatusOr<std::optional<StudyRow>> FindStudy(std::string_view owner, std::string_view display_name) = 0;
  virtual absl::StatusOr<std::optional<StudyRow>> GetStudy(int64_t uid) = 0;
  // By ascending uid, those with uid > after_uid; an empty owner means all owners but kStagingOwner; limit -1 means
  // all.
  virtual absl::StatusOr<std::vector<StudyRow>> ListStudies(std::string_view owner, int64_t after_uid,
                                                            int64_t limit) = 0;
  // The same studies in the same order, without reading their specs.
  virtual absl::StatusOr<std::vector<StudyBytes>> ListStudyBytes(std::string_view owner, int64_t after_uid,
                                                                 int64_t limit) = 0;

  virtual absl::StatusOr<std::optional<TrialRow>> GetTrial(int64_t study_uid, int64_t id) = 0;
  virtual absl::StatusOr<std::vector<TrialRow>> ListTrials(int64_t study_uid, const TrialQuery& query) = 0;
  // The same trials in the same order, without reading them.
  virtual absl::StatusOr<std::vector<TrialBytes>> ListTrialBytes(int64_t study_uid, const TrialQuery& query) = 0;
  virtual absl::StatusOr<TrialCounts> CountTrials(int64_t study_uid) = 0;
  // Ids of the trials that were deleted by a version greater than this, in that order.
  virtual absl::StatusOr<std::vector<int64_t>> ListDeletedTrials(int64_t study_uid, int64_t since_version) = 0;
  // Of one client, or of all where `client_id` is unset; ordered by (study uid, trial id).
  virtual absl::StatusOr<std::vector<LeaseRow>> ListLeases(const std::optional<std::string>& client_id) = 0;

  // Of the trials first..last, each one's current attempt only (the trial row's), ordered by (trial, seq).
  virtual absl::StatusOr<std::vector<MeasurementRow>> ListMeasurements(int64_t study_uid, int64_t first,
                                                                       int64_t last) = 0;
  // Of one attempt, ordered by seq.
  virtual absl::StatusOr<std::vector<MeasurementRow>> ListAttemptMeasurements(int64_t study_uid, int64_t trial_id,
                                                                              int32_t attempt) = 0;
  // The newest `limit` of one attempt, newest first.
  virtual absl::StatusOr<std::vector<MeasurementRow>> LatestMeasurements(int64_t study_uid, int64_t trial_id,
                                                                         int32_t attempt, int64_t limit) = 0;
  // Whether one of the attempt's is equal, byte by byte; those stored before schema step "measurement digests" are not
  // known again.
  virtual absl::StatusOr<bool> HasMeasurement(int64_t study_uid, int64_t trial_id, int32_t attempt,
                                              const pb::Measurement& measurement) = 0;
  // Of the trials first..last (0..0: the study's own), in the order in which the keys were first set.
  virtual absl::StatusOr<std::vector<MetadataRow>> ListMetadata(int64_t study_uid, int64_t first, int64_t last) = 0;
  // Of one trial, or (0) the study's own; without reading it.
  virtual absl::StatusOr<MetadataSize> GetMetadataSize(int64_t study_uid, int64_t trial_id) = 0;
  // Of the trials first..last, by ascending id.
  virtual absl::StatusOr<std::vector<ExplanationRow>> ListExplanations(int64_t study_uid, int64_t first,
                                                                       int64_t last) = 0;
  // By ascending attempt, those after `after`; limit -1 means all.
  virtual absl::StatusOr<std::vector<AttemptRow>> ListAttempts(int64_t study_uid, int64_t trial_id, int32_t after = 0,
                                                               int64_t limit = -1) = 0;
  // The first one that ended under a lease; nullopt where none did.
  virtual absl::StatusOr<std::optional<AttemptRow>> FindAttempt(int64_t study_uid, int64_t trial_id,
                                                                int64_t lease_epoch) = 0;

  virtual absl::StatusOr<std::optional<OperationRow>> GetOperation(int64_t study_uid, std::string_view client_id,
                                                                   int64_t number) = 0;
  // 0 where the client has none.
  virtual absl::StatusOr<int64_t> LastOperationNumber(int64_t study_uid, std::string_view client_id) = 0;
  // Of all clients, or of one; ordered by study, client and number.
  virtual absl::StatusOr<std::vector<OperationRow>> ListUnfinishedOperations() = 0;
  virtual absl::StatusOr<std::vector<OperationRow>> ListUnfinishedOperations(int64_t study_uid,
                                                                             std::string_view client_id) = 0;
  // The clock by which processes that share the storage judge each other's leases; nullopt where only one process at a
  // time uses it.
  virtual absl::StatusOr<std::optional<absl::Time>> SharedTime() = 0;

  // Of a study, or (uid 0) of the server. nullopt: never served, or forgotten.
  virtual absl::StatusOr<std::optional<RequestRow>> FindRequest(int64_t study_uid, std::string_view request_id) = 0;

  // nullopt: nobody was heard of under this name, or long ago.
  virtual absl::StatusOr<std::optional<WorkerRow>> FindWorker(std::string_view name) = 0;
  // By name.
  virtual absl::StatusOr<std::vector<WorkerRow>> ListWorkers() = 0;

  // nullopt where the study has no state of this kind (an algorithm's name, or what the study starts warm with).
  virtual absl::StatusOr<std::optional<std::string>> GetAlgorithmState(int64_t study_uid, std::string_view kind) = 0;
  // By kind.
  virtual absl::StatusOr<std::vector<AlgorithmStateRow>> ListAlgorithmStates(int64_t study_uid) = 0;

  virtual absl::StatusOr<std::vector<ArtifactRow>> ListArtifacts(int64_t study_uid, int64_t trial_id) = 0;
  // Bytes offset..offset+length of an artifact, fewer at its end. NotFound.
  virtual absl::StatusOr<std::string> ReadArtifact(int64_t study_uid, int64_t trial_id, std::string_view name,
                                                   int64_t offset, int64_t length) = 0;

  // Whether EraseDeleted has something to do.
  virtual absl::StatusOr<bool> HasDeleted() = 0;

  // A server-wide setting, such as the secret that signs page tokens.
  virtual absl::StatusOr<std::optional<std::string>> GetSetting(std::string_view key) = 0;
};

class Transaction : public Snapshot {
 public:
  virtual absl::Status EnsureOwner(std::string_view owner) = 0;
  // Assigns and returns the uid. AlreadyExists if the owner has a study of this display name.
  virtual absl::StatusOr<int64_t> InsertStudy(const StudyRow& study) = 0;
  // All but uid, owner and display_name. NotFound.
  virtual absl::Status UpdateStudy(const StudyRow& study) = 0;
  // Gives a study of kStagingOwner its owner and display name. AlreadyExists: the owner has a study of this display
  // name. NotFound: the study or the owner.
  virtual absl::Status PublishStudy(int64_t uid, std::string_view owner, std::string_view display_name) = 0;
  // From now on the study is not there and its name is free. What belongs to it stays until it is erased, and nobody
  // may ask for it any more.
  virtual absl::Status DeleteStudy(int64_t uid) = 0;
  // Erases about `rows` rows that deleted studies and trials left. False once nothing is left that nobody else erases.
  virtual absl::StatusOr<bool> EraseDeleted(int64_t rows) = 0;

  virtual absl::Status PutTrial(const TrialRow& trial) = 0;  // inserts or replaces
  // From now on the trial and its metadata are not there. Measurements, attempts, artifacts and its explanation stay
  // until they are erased, and nobody may ask for them any more. `version`: the study's that this makes, remembered for
  // ListDeletedTrials.
  virtual absl::Status DeleteTrial(int64_t study_uid, int64_t id, int64_t version) = 0;
  // Appends with the next seq of (trial, attempt) and returns it.
  virtual absl::StatusOr<int64_t> AddMeasurement(int64_t study_uid, int64_t trial_id, int32_t attempt,
                                                 const pb::Measurement& measurement) = 0;
  virtual absl::Status PutMetadata(int64_t study_uid, int64_t trial_id, const pb::KeyValue& entry) = 0;
  // Inserts or replaces. The trial is there.
  virtual absl::Status PutExplanation(int64_t study_uid, const ExplanationRow& explanation) = 0;
  virtual absl::Status PutAttempt(int64_t study_uid, const AttemptRow& attempt) = 0;  // inserts or replaces
  virtual absl::Status PutOperation(const OperationRow& operation) = 0;               // inserts or replaces
  // Of the client's `limit` oldest operations, deletes those that are done, numbered below `keep_from` and created
  // before `created_before`.
  virtual absl::Status DeleteOldOperations(int64_t study_uid, std::string_view client_id, int64_t keep_from,
                                           absl::Time created_before, int64_t limit) = 0;
  // Inserts or replaces, as the study's newest; its number, which grows within the study.
  virtual absl::StatusOr<int64_t> PutRequest(int64_t study_uid, const RequestRow& request) = 0;
  // Of the study's `limit` oldest requests, deletes those numbered below `keep_from` and received before
  // `received_before`.
  virtual absl::Status DeleteOldRequests(int64_t study_uid, int64_t keep_from, absl::Time received_before,
                                         int64_t limit) = 0;
  virtual absl::Status PutAlgorithmState(int64_t study_uid, std::string_view kind, std::string_view blob) = 0;
  // Replaces an artifact of the same name.
  virtual absl::Status PutArtifact(int64_t study_uid, const ArtifactRow& artifact, std::string_view bytes) = 0;
  // Inserts or replaces. The transaction has asked FindWorker for the name before.
  virtual absl::Status PutWorker(const WorkerRow& worker) = 0;
  // Forgets those that were seen least lately, but for `keep`.
  virtual absl::Status ForgetWorkers(int64_t keep) = 0;
  virtual absl::Status PutSetting(std::string_view key, std::string_view value) = 0;
};

class SharedStorage;

// Thread-safe.
class Storage {
 public:
  virtual ~Storage() = default;

  // Applies `body` if it returns OK, undoes it otherwise; returns once the change is on disk. The writer runs many
  // bodies in one commit, each in its own savepoint, and may run one again: so a body is short, computes nothing,
  // overwrites its outputs and has no other effect. Unavailable: the queue is full, storage is closing or the database
  // cannot be reached; where the connection was lost during the commit, the message says that the change may have been
  // stored. Aborted: it met other servers' changes again and again; nothing is stored, and it may be tried again.
  // ResourceExhausted: the disk is full. Otherwise the body's own status.
  virtual absl::Status Transact(absl::FunctionRef<absl::Status(Transaction&)> body) = 0;

  // Runs `body` on a view that includes every change acknowledged before the call; again where storage failed before
  // it gave the first answer.
  virtual absl::Status Read(absl::FunctionRef<absl::Status(Snapshot&)> body) = 0;

  // False once nothing can be stored until a restart. (A database that cannot be reached may come back.)
  virtual bool Healthy() const = 0;

  // Copies the database into the file `path`, which must not exist: all that was acknowledged before the call, and what
  // is committed while the copy is made. Others go on meanwhile. FailedPrecondition: not a database that is one file,
  // or damaged. ResourceExhausted, NotFound: there is no room, no such folder. Cancelled: `stopped`, which is asked now
  // and then.
  virtual absl::Status Backup(const std::string& path, const std::function<bool()>& stopped) = 0;

  // To be called once the server serves: looks for damage in the background where an earlier process ended uncleanly,
  // logs what it finds, and is not Healthy from then on.
  virtual void BeginSelfCheck() {}
  // What goes on between the servers that share this storage; null where only this process uses it.
  virtual SharedStorage* shared() { return nullptr; }
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STORAGE_STORAGE_H_
