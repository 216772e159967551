// The contract on trials and what belongs to them.
#include <cmath>
#include <limits>
#include <string>
#include <tuple>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "gmock/gmock.h"
#include "server/storage/storage_contract.h"

namespace photinus {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

constexpr pb::Trial::State kAllTrialStates[] = {pb::Trial::REQUESTED, pb::Trial::ACTIVE, pb::Trial::STOPPING,
                                                pb::Trial::SUCCEEDED, pb::Trial::INFEASIBLE};

std::vector<int64_t> Ids(const std::vector<TrialRow>& trials) {
  std::vector<int64_t> ids;
  ids.reserve(trials.size());
  for (const TrialRow& trial : trials) ids.push_back(trial.id);
  return ids;
}

std::vector<std::string> Keys(const std::vector<MetadataRow>& rows) {
  std::vector<std::string> keys;
  keys.reserve(rows.size());
  for (const MetadataRow& row : rows) {
    keys.push_back(absl::StrCat(row.trial_id, "/", row.entry.ns(), "/", row.entry.key(), "=", row.entry.value()));
  }
  return keys;
}

// "trial.attempt.seq=accuracy" of each.
std::vector<std::string> Curve(const std::vector<MeasurementRow>& rows) {
  std::vector<std::string> curve;
  curve.reserve(rows.size());
  for (const MeasurementRow& row : rows) {
    curve.push_back(absl::StrCat(row.trial_id, ".", row.attempt, ".", row.seq, "=", row.body.metrics(0).value()));
  }
  return curve;
}

TEST_P(StorageContract, TrialsKeepEveryField) {
  const int64_t uid = AddStudy();
  TrialRow trial = MakeTrial(uid, 3, pb::Trial::STOPPING);
  trial.client_id = "worker-1";
  trial.attempt = 2;
  trial.lease_epoch = 5;
  trial.incarnation = "8f14e45f";
  trial.mod_version = 42;
  trial.completion_hash = "hash";
  trial.stop_requested = true;
  trial.stop_reason = "below the median at step 3";
  trial.stop.set_outcome(v1::StopDecision::STOPPED);
  trial.stop.set_predicted_final(0.5);
  trial.lost_count = 1;
  trial.lost = true;
  trial.role = "retest";
  trial.measurement_bytes = int64_t{1} << 40;
  trial.metadata_bytes = 7;
  trial.body.add_parameters()->set_parameter_id("lr");
  trial.body.mutable_parameters(0)->mutable_value()->set_number_value(0.01);
  auto* metric = trial.body.mutable_final_measurement()->add_metrics();
  metric->set_metric_id("accuracy");
  for (const double value : {0.25, std::nan(""), -std::numeric_limits<double>::infinity(), -0.0}) {
    metric->set_value(value);
    Write([&](Transaction& t) { return t.PutTrial(trial); });
    const auto found = Get([&](Snapshot& s) { return s.GetTrial(uid, 3); });
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(found->study_uid, uid);
    EXPECT_EQ(found->id, 3);
    EXPECT_EQ(found->state, trial.state);
    EXPECT_EQ(found->client_id, trial.client_id);
    EXPECT_EQ(found->attempt, trial.attempt);
    EXPECT_EQ(found->lease_epoch, trial.lease_epoch);
    EXPECT_EQ(found->incarnation, trial.incarnation);
    EXPECT_EQ(found->mod_version, trial.mod_version);
    EXPECT_EQ(found->completion_hash, trial.completion_hash);
    EXPECT_EQ(found->stop_requested, trial.stop_requested);
    EXPECT_EQ(found->measurement_bytes, trial.measurement_bytes);
    EXPECT_EQ(found->metadata_bytes, trial.metadata_bytes);
    EXPECT_EQ(found->stop_reason, trial.stop_reason);
    EXPECT_EQ(found->stop.SerializeAsString(), trial.stop.SerializeAsString());
    EXPECT_EQ(found->lost_count, trial.lost_count);
    EXPECT_EQ(found->lost, trial.lost);
    EXPECT_EQ(found->role, trial.role);
    EXPECT_EQ(found->body.SerializeAsString(), trial.body.SerializeAsString()) << value;
  }
  EXPECT_FALSE(Get([&](Snapshot& s) { return s.GetTrial(uid, 4); }).has_value());
  EXPECT_FALSE(Get([&](Snapshot& s) { return s.GetTrial(uid + 1, 3); }).has_value());
}

TEST_P(StorageContract, TrialsAreListedByEveryQuery) {
  const int64_t uid = AddStudy();
  const int64_t other = AddStudy("other");
  AddTrial(other, 1);
  Write([&](Transaction& t) -> absl::Status {
    for (int64_t id = 1; id <= 10; ++id) {  // states in turn, clients in turn of two, versions downwards
      TrialRow trial = MakeTrial(uid, id, kAllTrialStates[(id - 1) % 5]);
      trial.client_id = id % 2 == 0 ? "even" : "odd";
      trial.mod_version = 100 - id;
      trial.attempt = id > 5 ? 2 : 1;
      RETURN_IF_ERROR(t.PutTrial(trial));
    }
    return absl::OkStatus();
  });
  struct Case {
    TrialQuery query;
    std::vector<int64_t> expected;
  };
  using T = pb::Trial;
  const std::vector<Case> cases = {
      {{}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10}},
      {{.after_id = 8}, {9, 10}},
      {{.after_id = 2, .limit = 3}, {3, 4, 5}},
      {{.limit = 0}, {}},
      {{.states = {T::REQUESTED}}, {1, 6}},
      {{.after_id = 1, .limit = 1, .states = {T::REQUESTED}}, {6}},
      {{.states = {T::ACTIVE}}, {2, 7}},
      {{.states = {T::STOPPING, T::ACTIVE}}, {2, 3, 7, 8}},
      {{.states = {T::ACTIVE}, .client_id = "odd"}, {7}},
      {{.states = {T::STOPPING, T::ACTIVE, T::ACTIVE}, .client_id = "even"}, {2, 8}},
      {{.after_id = 2, .states = {T::STOPPING}, .client_id = "odd"}, {3}},
      {{.states = {T::SUCCEEDED, T::INFEASIBLE}}, {4, 5, 9, 10}},
      {{.states = {T::REQUESTED, T::INFEASIBLE}, .client_id = "odd"}, {1, 5}},
      {{.client_id = "even"}, {2, 4, 6, 8, 10}},
      {{.client_id = ""}, {}},
      {{.since_version = 95}, {4, 3, 2, 1}},
      {{.since_version = 0}, {10, 9, 8, 7, 6, 5, 4, 3, 2, 1}},
      {{.limit = 2, .states = {T::SUCCEEDED, T::REQUESTED}, .since_version = 91}, {6, 4}},
      {{.states = {T::REQUESTED}, .client_id = "odd", .since_version = 0}, {1}},
      {{.since_version = 99}, {}},
      {{.states = {T::REQUESTED}, .tried_before = true}, {6}},
  };
  for (size_t i = 0; i < cases.size(); ++i) {
    EXPECT_EQ(Ids(Get([&](Snapshot& s) { return s.ListTrials(uid, cases[i].query); })), cases[i].expected)
        << "case " << i;
  }
}

