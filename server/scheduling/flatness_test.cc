// What a request costs must not grow with its study. Counted in the steps of SQLite's virtual machine, which are the
// same on every machine, and not in seconds.
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/scheduling/early_stopping.h"
#include "server/study/metadata.h"
#include "server/study/studies.h"
#include "server/study/study_status.h"
#include "server/study/trial_lists.h"
#include "server/study/trial_query.h"
#include "tests/support/scheduling_fixture.h"

namespace photinus {
namespace {

constexpr int64_t kFew = 1000;
constexpr int64_t kMany = 20'000;
constexpr double kAllowedGrowth = 1.2;
constexpr int64_t kAllowedSteps = 50;
constexpr char kOldClient[] = "old";  // has had as many operations as there are trials
constexpr int64_t kBatch = 1000;      // trials made in one transaction

// The steps that SQLite takes, in all connections that are opened while this lives.
class SqliteSteps {
 public:
  SqliteSteps() { sqlite3_auto_extension(reinterpret_cast<void (*)()>(&Attach)); }
  ~SqliteSteps() { sqlite3_cancel_auto_extension(reinterpret_cast<void (*)()>(&Attach)); }
  SqliteSteps(const SqliteSteps&) = delete;
  SqliteSteps& operator=(const SqliteSteps&) = delete;

  static int64_t Count() { return steps_; }
  // Of these, those inside transactions that write.
  static int64_t CountOfWriter() { return writer_steps_; }

 private:
  static int Attach(sqlite3* database, char**, const sqlite3_api_routines*) {
    return sqlite3_trace_v2(database, SQLITE_TRACE_PROFILE, &OnDone, nullptr);
  }
  static int OnDone(unsigned, void*, void* statement, void*) {
    auto* const done = static_cast<sqlite3_stmt*>(statement);
    const int64_t steps = sqlite3_stmt_status(done, SQLITE_STMTSTATUS_VM_STEP, /*reset=*/1);
    steps_ += steps;
    if (sqlite3_txn_state(sqlite3_db_handle(done), "main") == SQLITE_TXN_WRITE) writer_steps_ += steps;
    return 0;
  }

  static inline std::atomic<int64_t> steps_ = 0;
  static inline std::atomic<int64_t> writer_steps_ = 0;
};

// One study with many trials in a state.
class LargeStudy : public SchedulingFixture {
 public:
  LargeStudy(int64_t trials, pb::Trial::State state) {
    Create(
        Pullable("kws", R"(, "budget": {"trials": 900000, "parallel": 1000}, "early_stopping": {"rule": "MEDIAN"})"));
    for (int64_t made = 0; made < trials; made += kBatch) Add(kBatch, state);
  }
  void TestBody() override {}

  void StartSome() {
    for (int i = 0; i < 20; ++i) SuggestIds(Client());
  }
  // Of the waiting trials only the last may still start.
  void DrainButOne() {
    ASSERT_OK(store_.EditActive(name_, [&](StudyEdit& edit) -> absl::Status {
      auto row = edit.GetTrial(last_);
      if (!row.ok()) return row.status();
      row->attempt = 2;
      return edit.PutTrial(*row);
    }));
    ASSERT_OK(DrainStudy(store_, name_, DrainMode::kStop));
  }

  // The steps of `work` once it has been done before.
  int64_t StepsOf(const std::function<void(LargeStudy&)>& work) {
    work(*this);
    const int64_t before = SqliteSteps::Count();
    work(*this);
    return SqliteSteps::Count() - before;
  }

  // The same of the transactions that write alone.
  int64_t WriterStepsOf(const std::function<void(LargeStudy&)>& work) {
    work(*this);
    const int64_t before = SqliteSteps::CountOfWriter();
    work(*this);
    return SqliteSteps::CountOfWriter() - before;
  }

  std::string Client() { return absl::StrCat("client-", clients_++); }
  // One of those that run, each of which is given once.
  TrialName Running() { return {name_, last_ + next_running_++}; }
  // A running one of kOldClient's.
  TrialName Own() {
    if (own_ == 0) own_ = SuggestIds(kOldClient)[0];
    return {name_, own_};
  }
  TrialName Old() { return {name_, next_old_++}; }

