// The storage interface on one SQLite connection: rows in, SQL out.
#ifndef PHOTINUS_SERVER_STORAGE_SQLITE_TRANSACTION_H_
#define PHOTINUS_SERVER_STORAGE_SQLITE_TRANSACTION_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/storage/sqlite_connection.h"
#include "server/storage/storage.h"

namespace photinus {

// Whoever makes one has begun a transaction on the connection, and ends it. On a reader's connection, where
// SQLite itself refuses changes, it serves as a plain Snapshot.
//
// Beyond the interface: times keep microseconds. A change that names an unknown owner, study or trial is NotFound.
class SqliteTransaction final : public Transaction {
 public:
  explicit SqliteTransaction(SqliteConnection& connection) : connection_(connection) {}

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

  // Whether it deleted something, so that the database needs less room.
  bool frees_space() const { return frees_space_; }

 private:
  SqliteConnection& connection_;
  bool frees_space_ = false;
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STORAGE_SQLITE_TRANSACTION_H_
