// The storage interface on one PostgreSQL connection: rows in, SQL out.
#ifndef PHOTINUS_SERVER_STORAGE_POSTGRES_TRANSACTION_H_
#define PHOTINUS_SERVER_STORAGE_POSTGRES_TRANSACTION_H_

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/storage/postgres_connection.h"
#include "server/storage/storage.h"

namespace photinus {

// One body's view; whoever makes one has begun a transaction on the connection, and ends it.
//
// With Mode::kChange, in a READ COMMITTED transaction, whatever belongs to a study is read and changed only after the
// study's row is locked, which the first method that names the study does. So bodies on one study run one after the
// other, in whatever processes, and each sees all that the others did. Two bodies that lock several studies may meet in
// a deadlock, and two may insert the same study: both are conflicts (PostgresConnection::TakeFault). With Mode::kRead,
// in a REPEATABLE READ transaction, it serves as a plain Snapshot.
//
// No statement fails for a missing parent or an existing row, because a failed one would end the transaction.
// Beyond the interface: times keep microseconds. A change that names an unknown owner, study or trial is NotFound.
class PostgresTransaction final : public Transaction {
 public:
  enum class Mode { kRead, kChange };

  // Studies by uid whose rows the transaction has locked, as they are by now.
  using LockedStudies = std::map<int64_t, StudyRow>;

  PostgresTransaction(PostgresConnection& connection, Mode mode) : PostgresTransaction(connection, mode, own_) {}
  // `studies` outlives one body of several in a transaction. What they change of a study that stands there travels with
  // a later statement.
  PostgresTransaction(PostgresConnection& connection, Mode mode, LockedStudies& studies)
      : connection_(connection), mode_(mode), studies_(studies) {}

  absl::StatusOr<bool> OwnerExists(std::string_view owner) override;
  absl::StatusOr<std::optional<StudyRow>> FindStudy(std::string_view owner, std::string_view display_name) override;
  absl::StatusOr<std::optional<StudyRow>> GetStudy(int64_t uid) override;
  absl::StatusOr<std::vector<StudyRow>> ListStudies(std::string_view owner, int64_t after_uid, int64_t limit) override;
  absl::StatusOr<std::vector<StudyBytes>> ListStudyBytes(std::string_view owner, int64_t after_uid,
                                                         int64_t limit) override;
  absl::StatusOr<std::optional<TrialRow>> GetTrial(int64_t study_uid, int64_t id) override;
  absl::StatusOr<std::vector<TrialRow>> ListTrials(int64_t study_uid, const TrialQuery& query) override;
  absl::StatusOr<std::vector<TrialBytes>> ListTrialBytes(int64_t study_uid, const TrialQuery& query) override;
  absl::StatusOr<TrialCounts> CountTrials(int64_t study_uid) override;
  absl::StatusOr<std::vector<int64_t>> ListDeletedTrials(int64_t study_uid, int64_t since_version) override;
  absl::StatusOr<std::vector<LeaseRow>> ListLeases(const std::optional<std::string>& client_id) override;
  absl::StatusOr<std::vector<MeasurementRow>> ListMeasurements(int64_t study_uid, int64_t first, int64_t last) override;
  absl::StatusOr<std::vector<MeasurementRow>> ListAttemptMeasurements(int64_t study_uid, int64_t trial_id,
                                                                      int32_t attempt) override;
  absl::StatusOr<std::vector<MeasurementRow>> LatestMeasurements(int64_t study_uid, int64_t trial_id, int32_t attempt,
                                                                 int64_t limit) override;
  absl::StatusOr<bool> HasMeasurement(int64_t study_uid, int64_t trial_id, int32_t attempt,
                                      const pb::Measurement& measurement) override;
  absl::StatusOr<std::vector<MetadataRow>> ListMetadata(int64_t study_uid, int64_t first, int64_t last) override;
  absl::StatusOr<MetadataSize> GetMetadataSize(int64_t study_uid, int64_t trial_id) override;
  absl::StatusOr<std::vector<ExplanationRow>> ListExplanations(int64_t study_uid, int64_t first, int64_t last) override;
  absl::StatusOr<std::vector<AttemptRow>> ListAttempts(int64_t study_uid, int64_t trial_id, int32_t after,
                                                       int64_t limit) override;
  absl::StatusOr<std::optional<AttemptRow>> FindAttempt(int64_t study_uid, int64_t trial_id,
                                                        int64_t lease_epoch) override;
  absl::StatusOr<std::optional<OperationRow>> GetOperation(int64_t study_uid, std::string_view client_id,
                                                           int64_t number) override;
  absl::StatusOr<int64_t> LastOperationNumber(int64_t study_uid, std::string_view client_id) override;
  absl::StatusOr<std::vector<OperationRow>> ListUnfinishedOperations() override;
  absl::StatusOr<std::vector<OperationRow>> ListUnfinishedOperations(int64_t study_uid,
                                                                     std::string_view client_id) override;
  absl::StatusOr<std::optional<absl::Time>> SharedTime() override;
  absl::StatusOr<std::optional<RequestRow>> FindRequest(int64_t study_uid, std::string_view request_id) override;
  absl::StatusOr<std::optional<WorkerRow>> FindWorker(std::string_view name) override;
  absl::StatusOr<std::vector<WorkerRow>> ListWorkers() override;
  absl::StatusOr<std::optional<std::string>> GetAlgorithmState(int64_t study_uid, std::string_view kind) override;
  absl::StatusOr<std::vector<AlgorithmStateRow>> ListAlgorithmStates(int64_t study_uid) override;
  absl::StatusOr<std::vector<ArtifactRow>> ListArtifacts(int64_t study_uid, int64_t trial_id) override;
  absl::StatusOr<std::string> ReadArtifact(int64_t study_uid, int64_t trial_id, std::string_view name, int64_t offset,
                                           int64_t length) override;
  absl::StatusOr<bool> HasDeleted() override;
  absl::StatusOr<std::optional<std::string>> GetSetting(std::string_view key) override;