TEST_P(StorageContract, CountsFollowEveryChangeOfState) {
  const int64_t uid = AddStudy();
  for (int64_t id = 1; id <= 5; ++id) AddTrial(uid, id, kAllTrialStates[id - 1]);
  TrialRow trial = MakeTrial(uid, 6, pb::Trial::ACTIVE);
  for (const pb::Trial::State state : {pb::Trial::ACTIVE, pb::Trial::STOPPING, pb::Trial::SUCCEEDED}) {
    trial.state = state;
    trial.stop_requested = state != pb::Trial::ACTIVE;
    Write([&](Transaction& t) { return t.PutTrial(trial); });
    Write([&](Transaction& t) { return t.PutTrial(trial); });  // no change
    const TrialCounts counts = Get([&](Snapshot& s) { return s.CountTrials(uid); });
    EXPECT_EQ(counts.requested, 1);
    EXPECT_EQ(counts.active, state == pb::Trial::ACTIVE ? 2 : 1);
    EXPECT_EQ(counts.stopping, state == pb::Trial::STOPPING ? 2 : 1);
    EXPECT_EQ(counts.succeeded, state == pb::Trial::SUCCEEDED ? 2 : 1);
    EXPECT_EQ(counts.infeasible, 1);
    EXPECT_EQ(counts.stopped_early, state == pb::Trial::SUCCEEDED ? 1 : 0) << "only finished ones count";
  }
  Write([&](Transaction& t) { return t.DeleteTrial(uid, 6, 101); });
  const TrialCounts counts = Get([&](Snapshot& s) { return s.CountTrials(uid); });
  EXPECT_EQ(counts.succeeded, 1);
  EXPECT_EQ(counts.stopped_early, 0);
  EXPECT_EQ(Get([&](Snapshot& s) { return s.CountTrials(uid + 1); }).requested, 0);
}

