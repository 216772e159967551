// A study store in memory, with time standing still.
#ifndef PHOTINUS_TESTS_SUPPORT_STUDY_FIXTURE_H_
#define PHOTINUS_TESTS_SUPPORT_STUDY_FIXTURE_H_

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "server/storage/sqlite_storage.h"
#include "server/study/assignment.h"
#include "server/study/attempts.h"
#include "server/study/studies.h"
#include "server/study/study_store.h"
#include "server/study/trials.h"
#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"
#include "tests/support/study_builder.h"

namespace photinus {

class StudyFixture : public ::testing::Test {
 protected:
  explicit StudyFixture(StudyStore::ProblemCheck check = [](const StudyProblem&) { return absl::OkStatus(); })
      : store_(*storage_, clock_, std::move(check)) {}

  // Creates it for owner ada, and remembers its name.
  void Create(const AStudy& study) {
    const auto created = CreateStudy(store_, {"ada"}, study.Study());
    ASSERT_OK(created);
    name_ = {"ada", study.Study().display_name()};
  }

  // A new ACTIVE trial at x = 0.5 of `holder`.
  TrialName Start(const TrialHolder& holder = {"c", ""}) {
    TrialName name{name_, 0};
    EXPECT_OK(store_.EditActive(name_, [&](StudyEdit& edit) -> absl::Status {
      ClaimResult result;
      const absl::Status status = CreateTrials(edit, holder, {NewTrial{{{"x", 0.5}}, {}}}, result);
      if (status.ok()) name.id = result.trials[0].id;
      return status;
    }));
    return name;
  }

  // A trial that its rule stopped after `last`. It predicted how one metric would end, worse than what the trial had to
  // beat, 0.
  void AddStopped(const StudyName& study, const Point& point, const pb::Measurement& last,
                  const std::pair<std::string, double>& predicted) {
    TrialName name{study, 0};
    ASSERT_OK(store_.EditActive(study, [&](StudyEdit& edit) -> absl::Status {
      ClaimResult result;
      const absl::Status status = CreateTrials(edit, {"c", ""}, {NewTrial{point, {}}}, result);
      if (status.ok()) name.id = result.trials[0].id;
      return status;
    }));
    TrialRow seen;
    ASSERT_OK(storage_->Read([&](Snapshot& snapshot) -> absl::Status {
      const auto row = store_.Find(snapshot, study);
      if (row.ok()) seen = **snapshot.GetTrial(row->uid, name.id);
      return row.status();
    }));
    v1::StopDecision decision;
    decision.set_outcome(v1::StopDecision::STOPPED);
    decision.set_metric(predicted.first);
    decision.set_predicted_final(predicted.second);
    decision.set_reference(0);
    ASSERT_TRUE(*KeepDecision(store_, name, seen, {}, decision));
    Completion completion;
    completion.final_measurement = last;
    ASSERT_OK(CompleteTrial(store_, name, completion, {}));
  }

  pb::Trial Get(const TrialName& name) { return *GetTrial(store_, name); }
  // Its earlier attempts, as ListAttempts gives them all.
  absl::StatusOr<std::vector<AttemptView>> Attempts(const TrialName& name) {
    auto page = ListAttempts(store_, tokens_, name, 0, "");
    if (!page.ok()) return page.status();
    return std::move(page->attempts);
  }
  pb::Study::State StudyState() { return GetStudy(store_, name_)->state(); }
  int64_t Version() {
    int64_t version = 0;
    EXPECT_OK(storage_->Read([&](Snapshot& snapshot) -> absl::Status {
      version = store_.Find(snapshot, name_)->version;
      return absl::OkStatus();
    }));
    return version;
  }

  static Completion Result(double y) {
    Completion completion;
    completion.final_measurement = AMeasurement(1, {{"y", y}});
    return completion;
  }

  FakeClock clock_;
  std::unique_ptr<SqliteStorage> storage_ = *SqliteStorage::OpenInMemory();
  StudyStore store_;
  PageTokens tokens_ = *PageTokens::FromStorage(*storage_);
  StudyName name_;
};

}  // namespace photinus

#endif  // PHOTINUS_TESTS_SUPPORT_STUDY_FIXTURE_H_