  absl::Status EnsureOwner(std::string_view owner) override;
  absl::StatusOr<int64_t> InsertStudy(const StudyRow& study) override;
  absl::Status UpdateStudy(const StudyRow& study) override;
  absl::Status PublishStudy(int64_t uid, std::string_view owner, std::string_view display_name) override;
  absl::Status DeleteStudy(int64_t uid) override;
  absl::StatusOr<bool> EraseDeleted(int64_t rows) override;
  absl::Status PutTrial(const TrialRow& trial) override;
  absl::Status DeleteTrial(int64_t study_uid, int64_t id, int64_t version) override;
  absl::StatusOr<int64_t> AddMeasurement(int64_t study_uid, int64_t trial_id, int32_t attempt,
                                         const pb::Measurement& measurement) override;
  absl::Status PutMetadata(int64_t study_uid, int64_t trial_id, const pb::KeyValue& entry) override;
  absl::Status PutExplanation(int64_t study_uid, const ExplanationRow& explanation) override;
  absl::Status PutAttempt(int64_t study_uid, const AttemptRow& attempt) override;
  absl::Status PutOperation(const OperationRow& operation) override;
  absl::Status DeleteOldOperations(int64_t study_uid, std::string_view client_id, int64_t keep_from,
                                   absl::Time created_before, int64_t limit) override;
  absl::StatusOr<int64_t> PutRequest(int64_t study_uid, const RequestRow& request) override;
  absl::Status DeleteOldRequests(int64_t study_uid, int64_t keep_from, absl::Time received_before,
                                 int64_t limit) override;
  absl::Status PutAlgorithmState(int64_t study_uid, std::string_view kind, std::string_view blob) override;
  absl::Status PutArtifact(int64_t study_uid, const ArtifactRow& artifact, std::string_view bytes) override;
  absl::Status PutWorker(const WorkerRow& worker) override;
  absl::Status ForgetWorkers(int64_t keep) override;
  absl::Status PutSetting(std::string_view key, std::string_view value) override;

 private:
  // Locks the study's row until the end of the transaction; false if there is none.
  absl::StatusOr<bool> LockStudy(int64_t uid);
  // As LockStudy, for changes: NotFound if there is none.
  absl::Status RequireStudy(int64_t uid);
  // A study as read under lock.
  absl::StatusOr<std::optional<StudyRow>> ReadLocked(PostgresStatement& statement);
  // Settings are few, and taken in turn.
  absl::Status LockSettings();
  const char* LockClause() const { return mode_ == Mode::kChange ? "FOR UPDATE" : ""; }

  PostgresConnection& connection_;
  const Mode mode_;
  LockedStudies own_;
  LockedStudies& studies_;
  std::map<int64_t, bool> locked_;                                // studies by uid: whether there is one
  std::set<std::pair<std::string, std::string>> not_found_;       // owner, display name of studies looked for in vain
  std::map<std::string, std::string, std::less<>> incarnations_;  // of workers, as read by name; "": there was none
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STORAGE_POSTGRES_TRANSACTION_H_
