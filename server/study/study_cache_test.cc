#include "server/study/study_cache.h"

#include <gmock/gmock.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <string>

#include "common/base/random.h"
#include "server/study/metadata.h"
#include "server/study/optimal_trials.h"
#include "server/study/study_status.h"
#include "server/study/trial_size.h"
#include "tests/support/study_fixture.h"

namespace photinus {
namespace {

using History = std::shared_ptr<const StudyHistory>;

bool SameBits(const std::vector<double>& a, const std::vector<double>& b) {
  return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(double)) == 0);
}

bool SameBits(const TrialChunk& a, const TrialChunk& b) {
  bool same = a.ids == b.ids && a.states == b.states && a.apart == b.apart && a.stopped_early == b.stopped_early &&
              a.others == b.others && a.parameters.size() == b.parameters.size() &&
              a.objectives.size() == b.objectives.size() && a.slacks.size() == b.slacks.size();
  for (size_t p = 0; same && p < a.parameters.size(); ++p) {
    same = SameBits(a.parameters[p].values, b.parameters[p].values) && a.parameters[p].active == b.parameters[p].active;
  }
  for (size_t i = 0; same && i < a.objectives.size(); ++i) same = SameBits(a.objectives[i], b.objectives[i]);
  for (size_t i = 0; same && i < a.slacks.size(); ++i) same = SameBits(a.slacks[i], b.slacks[i]);
  return same;
}

void ExpectSameBits(const StudyHistory& a, const StudyHistory& b) {
  EXPECT_EQ(a.version(), b.version());
  EXPECT_EQ(a.size(), b.size());
  EXPECT_EQ(a.optimal(), b.optimal());
  ASSERT_EQ(a.chunks().size(), b.chunks().size());
  for (size_t i = 0; i < a.chunks().size(); ++i) {
    ASSERT_EQ(a.chunks()[i] == nullptr, b.chunks()[i] == nullptr);
    EXPECT_TRUE(a.chunks()[i] == nullptr || SameBits(*a.chunks()[i], *b.chunks()[i])) << "chunk " << i;
  }
}

class StudyCacheTest : public StudyFixture {
 protected:
  // As `cache` has it; without one, as a new cache builds it.
  History HistoryOf(StudyCache& cache) {
    History history;
    EXPECT_OK(storage_->Read([&](Snapshot& snapshot) -> absl::Status {
      auto found = cache.History(snapshot, *store_.Find(snapshot, name_));
      if (found.ok()) history = *std::move(found);
      return found.status();
    }));
    return history;
  }
  History Rebuilt() {
    StudyCache fresh;
    return HistoryOf(fresh);
  }
  History Known() { return HistoryOf(store_.cache()); }

  void AddFinished(double y) { ASSERT_OK(CreateTrial(store_, name_, ASucceededTrial({{"x", 0.5}}, {{"y", y}}))); }
  void SetDocument(const std::string& json) {
    pb::KeyValue entry;
    entry.set_ns("photinus");
    entry.set_key("study");
    entry.set_value(json);
    ASSERT_OK(UpdateMetadata(store_, name_, {{std::nullopt, entry}}));
  }
};

constexpr char kDerived[] = R"({"metrics": [{"name": "cost", "goal": "minimize", "expression": "%s * latency"}],
                              "outcome_constraints": ["latency <= 7"]})";
std::string Derived(int factor) {
  std::string text = kDerived;
  return text.replace(text.find("%s"), 2, std::to_string(factor));
}

// What happens to a study, at random.
class RandomLife : public StudyCacheTest {
 protected:
  void SetUp() override {
    AStudy study("life");
    study.WithFloat("x").WithFloat("z").WithObjective("y").WithObjective("cost", false).WithDocument(Derived(1));
    pb::Study with_category = study.Study();
    auto& category = *with_category.mutable_study_spec()->add_parameters();
    category.set_parameter_id("kind");
    for (const char* kind : {"a", "b"}) category.mutable_categorical_value_spec()->add_values(kind);
    ASSERT_OK(CreateStudy(store_, {"ada"}, with_category));
    name_ = {"ada", "life"};
  }

  int64_t AnyId() { return 1 + static_cast<int64_t>(random_.Uniform() * static_cast<double>(created_)); }
  double AnyValue() {
    const double u = random_.Uniform();
    if (u < 0.05) return std::numeric_limits<double>::quiet_NaN();
    if (u < 0.1) return -0.0;
    return std::floor(10 * random_.Uniform());
  }