TEST_P(StorageContract, DeletedTrialsAreRememberedByTheirVersions) {
  const int64_t uid = AddStudy();
  for (const int64_t id : {1, 2, 3}) AddTrial(uid, id);
  Write([&](Transaction& t) { return t.DeleteTrial(uid, 3, 8); });
  Write([&](Transaction& t) { return t.DeleteTrial(uid, 1, 9); });
  Write([&](Transaction& t) { return t.DeleteTrial(uid, 7, 10); });  // there is none
  const auto deleted_since = [&](int64_t version) {
    return Get([&](Snapshot& s) { return s.ListDeletedTrials(uid, version); });
  };
  EXPECT_THAT(deleted_since(0), ElementsAre(3, 1));
  EXPECT_THAT(deleted_since(8), ElementsAre(1));
  EXPECT_THAT(deleted_since(9), IsEmpty());
}

TEST_P(StorageContract, ADeletedTrialTakesItsPartsWithIt) {
  const int64_t uid = AddStudy();
  for (const int64_t id : {1, 2}) {
    AddTrial(uid, id);
    Write([&](Transaction& t) -> absl::Status {
      RETURN_IF_ERROR(t.AddMeasurement(uid, id, 1, Accuracy(0.5)).status());
      RETURN_IF_ERROR(t.PutMetadata(uid, id, Entry("", "a", "b")));
      RETURN_IF_ERROR(t.PutAttempt(uid, AttemptRow{id, 1, "w", 1, "lost", absl::UnixEpoch(), {}}));
      RETURN_IF_ERROR(t.PutExplanation(uid, ExplanationRow{id, {}}));
      return t.PutArtifact(uid, ArtifactRow{id, "log.txt", "00", 3}, "abc");
    });
  }
  Write([&](Transaction& t) { return t.PutMetadata(uid, 0, Entry("", "a", "study")); });
  Write([&](Transaction& t) { return t.DeleteTrial(uid, 1, 101); });
  EXPECT_EQ(Ids(Get([&](Snapshot& s) { return s.ListTrials(uid, {}); })), std::vector<int64_t>{2});
  EXPECT_EQ(Get([&](Snapshot& s) { return s.ListMetadata(uid, 0, 9); }).size(), 2u);
  EXPECT_EQ(Get([&](Snapshot& s) { return s.ListMeasurements(uid, 0, 9); }).size(), 1u);
  EXPECT_FALSE(Get([&](Snapshot& s) { return s.GetTrial(uid, 1); }).has_value());
  EXPECT_TRUE(Get([&](Snapshot& s) { return s.ListTrials(uid, {.states = {pb::Trial::ACTIVE}}); }).empty());
  EXPECT_EQ(Ids(Get([&](Snapshot& s) { return s.ListTrials(uid, {.since_version = -1}); })), std::vector<int64_t>{2});
  EXPECT_EQ(Get([&](Snapshot& s) { return s.CountTrials(uid); }).requested, 1);
  EXPECT_EQ(EraseAll(1), 5) << "bit by bit: artifact, measurement, attempt, explanation, trial";
  EXPECT_EQ(EraseAll(1), 0);
  EXPECT_EQ(Get([&](Snapshot& s) { return s.CountTrials(uid); }).requested, 1);
  for (const int64_t id : {1, 2}) {
    const size_t expected = id == 2 ? 1 : 0;
    EXPECT_EQ(Get([&](Snapshot& s) { return s.ListAttemptMeasurements(uid, id, 1); }).size(), expected);
    EXPECT_EQ(Get([&](Snapshot& s) { return s.ListAttempts(uid, id); }).size(), expected);
    EXPECT_EQ(Get([&](Snapshot& s) { return s.ListExplanations(uid, id, id); }).size(), expected);
    EXPECT_EQ(Get([&](Snapshot& s) { return s.ListArtifacts(uid, id); }).size(), expected);
  }
}

