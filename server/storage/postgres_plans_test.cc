// No statement looks through a table of many studies: PostgreSQL's own plans say so (its module auto_explain).
#include <memory>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/status_macros.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/storage/postgres_storage.h"
#include "tests/support/postgres_main.h"
#include "tests/support/status_matchers.h"

namespace photinus {
namespace {

using T = pb::Trial;

// After five executions PostgreSQL may take to a plan that is made for no values in particular.
constexpr int kRepetitions = 7;

// 3,000 studies of 5 trials, one in a hundred of which runs; they changed long ago.
constexpr char kManyStudies[] = R"sql(
INSERT INTO owners SELECT convert_to('o' || n, 'UTF8') FROM generate_series(1, 1000) AS n;
INSERT INTO owners VALUES ('ada');
INSERT INTO studies (owner, display_name, state, draining, paused, version, next_trial_id, inactive_reason, created_us,
                     spec)
  SELECT 'ada', convert_to('s' || n, 'UTF8'), 1, false, false, 9, 6,
    convert_to(repeat(md5(n::text), 32), 'UTF8'), 0, '' FROM generate_series(1, 3000) AS n;
ALTER TABLE studies DISABLE TRIGGER note_changed_study;
UPDATE studies SET changed_by = -1000000 * uid;
ALTER TABLE studies ENABLE TRIGGER note_changed_study;
INSERT INTO trials
  SELECT uid, id, CASE WHEN uid % 100 > 0 THEN 4 ELSE id % 2 + 1 END, 'w.0', CASE WHEN uid % 100 > 0 THEN 1 ELSE 2 END,
    1, 'i', id, '', false, '', 0, false, '' FROM studies, generate_series(1, 5) AS id;
INSERT INTO measurements SELECT study_uid, id, attempt, seq, '' FROM trials, generate_series(1, 3) AS seq;
INSERT INTO metadata (study_uid, trial_id, ns, key, entry) SELECT study_uid, id, '', 'k', '' FROM trials;
INSERT INTO attempts SELECT study_uid, id, 1, 'w.0', 1, '', 0, NULL FROM trials;
INSERT INTO explanations SELECT study_uid, id, '' FROM trials;
INSERT INTO operations (study_uid, client_id, number, count, done, created_us, finished_us, trial_ids, error_code,
                        error_message)
  SELECT study_uid, 'w.0', id, 1, study_uid % 100 > 0, 0, 0, '', 0, '' FROM trials;
INSERT INTO requests SELECT study_uid, convert_to('r' || id, 'UTF8'), id, '', 0, 0 FROM trials;
INSERT INTO algorithm_states SELECT uid, 'GA', '' FROM studies;
INSERT INTO artifacts (study_uid, trial_id, name, sha256, size) SELECT study_uid, id, 'a', '', 1 FROM trials;
INSERT INTO artifact_chunks SELECT artifact, 0, 'x' FROM artifacts;
INSERT INTO deleted_trials SELECT study_uid, id, id + 5 FROM trials;
INSERT INTO deleted_studies SELECT n + 1000000, 9, 0 FROM generate_series(1, 5000) AS n;
INSERT INTO writers SELECT convert_to('c' || n, 'UTF8'), 1, 1, 0 FROM generate_series(1, 3000) AS n;
)sql";

// The tables that grow with the studies. (Those that stand still and are all looked at: leases, as many as there are
// running trials, and settings.)
constexpr char kScan[] =
    "Seq Scan on (owners|studies|trials|trial_counts|measurements|metadata|attempts|explanations|operations|requests|"
    "algorithm_states|artifacts|artifact_chunks|deleted_trials|deleted_studies|writers)\\b";

class PostgresPlans : public ::testing::Test {
 protected:
  PostgresPlans() {
    { const auto migrated = *PostgresStorage::Open(url_); }
    EXPECT_OK((*PostgresConnection::Open(url_))->Execute(kManyStudies));
    EXPECT_OK((*PostgresConnection::Open(url_))->Execute("ANALYZE"));
    storage_ = *PostgresStorage::Open(
        absl::StrCat(url_,
                     "&options=-c%20session_preload_libraries%3Dauto_explain%20-c%20auto_explain.log_min_duration%3D0"
                     "%20-c%20auto_explain.log_nested_statements%3Don"));
  }