  void Create() {
    const bool finished = random_.Uniform() < 0.5;
    pb::Trial trial = ATrial({{"x", random_.Uniform()}, {"z", random_.Uniform()}});
    auto& kind = *trial.add_parameters();
    kind.set_parameter_id("kind");
    // History from elsewhere may have a category that the space does not know.
    const int place = static_cast<int>(random_.Uniform() * (finished ? 5 : 2));
    kind.mutable_value()->set_string_value(std::string(1, static_cast<char>('a' + place)));
    if (finished) {
      trial.set_state(pb::Trial::SUCCEEDED);
      *trial.mutable_final_measurement() = AMeasurement(1, {{"y", AnyValue()}, {"latency", AnyValue()}});
    }
    ASSERT_OK(CreateTrial(store_, name_, trial));
    ++created_;
  }

  // Whatever of these is refused changes nothing.
  void Change() {
    const TrialName trial{name_, AnyId()};
    const double u = random_.Uniform();
    if (u < 0.4) {
      Create();
    } else if (u < 0.55) {
      (void)AddMeasurement(store_, trial, AMeasurement(1, {{"latency", AnyValue()}}), {});
    } else if (u < 0.75) {
      Completion completion;
      completion.infeasible = random_.Uniform() < 0.3;
      completion.final_measurement = AMeasurement(2, {{"y", AnyValue()}, {"latency", AnyValue()}});
      (void)store_.Edit(name_, [&](StudyEdit& edit) -> absl::Status {
        auto row = edit.GetTrial(trial.id);
        if (!row.ok() || row->state != pb::Trial::REQUESTED) return absl::OkStatus();
        Assign({"c", ""}, edit.now(), *row);
        return edit.PutTrial(*row);
      });
      (void)CompleteTrial(store_, trial, completion, {});
    } else if (u < 0.9) {
      pb::KeyValue entry;
      entry.set_key("k");
      (void)UpdateMetadata(store_, name_, {{trial.id, entry}});
    } else if (u < 0.97) {
      (void)DeleteTrial(store_, trial);
    } else {
      SetDocument(Derived(static_cast<int>(1 + 3 * random_.Uniform())));
    }
  }

  Random random_{11};
  int64_t created_ = 1;
};

TEST_F(RandomLife, AHistoryThatIsBroughtUpToDateEqualsARebuiltOneBitForBit) {
  for (int round = 0; round < 400; ++round) {
    for (auto changes = static_cast<int>(6 * random_.Uniform()); changes > 0; --changes) Change();
    const History rebuilt = Rebuilt();
    ExpectSameBits(*Known(), *rebuilt);
    if (HasFailure()) FAIL() << "after round " << round;
  }
  EXPECT_GT(Known()->size(), TrialChunk::kTrials);
  EXPECT_GT(Known()->optimal().size(), 0u);
}

TEST_F(StudyCacheTest, LargeTrialsThatChangedAreReadOneByOne) {
  Create(AStudy("kws").WithFloat("x").WithObjective("y"));
  AddFinished(1);
  ASSERT_EQ(Known()->size(), 1u);
  for (double y : {3.0, 2.0, 4.0}) {
    pb::Trial trial = ASucceededTrial({{"x", 0.5}}, {{"y", y}});
    trial.mutable_final_measurement()->add_metrics()->set_metric_id(std::string(kMaxMeasurementBytes - 1000, 'm'));
    ASSERT_OK(CreateTrial(store_, name_, trial));
  }
  ExpectSameBits(*Known(), *Rebuilt());
  EXPECT_THAT(Known()->optimal(), testing::ElementsAre(4));
}

TEST_F(StudyCacheTest, OnlyALongReadBuildsAHistory) {
  Create(AStudy("kws").WithFloat("x").WithObjective("y"));
  AddFinished(1);
  const auto short_read = [&] {
    return storage_->Read([&](Snapshot& snapshot) {
      return store_.cache().History(snapshot, *store_.Find(snapshot, name_), {.may_be_long = false}).status();
    });
  };
  EXPECT_TRUE(IsLongReadNeeded(short_read()));
  EXPECT_TRUE(IsLongReadNeeded(GetStudyStatus(store_, name_, {.may_be_long = false}).status()));
  EXPECT_OK(GetStudyStatus(store_, name_));
  AddFinished(2);
  EXPECT_OK(short_read()) << "what changed since is little";
}