TEST_P(StorageContract, ManyDeletedTrialsAreErasedTogether) {
  const int64_t uid = AddStudy();
  for (int64_t id = 1; id <= 20; ++id) {
    AddTrial(uid, id);
    Write([&](Transaction& t) { return t.AddMeasurement(uid, id, 1, Accuracy(0.5)).status(); });
    Write([&](Transaction& t) { return t.DeleteTrial(uid, id, 100 + id); });
  }
  EXPECT_TRUE(Get([](Snapshot& s) { return s.HasDeleted(); }));
  EXPECT_EQ(EraseAll(20), 2);
  EXPECT_FALSE(Get([](Snapshot& s) { return s.HasDeleted(); }));
  AddTrial(uid, 21);
  Write([&](Transaction& t) { return t.DeleteTrial(uid, 21, 200); });
  Write([&](Transaction& t) { return t.DeleteStudy(uid); });
  EXPECT_GE(EraseAll(1000), 1);
  EXPECT_FALSE(Get([](Snapshot& s) { return s.HasDeleted(); }));
}

TEST_P(StorageContract, MeasurementsAreNumberedPerAttempt) {
  const int64_t uid = AddStudy();
  AddTrial(uid, 1);
  AddTrial(uid, 2);
  std::vector<int64_t> seqs;
  Write([&](Transaction& t) -> absl::Status {
    seqs.clear();
    for (const auto& [trial, attempt, value] : std::vector<std::tuple<int64_t, int32_t, double>>{
             {1, 1, 0.1}, {1, 1, 0.2}, {2, 1, 0.3}, {1, 2, 0.4}, {1, 1, 0.5}, {1, 2, std::nan("")}}) {
      ASSIGN_OR_RETURN(const int64_t seq, t.AddMeasurement(uid, trial, attempt, Accuracy(value)));
      seqs.push_back(seq);
    }
    return absl::OkStatus();
  });
  EXPECT_THAT(seqs, ElementsAre(1, 2, 1, 1, 3, 2));
  EXPECT_THAT(Curve(Get([&](Snapshot& s) { return s.ListAttemptMeasurements(uid, 1, 1); })),
              ElementsAre("1.1.1=0.1", "1.1.2=0.2", "1.1.3=0.5"));
  EXPECT_THAT(Curve(Get([&](Snapshot& s) { return s.ListAttemptMeasurements(uid, 1, 2); })),
              ElementsAre("1.2.1=0.4", "1.2.2=nan"));
  EXPECT_THAT(Curve(Get([&](Snapshot& s) { return s.LatestMeasurements(uid, 1, 1, 2); })),
              ElementsAre("1.1.3=0.5", "1.1.2=0.2"));
  EXPECT_TRUE(Get([&](Snapshot& s) { return s.LatestMeasurements(uid, 1, 3, 2); }).empty());
  const absl::Status orphan =
      storage_->Transact([&](Transaction& t) { return t.AddMeasurement(uid, 3, 1, Accuracy(0.1)).status(); });
  EXPECT_TRUE(absl::IsNotFound(orphan)) << orphan;
}

TEST_P(StorageContract, AnEqualMeasurementOfAnAttemptIsFound) {
  const int64_t uid = AddStudy();
  AddTrial(uid, 1);
  AddTrial(uid, 2);
  Write([&](Transaction& t) -> absl::Status {
    for (const double value : {0.1, 0.2, std::nan("")}) {
      RETURN_IF_ERROR(t.AddMeasurement(uid, 1, 2, Accuracy(value)).status());
    }
    return absl::OkStatus();
  });
  const auto has = [&](int64_t trial, int32_t attempt, const pb::Measurement& measurement) {
    return Get([&](Snapshot& s) { return s.HasMeasurement(uid, trial, attempt, measurement); });
  };
  EXPECT_TRUE(has(1, 2, Accuracy(0.1)));
  EXPECT_TRUE(has(1, 2, Accuracy(0.2)));
  EXPECT_TRUE(has(1, 2, Accuracy(std::nan(""))));
  EXPECT_FALSE(has(1, 2, Accuracy(0.3)));
  EXPECT_FALSE(has(1, 2, pb::Measurement()));
  EXPECT_FALSE(has(1, 1, Accuracy(0.1)));
  EXPECT_FALSE(has(2, 2, Accuracy(0.1)));
  EXPECT_FALSE(Get([&](Snapshot& s) { return s.HasMeasurement(uid + 1, 1, 2, Accuracy(0.1)); }));
}

