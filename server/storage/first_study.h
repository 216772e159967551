// Which study a transaction's body is about, so that those of one study can share a commit.
#ifndef PHOTINUS_SERVER_STORAGE_FIRST_STUDY_H_
#define PHOTINUS_SERVER_STORAGE_FIRST_STUDY_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "server/storage/storage.h"

namespace photinus {

// A transaction in which every call fails, and the first is remembered. Run a body with one to learn its study: bodies
// may run more than once, and have no effect but on their transaction.
class FirstStudy final : public Transaction {
 public:
  // False while nothing was called: the body has decided without storage.
  bool called() const { return called_; }
  // A name for the study of the first call; empty where that call was about no study. One study has up to two, one by
  // uid and one by display name.
  const std::string& key() const { return key_; }

  absl::StatusOr<bool> OwnerExists(std::string_view) override { return None(); }
  absl::StatusOr<std::optional<StudyRow>> FindStudy(std::string_view owner, std::string_view display_name) override {
    return ByName(owner, display_name);
  }
  absl::StatusOr<std::optional<StudyRow>> GetStudy(int64_t uid) override { return ByUid(uid); }
  absl::StatusOr<std::vector<StudyRow>> ListStudies(std::string_view, int64_t, int64_t) override { return None(); }
  absl::StatusOr<std::vector<StudyBytes>> ListStudyBytes(std::string_view, int64_t, int64_t) override { return None(); }
  absl::StatusOr<std::optional<TrialRow>> GetTrial(int64_t study_uid, int64_t) override { return ByUid(study_uid); }
  absl::StatusOr<std::vector<TrialRow>> ListTrials(int64_t study_uid, const TrialQuery&) override {
    return ByUid(study_uid);
  }
  absl::StatusOr<std::vector<TrialBytes>> ListTrialBytes(int64_t study_uid, const TrialQuery&) override {
    return ByUid(study_uid);
  }
  absl::StatusOr<TrialCounts> CountTrials(int64_t study_uid) override { return ByUid(study_uid); }
  absl::StatusOr<std::vector<int64_t>> ListDeletedTrials(int64_t study_uid, int64_t) override {
    return ByUid(study_uid);
  }
  absl::StatusOr<std::vector<LeaseRow>> ListLeases(const std::optional<std::string>&) override { return None(); }
  absl::StatusOr<std::vector<MeasurementRow>> ListMeasurements(int64_t study_uid, int64_t, int64_t) override {
    return ByUid(study_uid);
  }
  absl::StatusOr<std::vector<MeasurementRow>> ListAttemptMeasurements(int64_t study_uid, int64_t, int32_t) override {
    return ByUid(study_uid);
  }
  absl::StatusOr<std::vector<MeasurementRow>> LatestMeasurements(int64_t study_uid, int64_t, int32_t,
                                                                 int64_t) override {
    return ByUid(study_uid);
  }
  absl::StatusOr<bool> HasMeasurement(int64_t study_uid, int64_t, int32_t, const pb::Measurement&) override {
    return ByUid(study_uid);
  }
  absl::StatusOr<std::vector<MetadataRow>> ListMetadata(int64_t study_uid, int64_t, int64_t) override {
    return ByUid(study_uid);
  }
  absl::StatusOr<MetadataSize> GetMetadataSize(int64_t study_uid, int64_t) override { return ByUid(study_uid); }
  absl::StatusOr<std::vector<ExplanationRow>> ListExplanations(int64_t study_uid, int64_t, int64_t) override {
    return ByUid(study_uid);
  }
  absl::StatusOr<std::vector<AttemptRow>> ListAttempts(int64_t study_uid, int64_t, int32_t, int64_t) override {
    return ByUid(study_uid);
  }
  absl::StatusOr<std::optional<AttemptRow>> FindAttempt(int64_t study_uid, int64_t, int64_t) override {
    return ByUid(study_uid);
  }
  absl::StatusOr<std::optional<OperationRow>> GetOperation(int64_t study_uid, std::string_view, int64_t) override {
    return ByUid(study_uid);
  }
  absl::StatusOr<int64_t> LastOperationNumber(int64_t study_uid, std::string_view) override { return ByUid(study_uid); }
  absl::StatusOr<std::vector<OperationRow>> ListUnfinishedOperations() override { return None(); }
  absl::StatusOr<std::vector<OperationRow>> ListUnfinishedOperations(int64_t study_uid, std::string_view) override {
    return ByUid(study_uid);
  }
  absl::StatusOr<std::optional<absl::Time>> SharedTime() override { return None(); }
  absl::StatusOr<std::optional<RequestRow>> FindRequest(int64_t study_uid, std::string_view) override {
    return ByUid(study_uid);
  }
  absl::StatusOr<std::optional<WorkerRow>> FindWorker(std::string_view) override { return None(); }
  absl::StatusOr<std::vector<WorkerRow>> ListWorkers() override { return None(); }
  absl::StatusOr<std::optional<std::string>> GetAlgorithmState(int64_t study_uid, std::string_view) override {
    return ByUid(study_uid);
  }
  absl::StatusOr<std::vector<AlgorithmStateRow>> ListAlgorithmStates(int64_t study_uid) override {
    return ByUid(study_uid);
  }
  absl::StatusOr<std::vector<ArtifactRow>> ListArtifacts(int64_t study_uid, int64_t) override {
    return ByUid(study_uid);
  }
  absl::StatusOr<std::string> ReadArtifact(int64_t study_uid, int64_t, std::string_view, int64_t, int64_t) override {
    return ByUid(study_uid);
  }
  absl::StatusOr<bool> HasDeleted() override { return None(); }
  absl::StatusOr<std::optional<std::string>> GetSetting(std::string_view) override { return None(); }
  absl::Status EnsureOwner(std::string_view) override { return None(); }
  absl::StatusOr<int64_t> InsertStudy(const StudyRow& study) override {
    return ByName(study.owner, study.display_name);
  }
  absl::Status UpdateStudy(const StudyRow& study) override { return ByUid(study.uid); }
  absl::Status PublishStudy(int64_t, std::string_view owner, std::string_view display_name) override {
    return ByName(owner, display_name);
  }
  absl::Status DeleteStudy(int64_t uid) override { return ByUid(uid); }
  absl::StatusOr<bool> EraseDeleted(int64_t) override { return None(); }
  absl::Status PutTrial(const TrialRow& trial) override { return ByUid(trial.study_uid); }
  absl::Status DeleteTrial(int64_t study_uid, int64_t, int64_t) override { return ByUid(study_uid); }
  absl::StatusOr<int64_t> AddMeasurement(int64_t study_uid, int64_t, int32_t, const pb::Measurement&) override {
    return ByUid(study_uid);
  }
  absl::Status PutMetadata(int64_t study_uid, int64_t, const pb::KeyValue&) override { return ByUid(study_uid); }
  absl::Status PutExplanation(int64_t study_uid, const ExplanationRow&) override { return ByUid(study_uid); }
  absl::Status PutAttempt(int64_t study_uid, const AttemptRow&) override { return ByUid(study_uid); }
  absl::Status PutOperation(const OperationRow& operation) override { return ByUid(operation.study_uid); }
  absl::Status DeleteOldOperations(int64_t study_uid, std::string_view, int64_t, absl::Time, int64_t) override {
    return ByUid(study_uid);
  }
  absl::StatusOr<int64_t> PutRequest(int64_t study_uid, const RequestRow&) override { return ByUid(study_uid); }
  absl::Status DeleteOldRequests(int64_t study_uid, int64_t, absl::Time, int64_t) override { return ByUid(study_uid); }
  absl::Status PutAlgorithmState(int64_t study_uid, std::string_view, std::string_view) override {
    return ByUid(study_uid);
  }
  absl::Status PutArtifact(int64_t study_uid, const ArtifactRow&, std::string_view) override {
    return ByUid(study_uid);
  }
  absl::Status PutWorker(const WorkerRow&) override { return None(); }
  absl::Status ForgetWorkers(int64_t) override { return None(); }
  absl::Status PutSetting(std::string_view, std::string_view) override { return None(); }

 private:
  absl::Status Note(const std::string& key) {
    if (!called_) key_ = key;
    called_ = true;
    return absl::AbortedError("not run yet");
  }
  absl::Status None() { return Note(""); }
  absl::Status ByUid(int64_t uid) { return Note(absl::StrCat("#", uid)); }
  absl::Status ByName(std::string_view owner, std::string_view display_name) {
    return Note(absl::StrCat(absl::string_view(owner.data(), owner.size()), "/",
                             absl::string_view(display_name.data(), display_name.size())));
  }

  bool called_ = false;
  std::string key_;
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STORAGE_FIRST_STUDY_H_
