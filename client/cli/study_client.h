// What the commands ask of a server; commands are tested against a fake of it.
#ifndef PHOTINUS_CLIENT_CLI_STUDY_CLIENT_H_
#define PHOTINUS_CLIENT_CLI_STUDY_CLIENT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/names.h"
#include "common/base/pb.h"
#include "photinus/v1/query_service.pb.h"

namespace photinus {

// Methods block. Errors are the server's (docs/errors.md), plus Unavailable where none answers, DeadlineExceeded, and
// Cancelled after Ctrl-C.
class StudyClient {
 public:
  virtual ~StudyClient() = default;

  enum class IfExists { kAcceptEqual, kRefuse };
  // AlreadyExists: the owner has a study of this name with another spec; or any, with kRefuse. One with an equal spec
  // is returned otherwise.
  virtual absl::StatusOr<pb::Study> CreateStudy(const StudyName& name, const pb::StudySpec& spec,
                                                IfExists if_exists) = 0;
  // NotFound: the server knows no such owner.
  virtual absl::StatusOr<std::vector<v1::StudyStatus>> ListStudies(const std::string& owner) = 0;
  virtual absl::StatusOr<v1::StudyStatus> GetStudyStatus(const StudyName& name) = 0;
  // Where a watch was interrupted: what its last message said.
  struct WatchPosition {
    int64_t uid = 0;  // 0: a new watch, whose first message has the whole picture
    int64_t version = 0;
  };
  // Calls `on_message` until it returns false or the server ends the stream, which it does without a last message where
  // the study is deleted. Unavailable: the connection was lost; see Reconnect.
  virtual absl::Status WatchStudy(const StudyName& name, const WatchPosition& since,
                                  absl::FunctionRef<bool(const v1::WatchStudyResponse&)> on_message) = 0;
  // Waits a moment, then until the server can be reached again. Unavailable: not within a minute.
  virtual absl::Status Reconnect() = 0;
  virtual absl::StatusOr<v1::StudyStatus> DrainStudy(const StudyName& name, v1::DrainStudyRequest::Mode mode) = 0;
  virtual absl::StatusOr<pb::Study> SetStudyState(const StudyName& name, pb::Study::State state) = 0;
  // Puts `json` in the place of the study document. InvalidArgument: it does not fit the study.
  virtual absl::Status SetStudyDocument(const StudyName& name, const std::string& json) = 0;
  virtual absl::Status DeleteStudy(const StudyName& name) = 0;

  struct TrialQuery {
    std::string filter;    // empty: all
    std::string order_by;  // empty: by id
    int64_t limit = 0;     // 0: all
  };
  virtual absl::StatusOr<std::vector<pb::Trial>> QueryTrials(const StudyName& name, const TrialQuery& query) = 0;
  // All trials by ascending id, a page at a time: calls `on_trial` until it fails (then its error).
  virtual absl::Status ReadTrials(const StudyName& name,
                                  absl::FunctionRef<absl::Status(const pb::Trial&)> on_trial) = 0;
  virtual absl::StatusOr<pb::Trial> GetTrial(const TrialName& name) = 0;
  // A trial of the user's own, which waits for a worker. FailedPrecondition: the study takes none.
  virtual absl::StatusOr<pb::Trial> CreateTrial(const StudyName& name, const pb::Trial& trial) = 0;
  virtual absl::StatusOr<std::vector<pb::Trial>> ListOptimalTrials(const StudyName& name) = 0;
  virtual absl::StatusOr<std::vector<v1::Attempt>> ListAttempts(const TrialName& name) = 0;
  virtual absl::StatusOr<std::vector<v1::ListArtifactsResponse::Artifact>> ListArtifacts(const TrialName& name) = 0;
  // Where the trial's suggestion came from.
  virtual absl::StatusOr<v1::ExplainTrialResponse> ExplainTrial(const TrialName& name) = 0;
  // Of one objective, or (empty) of all. FailedPrecondition: there are too few trials.
  virtual absl::StatusOr<v1::GetParameterImportanceResponse> GetParameterImportance(const StudyName& name,
                                                                                    const std::string& objective) = 0;
  // What the stopping rule decided: all trials that it stopped or exempted, and the audit.
  virtual absl::StatusOr<v1::GetStudyStopsResponse> GetStudyStops(const StudyName& name) = 0;
  // Writes the artifact to the file `path`, which appears once everything has come and the checksum fits.
  virtual absl::Status FetchArtifact(const TrialName& name, const std::string& artifact, const std::string& path) = 0;

  // Calls `on_part` with one part of the text after the other until it fails (then its error).
  virtual absl::Status ExportStudy(const StudyName& name, bool artifacts,
                                   absl::FunctionRef<absl::Status(const v1::ExportStudyResponse&)> on_part) = 0;
  // `next` gives the next bytes of the text, none at its end. An empty display_name: the exported study's.
  // InvalidArgument: a FieldError at "line N". AlreadyExists: the owner has a study of this name.
  virtual absl::StatusOr<v1::ImportStudyResponse> ImportStudy(
      const std::string& owner, const std::string& display_name,
      absl::FunctionRef<absl::StatusOr<std::string>()> next) = 0;

  virtual absl::StatusOr<std::vector<v1::ListWorkersResponse::Worker>> ListWorkers() = 0;
  // Writes a copy of the server's database to the file `path`, which appears once it is whole. Calls `on_progress` with
  // the bytes that have come and those of the whole.
  virtual absl::Status Backup(const std::string& path,
                              absl::FunctionRef<void(int64_t done, int64_t total)> on_progress) = 0;
};

}  // namespace photinus

#endif  // PHOTINUS_CLIENT_CLI_STUDY_CLIENT_H_