TEST_P(StorageContract, MeasurementsOfARangeOfTrialsAreThoseOfTheirCurrentAttempts) {
  const int64_t uid = AddStudy();
  Write([&](Transaction& t) -> absl::Status {
    for (int64_t id = 1; id <= 4; ++id) {
      TrialRow trial = MakeTrial(uid, id, pb::Trial::ACTIVE);
      trial.attempt = id == 2 ? 2 : 1;
      RETURN_IF_ERROR(t.PutTrial(trial));
      for (const int32_t attempt : {1, 2}) {
        RETURN_IF_ERROR(t.AddMeasurement(uid, id, attempt, Accuracy(0.5)).status());
        RETURN_IF_ERROR(t.AddMeasurement(uid, id, attempt, Accuracy(0.75)).status());
      }
    }
    return absl::OkStatus();
  });
  EXPECT_THAT(Curve(Get([&](Snapshot& s) { return s.ListMeasurements(uid, 2, 3); })),
              ElementsAre("2.2.1=0.5", "2.2.2=0.75", "3.1.1=0.5", "3.1.2=0.75"));
  EXPECT_EQ(Get([&](Snapshot& s) { return s.ListMeasurements(uid, 1, std::numeric_limits<int64_t>::max()); }).size(),
            8u);
}

TEST_P(StorageContract, KnowsHowManyBytesTrialsTake) {
  const int64_t uid = AddStudy();
  TrialRow first = MakeTrial(uid, 1, pb::Trial::ACTIVE);
  first.measurement_bytes = 100;
  first.metadata_bytes = 10;
  TrialRow second = MakeTrial(uid, 2, pb::Trial::ACTIVE);
  second.metadata_bytes = 1000;
  TrialRow retried = MakeTrial(uid, 3, pb::Trial::ACTIVE);
  retried.attempt = 2;
  retried.measurement_bytes = 1;
  Write([&](Transaction& t) -> absl::Status {
    for (const TrialRow& trial : {first, second, retried}) RETURN_IF_ERROR(t.PutTrial(trial));
    RETURN_IF_ERROR(t.AddMeasurement(uid, 3, 1, Accuracy(0.5)).status());
    return t.AddMeasurement(uid, 3, 2, Accuracy(0.5)).status();
  });
  const auto body = [](const TrialRow& trial) { return static_cast<int64_t>(trial.body.ByteSizeLong()); };
  const auto bytes = [&](const TrialQuery& query) {
    std::vector<std::pair<int64_t, int64_t>> all;
    for (const TrialBytes& trial : Get([&](Snapshot& s) { return s.ListTrialBytes(uid, query); })) {
      all.emplace_back(trial.trial_id, trial.bytes);
    }
    return all;
  };
  const auto both_attempts = 2 * static_cast<int64_t>(Accuracy(0.5).ByteSizeLong());
  EXPECT_THAT(bytes({}), ElementsAre(Pair(1, body(first) + 110), Pair(2, body(second) + 1000),
                                     Pair(3, body(retried) + both_attempts)));
  EXPECT_THAT(bytes({.after_id = 1, .limit = 1}), ElementsAre(Pair(2, body(second) + 1000)));
  EXPECT_THAT(bytes({.states = {pb::Trial::INFEASIBLE}}), IsEmpty());
}