TEST_F(StudyCacheTest, ATrialLeavesTheHistoryAsItCame) {
  Create(AStudy("kws").WithFloat("x").WithObjective("y"));
  AddFinished(0.25);
  const TrialName running = Start();
  const History history = Known();
  ASSERT_EQ(history->size(), 2u);
  const HistoryTrial first = *history->Find(1);
  EXPECT_EQ(first.state(), pb::Trial::SUCCEEDED);
  EXPECT_EQ(first.point(), (Point{{"x", 0.5}}));
  EXPECT_EQ(first.objectives(), std::vector<double>{0.25});
  const HistoryTrial second = *history->Find(running.id);
  EXPECT_EQ(second.state(), pb::Trial::ACTIVE);
  EXPECT_TRUE(std::isnan(second.objective(0)));
  EXPECT_FALSE(history->Find(3).has_value());
  EXPECT_EQ(history->optimal(), std::vector<int64_t>{1});
  EXPECT_EQ(history->Latest(pb::Trial::SUCCEEDED, 5).size(), 1u);
}

TEST_F(StudyCacheTest, AChangeCopiesOneChunkHoweverManyTrialsThereAre) {
  Create(AStudy("kws").WithFloat("x").WithObjective("y"));
  for (int i = 0; i < 10 * TrialChunk::kTrials; ++i) AddFinished(i);
  const TrialName changed = Start();
  const History before = Known();
  ASSERT_OK(CompleteTrial(store_, changed, Result(0), {}));
  const History after = Known();
  ASSERT_EQ(before->chunks().size(), after->chunks().size());
  int copied = 0;
  for (size_t i = 0; i < after->chunks().size(); ++i) copied += before->chunks()[i] != after->chunks()[i] ? 1 : 0;
  EXPECT_EQ(copied, 1);
  EXPECT_EQ(Known(), after) << "without a change nothing is made";
}

TEST_F(StudyCacheTest, AReplicaSeesWhatAnotherDeletedAndItsNewDocument) {
  Create(AStudy("kws").WithFloat("x").WithObjective("cost", false).WithDocument(Derived(1)));
  for (const double latency : {3, 2}) {
    ASSERT_OK(CreateTrial(store_, name_, ASucceededTrial({{"x", 0.5}}, {{"latency", latency}})));
  }
  StudyCache other;  // of a second server on the same database
  EXPECT_EQ(HistoryOf(other)->optimal(), std::vector<int64_t>{2});
  ASSERT_OK(DeleteTrial(store_, {name_, 2}));
  EXPECT_EQ(HistoryOf(other)->optimal(), std::vector<int64_t>{1});
  EXPECT_EQ(HistoryOf(other)->size(), 1u);
  SetDocument(Derived(2));
  EXPECT_EQ(HistoryOf(other)->Find(1)->objective(0), 6);
}

TEST_F(StudyCacheTest, ADocumentThatWasNotStoredIsNotRemembered) {
  Create(AStudy("kws").WithFloat("x").WithObjective("cost", false).WithDocument(Derived(1)));
  ASSERT_OK(CreateTrial(store_, name_, ASucceededTrial({{"x", 0.5}}, {{"latency", 1}})));
  const auto change = [&](int factor, const absl::Status& end) {
    return store_.Edit(name_, [&](StudyEdit& edit) -> absl::Status {
      pb::KeyValue entry;
      entry.set_ns("photinus");
      entry.set_key("study");
      entry.set_value(Derived(factor));
      const absl::Status put = edit.transaction().PutMetadata(edit.study().uid, 0, entry);
      if (!put.ok()) return put;
      edit.MarkNewProblem();
      const auto problem = edit.Problem();
      return problem.ok() ? end : problem.status();
    });
  };
  EXPECT_FALSE(change(7, absl::AbortedError("no")).ok());
  EXPECT_EQ(Known()->Find(1)->objective(0), 1);
  ASSERT_OK(change(5, absl::OkStatus()));  // makes the version that the first one would have made
  EXPECT_EQ(Known()->Find(1)->objective(0), 5);
}

TEST_F(StudyCacheTest, StudiesAreForgottenWhereTheyTakeTooMuch) {
  StudyCache small(1);
  Create(AStudy("first").WithFloat("x").WithObjective("y"));
  AddFinished(1);
  const History first = HistoryOf(small);
  EXPECT_EQ(HistoryOf(small), first) << "the study used last stays";
  EXPECT_GT(small.bytes(), first->bytes());
  const StudyName first_name = name_;
  Create(AStudy("second").WithFloat("x").WithObjective("y"));
  HistoryOf(small);
  name_ = first_name;
  EXPECT_NE(HistoryOf(small), first);
  ExpectSameBits(*HistoryOf(small), *first);
}

}  // namespace
}  // namespace photinus
