#include "server/study/exact_history.h"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "common/base/temporary_folder.h"
#include "server/storage/sqlite_storage.h"
#include "server/study/studies.h"
#include "server/study/study_status.h"
#include "server/study/trial_lists.h"
#include "server/study/trial_query.h"
#include "server/study/trials.h"
#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"
#include "tests/support/study_builder.h"

namespace photinus {
namespace {

// A storage in which something else happens while a snapshot is open.
class BusyStorage final : public Storage {
 public:
  explicit BusyStorage(Storage& storage) : storage_(storage) {}

  // Once a snapshot has begun: in the next one, or in the next `times`.
  void Meanwhile(std::function<void()> happens, int times = 1) {
    happens_ = std::move(happens);
    times_ = times;
  }

  absl::Status Transact(absl::FunctionRef<absl::Status(Transaction&)> body) override { return storage_.Transact(body); }
  absl::Status Read(absl::FunctionRef<absl::Status(Snapshot&)> body) override {
    return storage_.Read([&](Snapshot& snapshot) -> absl::Status {
      EXPECT_OK(snapshot.OwnerExists("ada"));  // a snapshot begins when it is first asked
      if (const int times = std::exchange(times_, 0); times > 0) {
        std::thread(happens_).join();
        times_ = times - 1;
      }
      return body(snapshot);
    });
  }
  bool Healthy() const override { return storage_.Healthy(); }
  absl::Status Backup(const std::string& path, const std::function<bool()>& stopped) override {
    return storage_.Backup(path, stopped);
  }

 private:
  Storage& storage_;
  std::function<void()> happens_;
  int times_ = 0;
};

class ExactHistoryTest : public ::testing::Test {
 protected:
  void Create(const std::string& study) {
    ASSERT_OK(CreateStudy(store_, {"ada"}, AStudy(study).WithFloat("x").WithObjective("y").Study()));
    AddTrial(study);
  }
  // Better than those before, and known to the cache.
  void AddTrial(const std::string& study) {
    ASSERT_OK(CreateTrial(store_, {"ada", study}, ASucceededTrial({{"x", 0.5}}, {{"y", ++best_}})));
    ASSERT_OK(ListOptimalTrials(store_, tokens_, {"ada", study}, 0, ""));
  }
  static std::string OnlyId(const std::vector<pb::Trial>& trials) { return trials.size() == 1 ? trials[0].id() : ""; }

  const TemporaryFolder folder_ = *TemporaryFolder::Make();
  const std::unique_ptr<SqliteStorage> database_ = *SqliteStorage::Open(folder_.File("db"));
  BusyStorage storage_{*database_};
  FakeClock clock_;
  StudyStore store_{storage_, clock_, [](const StudyProblem&) { return absl::OkStatus(); }};
  const PageTokens tokens_ = *PageTokens::FromStorage(storage_);
  double best_ = 0;
};

TEST_F(ExactHistoryTest, WhoShowsTheBestTrialsSeesThemAsTheHistoryDoes) {
  Create("kws");
  const StudyName name{"ada", "kws"};
  const auto add = [&] { AddTrial("kws"); };
  storage_.Meanwhile(add);
  EXPECT_EQ(OnlyId(ListOptimalTrials(store_, tokens_, name, 0, "")->trials), "2");
  storage_.Meanwhile(add);
  EXPECT_EQ(OnlyId(GetStudyStatus(store_, name)->best), "3");
  for (const char* order_by : {"id", "y"}) {
    storage_.Meanwhile(add);
    const auto page = QueryTrials(store_, tokens_, name, {.filter = "state = 'SUCCEEDED'", .order_by = order_by});
    ASSERT_OK(page);
    EXPECT_EQ(page->trials.back().id(), std::to_string(static_cast<int>(best_))) << order_by;
  }
}

TEST_F(ExactHistoryTest, AListOfStudiesEndsItsPageAtOneThatWentOnMeanwhile) {
  Create("first");
  Create("second");
  storage_.Meanwhile([&] { AddTrial("second"); });
  const auto page = ListStudyStatuses(store_, tokens_, {"ada"}, 0, "");
  ASSERT_OK(page);
  ASSERT_EQ(page->statuses.size(), 1u);
  EXPECT_EQ(page->statuses[0].study.display_name(), "first");
  const auto next = ListStudyStatuses(store_, tokens_, {"ada"}, 0, page->next_page_token);
  ASSERT_OK(next);
  ASSERT_EQ(next->statuses.size(), 1u);
  EXPECT_EQ(OnlyId(next->statuses[0].best), "2");
  EXPECT_EQ(next->next_page_token, "");
}

TEST_F(ExactHistoryTest, NobodyReadsForEverWhatNeverStandsStill) {
  Create("kws");
  storage_.Meanwhile([&] { AddTrial("kws"); }, 1000);
  EXPECT_TRUE(absl::IsUnavailable(ListOptimalTrials(store_, tokens_, {"ada", "kws"}, 0, "").status()));
  EXPECT_LT(best_, 100);
}

}  // namespace
}  // namespace photinus