TEST_P(StorageContract, MetadataKeepsTheOrderInWhichKeysWereFirstSet) {
  const int64_t uid = AddStudy();
  AddTrial(uid, 1);
  AddTrial(uid, 2);
  Write([&](Transaction& t) -> absl::Status {
    RETURN_IF_ERROR(t.PutMetadata(uid, 2, Entry("", "z", "1")));
    RETURN_IF_ERROR(t.PutMetadata(uid, 0, Entry("photinus", "study", "{}")));
    RETURN_IF_ERROR(t.PutMetadata(uid, 1, Entry("", "b", "1")));
    RETURN_IF_ERROR(t.PutMetadata(uid, 1, Entry(":x", "b", "2")));
    return t.PutMetadata(uid, 1, Entry("", "a", "3"));
  });
  Write([&](Transaction& t) { return t.PutMetadata(uid, 1, Entry("", "b", "4")); });  // keeps its place
  EXPECT_THAT(Keys(Get([&](Snapshot& s) { return s.ListMetadata(uid, 0, 0); })), ElementsAre("0/photinus/study={}"));
  EXPECT_THAT(Keys(Get([&](Snapshot& s) { return s.ListMetadata(uid, 1, 2); })),
              ElementsAre("1//b=4", "1/:x/b=2", "1//a=3", "2//z=1"));
  EXPECT_THAT(Get([&](Snapshot& s) { return s.ListMetadata(uid + 1, 0, 9); }), IsEmpty());
}

TEST_P(StorageContract, TheSizeOfMetadataIsThatOfItsEntries) {
  const int64_t uid = AddStudy();
  AddTrial(uid, 1);
  const auto size = [&](int64_t trial_id) {
    const MetadataSize known = Get([&](Snapshot& s) { return s.GetMetadataSize(uid, trial_id); });
    const auto rows = Get([&](Snapshot& s) { return s.ListMetadata(uid, trial_id, trial_id); });
    int64_t bytes = 0;
    for (const MetadataRow& row : rows) bytes += static_cast<int64_t>(row.entry.ByteSizeLong());
    EXPECT_EQ(known.bytes, bytes);
    EXPECT_EQ(known.entries, static_cast<int64_t>(rows.size()));
    return known.entries;
  };
  EXPECT_EQ(size(0), 0);
  for (const std::string& value : {std::string("short"), std::string(100'000, 'x'), std::string()}) {
    Write([&](Transaction& t) -> absl::Status {
      RETURN_IF_ERROR(t.PutMetadata(uid, 0, Entry("", "a", value)));
      RETURN_IF_ERROR(t.PutMetadata(uid, 1, Entry("", "a", value)));
      return t.PutMetadata(uid, 1, Entry("", absl::StrCat("b", value.size()), value));
    });
    size(0);
    size(1);
  }
  EXPECT_EQ(size(0), 1);
  EXPECT_EQ(size(1), 4);
  Write([&](Transaction& t) { return t.DeleteTrial(uid, 1, 101); });
  EXPECT_EQ(size(1), 0);
}

TEST_P(StorageContract, MetadataKeepsAnyMessagesUnopened) {
  const int64_t uid = AddStudy();
  pb::KeyValue entry;
  entry.set_key("policy");
  entry.mutable_proto()->set_type_url("type.googleapis.com/not.known.Here");
  entry.mutable_proto()->set_value(std::string("\0\xff\x01", 3));
  Write([&](Transaction& t) { return t.PutMetadata(uid, 0, entry); });
  const auto rows = Get([&](Snapshot& s) { return s.ListMetadata(uid, 0, 0); });
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].entry.SerializeAsString(), entry.SerializeAsString());
}

TEST_P(StorageContract, AttemptsKeepEveryFieldAndALateResult) {
  const int64_t uid = AddStudy();
  AddTrial(uid, 1);
  const absl::Time ended = absl::FromUnixMicros(1700000000000001);
  Write([&](Transaction& t) -> absl::Status {
    RETURN_IF_ERROR(t.PutAttempt(uid, AttemptRow{1, 2, "w2", 4, "released", ended, {}}));
    return t.PutAttempt(uid, AttemptRow{1, 1, "w1", 3, "lost", ended, {}});
  });
  Write([&](Transaction& t) {
    return t.PutAttempt(uid,
                        AttemptRow{1, 1, "w1", 3, "lost", ended, Accuracy(0.9), true, "too big", "signal 9", 1000});
  });
  const auto attempts = Get([&](Snapshot& s) { return s.ListAttempts(uid, 1); });
  ASSERT_EQ(attempts.size(), 2u);
  EXPECT_EQ(attempts[0].trial_id, 1);
  EXPECT_EQ(attempts[0].attempt, 1);
  EXPECT_EQ(attempts[0].client_id, "w1");
  EXPECT_EQ(attempts[0].lease_epoch, 3);
  EXPECT_EQ(attempts[0].outcome, "lost");
  EXPECT_EQ(attempts[0].ended, ended);
  ASSERT_TRUE(attempts[0].late_result.has_value());
  EXPECT_EQ(attempts[0].late_result->metrics(0).value(), 0.9);
  EXPECT_TRUE(attempts[0].late_infeasible);
  EXPECT_EQ(attempts[0].late_infeasible_reason, "too big");
  EXPECT_EQ(attempts[0].cause, "signal 9");
  EXPECT_EQ(attempts[0].measurement_bytes, 1000);
  EXPECT_EQ(attempts[1].attempt, 2);
  EXPECT_EQ(attempts[1].outcome, "released");
  EXPECT_FALSE(attempts[1].late_result.has_value());
  EXPECT_FALSE(attempts[1].late_infeasible);
  EXPECT_EQ(attempts[1].late_infeasible_reason, "");
  EXPECT_EQ(attempts[1].cause, "");
}