  StudyStore& store() { return store_; }
  const PageTokens& tokens() { return tokens_; }
  const StudyName& name() { return name_; }
  EarlyStopping& early_stopping() { return early_stopping_; }
  using SchedulingFixture::Pull;
  using SchedulingFixture::SuggestIds;

 private:
  void Add(int64_t count, pb::Trial::State state) {
    ASSERT_OK(store_.EditActive(name_, [&](StudyEdit& edit) -> absl::Status {
      for (int64_t i = 0; i < count; ++i) {
        TrialRow row;
        row.study_uid = edit.study().uid;
        row.id = last_ = edit.study().next_trial_id++;
        row.state = state;
        PointToTrial({{"x", 0.5}}, row.body);
        const bool finished = state == pb::Trial::SUCCEEDED;
        if (finished) *row.body.mutable_final_measurement() = AMeasurement(3, {{"y", 0.1}});
        absl::Status status = edit.PutTrial(row);
        const OperationRow operation{
            .study_uid = row.study_uid, .client_id = kOldClient, .number = row.id, .done = true};
        if (status.ok()) status = edit.transaction().PutOperation(operation);
        for (int64_t step = 1; status.ok() && finished && step <= 3; ++step) {
          const pb::Measurement measurement = AMeasurement(step, {{"y", 0.1}});
          status = edit.transaction().AddMeasurement(row.study_uid, row.id, row.attempt, measurement).status();
        }
        if (!status.ok()) return status;
      }
      return absl::OkStatus();
    }));
  }

  EarlyStopping early_stopping_{store_, ahead_};
  int64_t last_ = 0;
  int64_t next_old_ = 1;
  int64_t next_running_ = 1;
  int64_t own_ = 0;
  int clients_ = 0;
};

struct Request {
  const char* name;
  std::function<void(LargeStudy&)> work;
};

const Request kRequests[] = {
    {"SuggestTrials", [](LargeStudy& s) { EXPECT_EQ(s.SuggestIds(s.Client()).size(), 1u); }},
    {"SuggestTrialsToAnOldClient", [](LargeStudy& s) { EXPECT_EQ(s.SuggestIds(kOldClient).size(), 1u); }},
    {"PullTrial", [](LargeStudy& s) { EXPECT_TRUE(s.Pull(s.Client()).lease.has_value()); }},
    {"CreateTrial",
     [](LargeStudy& s) {
       EXPECT_OK(CreateTrial(s.store(), s.name(), ATrial({{"x", 0.5}})));
     }},
    {"AddTrialMeasurement",
     [](LargeStudy& s) {
       EXPECT_OK(AddMeasurement(s.store(), s.Running(), AMeasurement(1, {{"y", 0.1}}), {}));
     }},
    {"CompleteTrial",
     [](LargeStudy& s) {
       Completion completion;
       completion.final_measurement = AMeasurement(1, {{"y", 0.1}});
       EXPECT_OK(CompleteTrial(s.store(), s.Running(), completion, {}));
     }},
    {"GetTrial", [](LargeStudy& s) { EXPECT_OK(GetTrial(s.store(), s.Old())); }},
    {"DeleteTrial", [](LargeStudy& s) { EXPECT_OK(DeleteTrial(s.store(), s.Old())); }},
    {"UpdateMetadata",
     [](LargeStudy& s) {
       pb::KeyValue entry;
       entry.set_key("k");
       EXPECT_OK(UpdateMetadata(s.store(), s.name(), {{s.Old().id, entry}, {std::nullopt, entry}}));
     }},
    {"OnePageOfTrials",
     [](LargeStudy& s) { EXPECT_EQ(ListTrials(s.store(), s.tokens(), s.name(), 100, "")->trials.size(), 100u); }},
    {"CheckTrialEarlyStoppingState",
     [](LargeStudy& s) {
       const TrialName trial = s.Running();
       for (int step = 1; step <= 3; ++step) {
         EXPECT_OK(AddMeasurement(s.store(), trial, AMeasurement(step, {{"y", 0.2}}), {}));
       }
       EXPECT_FALSE(s.early_stopping().Check(trial, {})->stop);
     }},
    {"ListOptimalTrialsAfterACompletion",
     [](LargeStudy& s) {
       EXPECT_OK(CompleteTrial(s.store(), s.Running(), Completion{AMeasurement(1, {{"y", 1e9}})}, {}));
       EXPECT_EQ(ListOptimalTrials(s.store(), s.tokens(), s.name(), 0, "")->trials.size(), 1u);
     }},
    {"QueryTrialsByAnObjective",
     [](LargeStudy& s) {
       const TrialSearch search{.filter = "y > 0 and state = 'SUCCEEDED'", .order_by = "-y", .page_size = 5};
       EXPECT_EQ(QueryTrials(s.store(), s.tokens(), s.name(), search)->trials.size(), 5u);
     }},
    {"QueryTrialsThatAreFewById",
     [](LargeStudy& s) {
       const TrialSearch search{.filter = "y > 0 and id = 500"};
       EXPECT_EQ(QueryTrials(s.store(), s.tokens(), s.name(), search)->trials.size(), 1u);
     }},
    {"StatusAfterACompletion",
     [](LargeStudy& s) {
       EXPECT_OK(CompleteTrial(s.store(), s.Running(), Completion{AMeasurement(1, {{"y", 0.1}})}, {}));
       EXPECT_OK(GetStudyStatus(s.store(), s.name()));
     }},
    {"StatusAfterADeletion",
     [](LargeStudy& s) {
       EXPECT_OK(DeleteTrial(s.store(), s.Old()));
       EXPECT_OK(GetStudyStatus(s.store(), s.name()));
     }},
};

class Flatness : public ::testing::Test {
 protected:
  static void ExpectFlat(LargeStudy& few, LargeStudy& many, const Request& request) {
    const int64_t small = few.StepsOf(request.work);
    const int64_t large = many.StepsOf(request.work);
    EXPECT_GT(small, 0) << request.name;
    EXPECT_LE(large, kAllowedGrowth * static_cast<double>(small) + kAllowedSteps)
        << request.name << " takes " << small << " steps with " << kFew << " trials";
  }