  // The statements of `calls` that scan, each once, with their plans.
  template <typename Calls>
  std::set<std::string> Scans(Calls calls) {
    const size_t before = TestPostgres().Log().size();
    for (int i = 1; i <= kRepetitions; ++i) calls(i);
    const std::regex scan(kScan);
    std::set<std::string> found;
    const std::string log = TestPostgres().Log().substr(before);
    const std::vector<std::string> plans = absl::StrSplit(log, "Query Text: ");
    EXPECT_GT(plans.size(), kRepetitions) << "auto_explain is at work";
    for (size_t i = 1; i < plans.size(); ++i) {
      const std::string plan = plans[i].substr(0, plans[i].find("LOG:"));
      if (std::regex_search(plan, scan)) found.insert(plan);
    }
    return found;
  }
  std::set<std::string> ScansOfReading(const std::function<absl::Status(Snapshot&)>& body) {
    return Scans([&](int) { EXPECT_OK(storage_->Read(body)); });
  }
  // body(transaction, n): n is another study at each call.
  std::set<std::string> ScansOfChanging(const std::function<absl::Status(Transaction&, int64_t)>& body) {
    return Scans([&](int n) { EXPECT_OK(storage_->Transact([&](Transaction& t) { return body(t, n); })); });
  }

  const std::string url_ = TestPostgres().MakeDatabase();
  std::unique_ptr<PostgresStorage> storage_;
};

absl::Status ReadTrials(Snapshot& s) {
  for (const std::vector<T::State>& states : std::vector<std::vector<T::State>>{
           {}, {T::REQUESTED}, {T::ACTIVE}, {T::STOPPING}, {T::ACTIVE, T::STOPPING}, {T::SUCCEEDED, T::INFEASIBLE}}) {
    RETURN_IF_ERROR(s.ListTrials(100, {.limit = 2, .states = states}).status());
    RETURN_IF_ERROR(s.ListTrials(100, {.states = states, .client_id = "w.0"}).status());
    RETURN_IF_ERROR(s.ListTrials(100, {.states = states, .since_version = 1}).status());
    RETURN_IF_ERROR(s.ListTrialBytes(100, {.limit = 2, .states = states}).status());
    RETURN_IF_ERROR(s.ListTrialBytes(100, {.states = states, .since_version = 1}).status());
  }
  RETURN_IF_ERROR(s.ListTrials(100, {.states = {T::REQUESTED}, .tried_before = true}).status());
  RETURN_IF_ERROR(s.GetTrial(100, 1).status());
  RETURN_IF_ERROR(s.CountTrials(100).status());
  RETURN_IF_ERROR(s.ListDeletedTrials(100, 1).status());
  RETURN_IF_ERROR(s.ListLeases(std::nullopt).status());
  RETURN_IF_ERROR(s.ListLeases("w.0").status());
  RETURN_IF_ERROR(s.ListMeasurements(100, 1, 3).status());
  RETURN_IF_ERROR(s.ListAttemptMeasurements(100, 1, 1).status());
  RETURN_IF_ERROR(s.LatestMeasurements(100, 1, 1, 2).status());
  RETURN_IF_ERROR(s.ListAttempts(100, 1, 1, 2).status());
  RETURN_IF_ERROR(s.FindAttempt(100, 1, 1).status());
  RETURN_IF_ERROR(s.ListExplanations(100, 1, 3).status());
  RETURN_IF_ERROR(s.ListArtifacts(100, 1).status());
  return s.ReadArtifact(100, 1, "a", 0, 1).status();
}

absl::Status ReadTheRest(Snapshot& s) {
  RETURN_IF_ERROR(s.OwnerExists("ada").status());
  RETURN_IF_ERROR(s.FindStudy("ada", "s1000").status());
  RETURN_IF_ERROR(s.GetStudy(100).status());
  RETURN_IF_ERROR(s.ListStudies("ada", 1000, 10).status());
  RETURN_IF_ERROR(s.ListStudies("", 1000, 10).status());
  RETURN_IF_ERROR(s.ListStudyBytes("ada", 1000, 10).status());
  RETURN_IF_ERROR(s.ListStudyBytes("", 1000, 10).status());
  RETURN_IF_ERROR(s.ListStudies(kStagingOwner, 0, -1).status());
  RETURN_IF_ERROR(s.ListMetadata(100, 0, 3).status());
  RETURN_IF_ERROR(s.GetOperation(100, "w.0", 1).status());
  RETURN_IF_ERROR(s.LastOperationNumber(100, "w.0").status());
  RETURN_IF_ERROR(s.ListUnfinishedOperations().status());
  RETURN_IF_ERROR(s.ListUnfinishedOperations(100, "w.0").status());
  RETURN_IF_ERROR(s.FindRequest(100, "r1").status());
  RETURN_IF_ERROR(s.GetAlgorithmState(100, "GA").status());
  RETURN_IF_ERROR(s.ListAlgorithmStates(100).status());
  RETURN_IF_ERROR(s.FindWorker("w").status());
  return s.HasDeleted().status();
}

absl::Status ChangeStudy(Transaction& t, int64_t uid) {
  RETURN_IF_ERROR(t.EnsureOwner("ada"));
  StudyRow study;
  study.owner = std::string(kStagingOwner);
  study.display_name = absl::StrCat("new", uid);
  RETURN_IF_ERROR(t.EnsureOwner(study.owner));
  ASSIGN_OR_RETURN(const int64_t staged, t.InsertStudy(study));
  RETURN_IF_ERROR(t.PublishStudy(staged, "ada", study.display_name));
  ASSIGN_OR_RETURN(auto stored, t.GetStudy(uid));
  ++stored->version;
  RETURN_IF_ERROR(t.UpdateStudy(*stored));
  RETURN_IF_ERROR(t.PutMetadata(uid, 0, pb::KeyValue()));
  RETURN_IF_ERROR(t.PutAlgorithmState(uid, "GA", "x"));
  RETURN_IF_ERROR(t.PutOperation(OperationRow{uid, "w.0", 6}));
  RETURN_IF_ERROR(t.DeleteOldOperations(uid, "w.0", 2, absl::Now(), 2));
  RETURN_IF_ERROR(t.PutRequest(uid, {"r9", "call"}).status());
  return t.DeleteOldRequests(uid, 2, absl::UnixEpoch(), 2);
}

absl::Status ChangeTrials(Transaction& t, int64_t uid) {
  ASSIGN_OR_RETURN(auto trial, t.GetTrial(uid, 2));
  trial->state = T::INFEASIBLE;
  RETURN_IF_ERROR(t.PutTrial(*trial));
  RETURN_IF_ERROR(t.AddMeasurement(uid, 2, 1, pb::Measurement()).status());
  RETURN_IF_ERROR(t.PutAttempt(uid, AttemptRow{2}));
  RETURN_IF_ERROR(t.PutExplanation(uid, ExplanationRow{2, {}}));
  RETURN_IF_ERROR(t.PutArtifact(uid, ArtifactRow{2, "a", "", 1}, "x"));
  return t.DeleteTrial(uid, 1, 10);
}

TEST_F(PostgresPlans, NoStatementScansATableOfManyStudies) {
  EXPECT_THAT(ScansOfReading(&ReadTrials), testing::IsEmpty());
  EXPECT_THAT(ScansOfReading(&ReadTheRest), testing::IsEmpty());
  EXPECT_THAT(ScansOfChanging(&ChangeStudy), testing::IsEmpty());
  EXPECT_THAT(ScansOfChanging(&ChangeTrials), testing::IsEmpty());
  EXPECT_THAT(ScansOfChanging([](Transaction& t, int64_t uid) -> absl::Status {
                RETURN_IF_ERROR(t.DeleteStudy(uid));
                return t.EraseDeleted(1000).status();
              }),
              testing::IsEmpty());
}

TEST_F(PostgresPlans, NeitherDoWhatServersAskForAgainAndAgain) {
  SharedStorage& shared = *storage_->shared();
  const auto all = shared.ListChanges(0);
  ASSERT_OK(all);
  EXPECT_THAT(Scans([&](int) { EXPECT_OK(shared.ListChanges(all->next)); }), testing::IsEmpty());
  const SharedStorage::LeaseTimes times{absl::Seconds(90), absl::Seconds(15), absl::Seconds(60)};
  EXPECT_THAT(Scans([&](int) {
                EXPECT_OK(shared.SweepLeases(std::vector<LeaseBeat>{{100, 1, 1, absl::ZeroDuration()}}, times));
              }),
              testing::IsEmpty());
}

}  // namespace
}  // namespace photinus