TEST_P(StorageContract, ATrialHasOneExplanation) {
  const int64_t uid = AddStudy(), other = AddStudy("other");
  for (const int64_t id : {1, 2, 3}) AddTrial(uid, id);
  AddTrial(other, 1);
  const auto put = [&](int64_t study, int64_t id, const std::string& text) {
    Write([&](Transaction& t) {
      ExplanationRow row{id, {}};
      row.body.set_text(text);
      return t.PutExplanation(study, row);
    });
  };
  put(uid, 3, "c");
  put(uid, 1, "a");
  put(uid, 1, "b");
  put(other, 1, "other");
  const auto all = Get([&](Snapshot& s) { return s.ListExplanations(uid, 1, 3); });
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].trial_id, 1);
  EXPECT_EQ(all[0].body.text(), "b");
  EXPECT_EQ(all[1].trial_id, 3);
  EXPECT_EQ(Get([&](Snapshot& s) { return s.ListExplanations(uid, 2, 3); }).size(), 1u);
}

TEST_P(StorageContract, LeasesAreRunningTrialsThatAProcessHoldsInActiveStudies) {
  const int64_t first = AddStudy("first"), closed = AddStudy("closed"), deleted = AddStudy("deleted");
  const auto hold = [&](int64_t uid, int64_t id, pb::Trial::State state, const std::string& client,
                        const std::string& incarnation) {
    TrialRow trial = MakeTrial(uid, id, state);
    trial.client_id = client;
    trial.incarnation = incarnation;
    trial.lease_epoch = 10 * id;
    Write([&](Transaction& t) { return t.PutTrial(trial); });
  };
  for (const int64_t uid : {first, closed, deleted}) hold(uid, 1, pb::Trial::ACTIVE, "w.0", "i");
  hold(first, 2, pb::Trial::STOPPING, "v.0", "j");
  hold(first, 3, pb::Trial::ACTIVE, "plain", "");
  hold(first, 4, pb::Trial::SUCCEEDED, "w.0", "i");
  hold(first, 5, pb::Trial::REQUESTED, "", "");
  Write([&](Transaction& t) -> absl::Status {
    ASSIGN_OR_RETURN(auto study, t.GetStudy(closed));
    study->state = pb::Study::COMPLETED;
    RETURN_IF_ERROR(t.UpdateStudy(*study));
    return t.DeleteStudy(deleted);
  });
  const auto all = Get([](Snapshot& s) { return s.ListLeases(std::nullopt); });
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].study_uid, first);
  EXPECT_EQ(all[0].owner, "ada");
  EXPECT_EQ(all[0].display_name, "first");
  EXPECT_EQ(all[0].trial_id, 1);
  EXPECT_EQ(all[0].epoch, 10);
  EXPECT_EQ(all[0].client_id, "w.0");
  EXPECT_EQ(all[0].state, pb::Trial::ACTIVE);
  EXPECT_EQ(all[1].trial_id, 2);
  EXPECT_EQ(all[1].state, pb::Trial::STOPPING);
  const auto one = Get([](Snapshot& s) { return s.ListLeases("v.0"); });
  ASSERT_EQ(one.size(), 1u);
  EXPECT_EQ(one[0].trial_id, 2);
  EXPECT_TRUE(Get([](Snapshot& s) { return s.ListLeases("plain"); }).empty());
}

}  // namespace
}  // namespace photinus
