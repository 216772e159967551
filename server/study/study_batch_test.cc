#include "server/study/study_batch.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "common/base/status_macros.h"
#include "server/study/trial_batch.h"
#include "tests/support/study_fixture.h"

namespace photinus {
namespace {

using ::testing::ElementsAre;

class StudyBatchTest : public StudyFixture {
 protected:
  // A study whose spec has about so many bytes.
  void CreateLarge(const std::string& name, size_t bytes) {
    AStudy study(name);
    pb::Study large = study.WithFloat("x").WithObjective("y").Study();
    large.mutable_study_spec()->mutable_metrics(0)->set_metric_id(std::string(bytes, 'y'));
    ASSERT_OK(CreateStudy(store_, {"ada"}, large));
  }
};

TEST_F(StudyBatchTest, OnlySoManyAreInMemoryAsFit) {
  CreateLarge("a", kMaxBatchBytes / 2);
  CreateLarge("b", 1);
  CreateLarge("c", kMaxBatchBytes);
  CreateLarge("d", kMaxBatchBytes);
  std::vector<std::vector<std::string>> seen;
  ASSERT_OK(storage_->Read([&](Snapshot& snapshot) -> absl::Status {
    StudyBatches batches(snapshot, "ada", 0);
    while (true) {
      ASSIGN_OR_RETURN(const std::vector<StudyRow> rows, batches.Next());
      if (rows.empty()) return absl::OkStatus();
      for (seen.emplace_back(); const StudyRow& row : rows) seen.back().push_back(row.display_name);
    }
  }));
  EXPECT_THAT(seen, ElementsAre(ElementsAre("a", "b"), ElementsAre("c"), ElementsAre("d")));
}

TEST_F(StudyBatchTest, TheCacheKnowsWhatALargeProblemTakes) {
  CreateLarge("a", kMaxBatchBytes);
  ASSERT_OK(storage_->Read([&](Snapshot& snapshot) {
    return store_.cache().Problem(snapshot, *store_.Find(snapshot, {"ada", "a"})).status();
  }));
  EXPECT_GE(store_.cache().bytes(), size_t{kMaxBatchBytes});
}

}  // namespace
}  // namespace photinus
