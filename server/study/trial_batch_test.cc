#include "server/study/trial_batch.h"

#include <gmock/gmock.h>

#include <optional>
#include <string>
#include <vector>

#include "common/base/status_macros.h"
#include "server/study/metadata.h"
#include "server/study/trial_lists.h"
#include "server/study/trial_query.h"
#include "server/study/trial_scan.h"
#include "tests/support/study_fixture.h"

namespace photinus {
namespace {

using ::testing::ElementsAre;

class TrialBatchTest : public StudyFixture {
 protected:
  void SetUp() override {
    Create(AStudy("kws").WithFloat("x").WithObjective("y"));
    for (int i = 0; i < 5; ++i) Start();
  }

  // To a trial's metadata.
  void AddBytes(int64_t trial, size_t bytes) {
    ASSERT_OK(storage_->Transact([&](Transaction& transaction) -> absl::Status {
      pb::KeyValue entry;
      entry.set_key("k");
      entry.set_value(std::string(bytes, 'a'));
      const int64_t uid = store_.Find(transaction, name_)->uid;
      RETURN_IF_ERROR(transaction.PutMetadata(uid, trial, entry));
      ASSIGN_OR_RETURN(std::optional<TrialRow> row, transaction.GetTrial(uid, trial));
      row->metadata_bytes = static_cast<int64_t>(entry.ByteSizeLong());
      return transaction.PutTrial(*row);
    }));
  }

  // The ids that each call of a scan gives.
  std::vector<std::vector<int64_t>> Scanned() {
    std::vector<std::vector<int64_t>> batches;
    EXPECT_OK(storage_->Read([&](Snapshot& snapshot) -> absl::Status {
      const StudyRow study = *store_.Find(snapshot, name_);
      const auto problem = *store_.cache().Problem(snapshot, study);
      TrialScan scan(snapshot, study, *problem, 0, study.next_trial_id - 1);
      while (true) {
        ASSIGN_OR_RETURN(const auto items, scan.Next());
        if (items.empty()) return absl::OkStatus();
        for (batches.emplace_back(); const TrialScan::Item& item : items) batches.back().push_back(item.id);
      }
    }));
    return batches;
  }
};

TEST_F(TrialBatchTest, SmallTrialsAreReadTogether) { EXPECT_THAT(Scanned(), ElementsAre(ElementsAre(1, 2, 3, 4, 5))); }

TEST_F(TrialBatchTest, OnlySoManyAreInMemoryAsFit) {
  AddBytes(2, kMaxBatchBytes / 2);
  AddBytes(3, kMaxBatchBytes);
  AddBytes(4, kMaxBatchBytes);
  AddBytes(5, 1);
  EXPECT_THAT(Scanned(), ElementsAre(ElementsAre(1, 2), ElementsAre(3), ElementsAre(4), ElementsAre(5)));
}

TEST_F(TrialBatchTest, TheTrialsThemselvesCountToo) {
  for (int64_t id = 1; id <= 3; ++id) {
    Completion large = Result(1);
    large.final_measurement->mutable_metrics(0)->set_metric_id(std::string(kMaxBatchBytes / 2, 'm'));
    ASSERT_OK(CompleteTrial(store_, {name_, id}, large, {}));
  }
  EXPECT_THAT(Scanned(), ElementsAre(ElementsAre(1), ElementsAre(2), ElementsAre(3, 4, 5)));
}

TEST_F(TrialBatchTest, WhatNobodyWaitsForIsReadNoFurther) {
  int asked = 0;
  const ReadOptions options{.cancelled = [&] { return ++asked > 2; }};  // once before the read, then at each batch
  EXPECT_TRUE(absl::IsCancelled(ListTrials(store_, tokens_, name_, 0, "", options).status()));
  asked = 0;
  EXPECT_TRUE(absl::IsCancelled(QueryTrials(store_, tokens_, name_, {.order_by = "-x"}, options).status()));
}

TEST_F(TrialBatchTest, DerivedMetricsOfLargeTrialsAreAllThere) {
  Create(AStudy("derived").WithFloat("x").WithObjective("d").WithDocument(
      R"({"metrics": [{"name": "d", "goal": "maximize", "expression": "2 * y"}]})"));
  for (int i = 0; i < 5; ++i) {
    const TrialName trial = Start();
    AddBytes(trial.id, kMaxBatchBytes);
    ASSERT_OK(CompleteTrial(store_, trial, Result(i), {}));
  }
  const auto optimal = ListOptimalTrials(store_, tokens_, name_, 0, "");
  ASSERT_OK(optimal);
  ASSERT_EQ(optimal->trials.size(), 1u);
  EXPECT_EQ(optimal->trials[0].id(), "5");
}

}  // namespace
}  // namespace photinus