  const SqliteSteps steps_;
};

TEST_F(Flatness, NoRequestCostsMoreInALargeStudy) {
  LargeStudy few(kFew, pb::Trial::SUCCEEDED);
  LargeStudy many(kMany, pb::Trial::SUCCEEDED);
  few.StartSome();
  many.StartSome();
  for (const Request& request : kRequests) ExpectFlat(few, many, request);
}

TEST_F(Flatness, APageCostsItsTrialsAndNotTheirPairs) {
  LargeStudy study(kFew, pb::Trial::SUCCEEDED);
  const auto steps_of_page = [&](int size) {
    return study.StepsOf([&](LargeStudy& s) { EXPECT_OK(ListTrials(s.store(), s.tokens(), s.name(), size, "")); });
  };
  EXPECT_LE(steps_of_page(1000), 1.2 * 10 * static_cast<double>(steps_of_page(100)));
}

TEST_F(Flatness, AMeasurementCostsTheSameBesideManyOthers) {
  LargeStudy few(kBatch, pb::Trial::SUCCEEDED);
  LargeStudy many(kBatch, pb::Trial::SUCCEEDED);
  const auto add = [](LargeStudy& s) {
    static int64_t step = 0;
    EXPECT_OK(AddMeasurement(s.store(), s.Own(), AMeasurement(++step, {{"y", 0.1}}), {}));
  };
  for (int i = 0; i < 200; ++i) add(few);  // more than the reply has
  for (int i = 0; i < 2000; ++i) add(many);
  ExpectFlat(few, many, {"AddTrialMeasurement", add});
}

// What is read for replies alone is read beside the writer.
TEST_F(Flatness, TheWriterReadsNeitherMeasurementsNorMetadata) {
  LargeStudy few(kBatch, pb::Trial::SUCCEEDED);
  LargeStudy many(kBatch, pb::Trial::SUCCEEDED);
  const auto fill = [](LargeStudy& s, int entries) {
    std::vector<MetadataChange> changes;
    for (int i = 0; i < entries; ++i) {
      EXPECT_OK(AddMeasurement(s.store(), s.Own(), AMeasurement(i + 1, {{"y", 0.1}}), {}));
      pb::KeyValue entry;
      entry.set_key(absl::StrCat("key ", i));
      changes.push_back({s.Own().id, entry});
      changes.push_back({std::nullopt, entry});
    }
    ASSERT_OK(UpdateMetadata(s.store(), s.name(), changes));
  };
  fill(few, 2);
  fill(many, 1000);
  const Request requests[] = {
      {"SuggestTrials", [](LargeStudy& s) { EXPECT_EQ(s.SuggestIds(kOldClient).size(), 1u); }},
      {"AddTrialMeasurement",
       [](LargeStudy& s) {
         EXPECT_OK(AddMeasurement(s.store(), s.Own(), AMeasurement(0, {{"y", 0.1}}), {}));
       }},
      {"StopTrial", [](LargeStudy& s) { EXPECT_OK(StopTrial(s.store(), s.Own(), "")); }},
      {"SetStudyState", [](LargeStudy& s) { EXPECT_OK(SetStudyState(s.store(), s.name(), pb::Study::ACTIVE)); }},
  };
  for (const Request& request : requests) {
    const int64_t small = few.WriterStepsOf(request.work);
    EXPECT_GT(small, 0) << request.name;
    EXPECT_LE(many.WriterStepsOf(request.work), kAllowedGrowth * static_cast<double>(small) + kAllowedSteps)
        << request.name;
  }
  EXPECT_EQ(many.WriterStepsOf([](LargeStudy& s) {
    EXPECT_OK(CreateStudy(s.store(), {s.name().owner}, AStudy(s.name().study).Study()));
  }),
            0)
      << "a study that exists is given without the writer";
  const int64_t noted = many.WriterStepsOf([](LargeStudy& s) {
    EXPECT_OK(CreateStudy(s.store(), {s.name().owner}, AStudy(s.name().study).Study(), IfExists::kReturn,
                          {s.Client(), "CreateStudy"}));
  });
  EXPECT_GT(noted, 0);
  EXPECT_LE(noted, 1000) << "or with a note of the request alone";
}

TEST_F(Flatness, AnAttemptIsFoundTheSameBesideManyOthers) {
  LargeStudy few(kBatch, pb::Trial::SUCCEEDED);
  LargeStudy many(kBatch, pb::Trial::SUCCEEDED);
  const auto put = [](LargeStudy& s, int32_t attempts) {
    ASSERT_OK(s.store().EditActive(s.name(), [&](StudyEdit& edit) -> absl::Status {
      absl::Status status;
      for (int32_t i = 1; status.ok() && i <= attempts; ++i) {
        status = edit.transaction().PutAttempt(edit.study().uid, {.trial_id = 1, .attempt = i, .lease_epoch = i});
      }
      return status;
    }));
  };
  put(few, 10);
  put(many, 10'000);
  ExpectFlat(few, many, {"FindAttempt", [](LargeStudy& s) {
                           EXPECT_OK(s.store().storage().Read([&](Snapshot& snapshot) -> absl::Status {
                             const int64_t uid = s.store().Find(snapshot, s.name())->uid;
                             const auto found = snapshot.FindAttempt(uid, 1, 9);
                             EXPECT_EQ((*found)->attempt, 9);
                             return found.status();
                           }));
                         }});
}

TEST_F(Flatness, AnEntryOfMetadataCostsTheSameBesideManyOthers) {
  LargeStudy few(kBatch, pb::Trial::SUCCEEDED);
  LargeStudy many(kBatch, pb::Trial::SUCCEEDED);
  std::vector<MetadataChange> changes;
  for (int i = 0; i < 5000; ++i) {
    pb::KeyValue entry;
    entry.set_key(absl::StrCat("key ", i));
    changes.push_back({1, entry});
    changes.push_back({std::nullopt, entry});
  }
  ASSERT_OK(UpdateMetadata(many.store(), many.name(), changes));
  ExpectFlat(few, many, {"UpdateMetadata", [](LargeStudy& s) {
                           pb::KeyValue entry;
                           entry.set_key(s.Client());
                           EXPECT_OK(UpdateMetadata(s.store(), s.name(), {{1, entry}, {std::nullopt, entry}}));
                         }});
}

TEST_F(Flatness, ABacklogDoesNotSlowDownAStudyThatDrains) {
  LargeStudy few(kFew, pb::Trial::REQUESTED);
  LargeStudy many(kMany, pb::Trial::REQUESTED);
  few.DrainButOne();
  many.DrainButOne();
  ExpectFlat(few, many, {"DeleteTrial", [](LargeStudy& s) { EXPECT_OK(DeleteTrial(s.store(), s.Old())); }});
}

}  // namespace
}  // namespace photinus
