#include "server/storage/storage_contract.h"

#include <limits>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "gmock/gmock.h"
#include "google/protobuf/unknown_field_set.h"

namespace photinus {

using ::testing::IsEmpty;

void StorageContract::Write(absl::FunctionRef<absl::Status(Transaction&)> body) {
  const absl::Status status = storage_->Transact(body);
  EXPECT_TRUE(status.ok()) << status;
}

int64_t StorageContract::AddStudy(std::string_view display_name) {
  int64_t uid = 0;
  Write([&](Transaction& transaction) -> absl::Status {
    RETURN_IF_ERROR(transaction.EnsureOwner("ada"));
    StudyRow study;
    study.owner = "ada";
    study.display_name = std::string(display_name);
    ASSIGN_OR_RETURN(uid, transaction.InsertStudy(study));
    return absl::OkStatus();
  });
  return uid;
}

TrialRow StorageContract::MakeTrial(int64_t study_uid, int64_t id, pb::Trial::State state) {
  TrialRow trial;
  trial.study_uid = study_uid;
  trial.id = id;
  trial.state = state;
  trial.body.set_id(absl::StrCat(id));
  return trial;
}

void StorageContract::AddTrial(int64_t study_uid, int64_t id, pb::Trial::State state) {
  Write([&](Transaction& transaction) { return transaction.PutTrial(MakeTrial(study_uid, id, state)); });
}

pb::KeyValue StorageContract::Entry(std::string_view ns, std::string_view key, std::string_view value) {
  pb::KeyValue entry;
  entry.set_ns(std::string(ns));
  entry.set_key(std::string(key));
  entry.set_value(std::string(value));
  return entry;
}

pb::Measurement StorageContract::Accuracy(double value) {
  pb::Measurement measurement;
  auto* metric = measurement.add_metrics();
  metric->set_metric_id("accuracy");
  metric->set_value(value);
  return measurement;
}

int StorageContract::EraseAll(int64_t rows) {
  for (int transactions = 0;; ++transactions) {
    bool more = false;
    const absl::Status status = storage_->Transact([&](Transaction& t) -> absl::Status {
      ASSIGN_OR_RETURN(more, t.EraseDeleted(rows));
      return absl::OkStatus();
    });
    EXPECT_TRUE(status.ok()) << status;
    if (!more || !status.ok()) return transactions;
  }
}

namespace {

std::vector<std::string> Names(const std::vector<StudyRow>& studies) {
  std::vector<std::string> names;
  names.reserve(studies.size());
  for (const StudyRow& study : studies) names.push_back(study.display_name);
  return names;
}

TEST_P(StorageContract, OwnersExistOnceEnsured) {
  EXPECT_FALSE(Get([](Snapshot& s) { return s.OwnerExists("ada"); }));
  for (int repeat = 0; repeat < 2; ++repeat) {
    Write([](Transaction& transaction) { return transaction.EnsureOwner("ada"); });
    EXPECT_TRUE(Get([](Snapshot& s) { return s.OwnerExists("ada"); }));
    EXPECT_FALSE(Get([](Snapshot& s) { return s.OwnerExists("Ada"); })) << "names are told apart by case";
  }
}

TEST_P(StorageContract, StudiesKeepEveryField) {
  StudyRow study;
  study.owner = "ada";
  study.display_name = "Stichwörter 語 1";
  study.state = pb::Study::INACTIVE;
  study.draining = true;
  study.paused = true;
  study.drained_from = 7;
  study.version = int64_t{1} << 60;
  study.next_trial_id = 17;
  study.inactive_reason = "paused by ada";
  study.created = absl::FromUnixMicros(1700000000123456);
  study.spec.set_algorithm("RANDOM_SEARCH");
  study.spec.add_metrics()->set_metric_id("accuracy");
  study.spec.GetReflection()->MutableUnknownFields(&study.spec)->AddLengthDelimited(12345, "from a newer client");
  Write([&](Transaction& transaction) -> absl::Status {
    RETURN_IF_ERROR(transaction.EnsureOwner("ada"));
    ASSIGN_OR_RETURN(study.uid, transaction.InsertStudy(study));
    return absl::OkStatus();
  });
  ASSERT_GT(study.uid, 0);
  for (int round = 0; round < 2; ++round) {
    const auto by_uid = Get([&](Snapshot& s) { return s.GetStudy(study.uid); });
    const auto by_name = Get([&](Snapshot& s) { return s.FindStudy("ada", study.display_name); });
    for (const std::optional<StudyRow>& found : {by_uid, by_name}) {
      ASSERT_TRUE(found.has_value());
      EXPECT_EQ(found->uid, study.uid);
      EXPECT_EQ(found->owner, study.owner);
      EXPECT_EQ(found->display_name, study.display_name);
      EXPECT_EQ(found->state, study.state);
      EXPECT_EQ(found->draining, study.draining);
      EXPECT_EQ(found->paused, study.paused);
      EXPECT_EQ(found->drained_from, study.drained_from);
      EXPECT_EQ(found->version, study.version);
      EXPECT_EQ(found->next_trial_id, study.next_trial_id);
      EXPECT_EQ(found->inactive_reason, study.inactive_reason);
      EXPECT_EQ(found->created, study.created);
      EXPECT_EQ(found->spec.SerializeAsString(), study.spec.SerializeAsString()) << "unknown fields are kept";
    }
    study.state = pb::Study::COMPLETED;
    study.draining = false;
    study.paused = false;
    study.drained_from = 9;
    study.version = 7;
    study.next_trial_id = 18;
    study.inactive_reason = "";
    study.spec.set_algorithm("GAUSSIAN_PROCESS_BANDIT");
    Write([&](Transaction& transaction) { return transaction.UpdateStudy(study); });
  }
}

TEST_P(StorageContract, StudiesThatAreNotThereAreNotFound) {
  EXPECT_FALSE(Get([](Snapshot& s) { return s.GetStudy(1); }).has_value());
  EXPECT_FALSE(Get([](Snapshot& s) { return s.FindStudy("ada", "kws"); }).has_value());
  StudyRow study;
  study.uid = 1;
  study.owner = "ada";
  EXPECT_TRUE(absl::IsNotFound(storage_->Transact([&](Transaction& t) { return t.UpdateStudy(study); })));
  EXPECT_TRUE(absl::IsNotFound(storage_->Transact([&](Transaction& t) { return t.InsertStudy(study).status(); })))
      << "its owner is missing";
  EXPECT_TRUE(absl::IsNotFound(storage_->Transact([](Transaction& t) {
    return t.PutTrial(MakeTrial(1, 1, pb::Trial::REQUESTED));
  }))) << "its study is missing";
}

TEST_P(StorageContract, OneOwnerHasOneStudyOfAName) {
  const int64_t uid = AddStudy("kws");
  StudyRow study;
  study.owner = "ada";
  study.display_name = "kws";
  const absl::Status again = storage_->Transact([&](Transaction& t) { return t.InsertStudy(study).status(); });
  EXPECT_TRUE(absl::IsAlreadyExists(again)) << again;
  Write([&](Transaction& transaction) -> absl::Status {
    RETURN_IF_ERROR(transaction.EnsureOwner("bob"));
    study.owner = "bob";
    return transaction.InsertStudy(study).status();
  });
  EXPECT_EQ(Get([](Snapshot& s) { return s.FindStudy("ada", "kws"); })->uid, uid);
  EXPECT_NE(Get([](Snapshot& s) { return s.FindStudy("bob", "kws"); })->uid, uid);
}

TEST_P(StorageContract, StudiesAreListedByUidOwnerAndPage) {
  EXPECT_THAT(Get([](Snapshot& s) { return s.ListStudies("", 0, -1); }), IsEmpty());
  const int64_t first = AddStudy("c");
  AddStudy("a");
  Write([](Transaction& transaction) -> absl::Status {
    RETURN_IF_ERROR(transaction.EnsureOwner("bob"));
    StudyRow study;
    study.owner = "bob";
    study.display_name = "x";
    return transaction.InsertStudy(study).status();
  });
  AddStudy("b");
  struct Case {
    std::string owner;
    int64_t after, limit;
    std::vector<std::string> expected;
  };
  for (const Case& c : std::vector<Case>{{"", 0, -1, {"c", "a", "x", "b"}},
                                         {"ada", 0, -1, {"c", "a", "b"}},
                                         {"bob", 0, -1, {"x"}},
                                         {"eve", 0, -1, {}},
                                         {"ada", first, 1, {"a"}},
                                         {"", first, 2, {"a", "x"}},
                                         {"", 0, 0, {}}}) {
    EXPECT_EQ(Names(Get([&](Snapshot& s) { return s.ListStudies(c.owner, c.after, c.limit); })), c.expected)
        << c.owner << " after " << c.after << " limit " << c.limit;
    const auto studies = Get([&](Snapshot& s) { return s.ListStudies(c.owner, c.after, c.limit); });
    const auto bytes = Get([&](Snapshot& s) { return s.ListStudyBytes(c.owner, c.after, c.limit); });
    ASSERT_EQ(bytes.size(), studies.size());
    for (size_t i = 0; i < bytes.size(); ++i) EXPECT_EQ(bytes[i].uid, studies[i].uid);
  }
}

TEST_P(StorageContract, KnowsHowManyBytesStudiesTake) {
  StudyRow study;
  study.owner = "ada";
  study.display_name = "kws";
  study.state = pb::Study::COMPLETED;
  study.spec.set_algorithm(std::string(1000, 'a'));
  Write([&](Transaction& t) -> absl::Status {
    RETURN_IF_ERROR(t.EnsureOwner("ada"));
    ASSIGN_OR_RETURN(study.uid, t.InsertStudy(study));
    return t.PutMetadata(study.uid, 0, Entry("", "a", "study"));
  });
  const auto all = Get([](Snapshot& s) { return s.ListStudyBytes("ada", 0, -1); });
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].state, pb::Study::COMPLETED);
  EXPECT_EQ(all[0].bytes, static_cast<int64_t>(study.spec.ByteSizeLong() + Entry("", "a", "study").ByteSizeLong()));
}

TEST_P(StorageContract, ADeletedStudyLeavesNothingAndItsUidIsNotUsedAgain) {
  const int64_t kept = AddStudy("kept");
  const int64_t gone = AddStudy("gone");
  for (const int64_t uid : {kept, gone}) {
    Write([&](Transaction& t) -> absl::Status {
      RETURN_IF_ERROR(t.PutTrial(MakeTrial(uid, 1, pb::Trial::SUCCEEDED)));
      RETURN_IF_ERROR(t.AddMeasurement(uid, 1, 1, Accuracy(0.5)).status());
      RETURN_IF_ERROR(t.PutMetadata(uid, 0, Entry("", "a", "study")));
      RETURN_IF_ERROR(t.PutMetadata(uid, 1, Entry("", "a", "trial")));
      RETURN_IF_ERROR(t.PutAttempt(uid, AttemptRow{1, 1, "w", 1, "lost", absl::UnixEpoch(), {}}));
      RETURN_IF_ERROR(t.PutOperation(OperationRow{uid, "w", 1}));
      RETURN_IF_ERROR(t.PutAlgorithmState(uid, "GA", "state"));
      RETURN_IF_ERROR(t.PutRequest(uid, {"r", "CreateTrial", 1, absl::UnixEpoch()}).status());
      return t.PutArtifact(uid, ArtifactRow{1, "log.txt", "00", 3}, "abc");
    });
  }
  EXPECT_FALSE(Get([](Snapshot& s) { return s.HasDeleted(); }));
  Write([&](Transaction& t) { return t.DeleteStudy(gone); });
  EXPECT_TRUE(Get([](Snapshot& s) { return s.HasDeleted(); }));
  EXPECT_GE(EraseAll(1), 9) << "bit by bit";
  EXPECT_FALSE(Get([](Snapshot& s) { return s.HasDeleted(); }));
  for (const int64_t uid : {kept, gone}) {
    const size_t expected = uid == kept ? 1 : 0;
    EXPECT_EQ(Get([&](Snapshot& s) { return s.GetStudy(uid); }).has_value(), uid == kept);
    EXPECT_EQ(Get([&](Snapshot& s) { return s.ListTrials(uid, {}); }).size(), expected);
    EXPECT_EQ(Get([&](Snapshot& s) { return s.CountTrials(uid); }).succeeded, static_cast<int64_t>(expected));
    EXPECT_EQ(Get([&](Snapshot& s) { return s.ListAttemptMeasurements(uid, 1, 1); }).size(), expected);
    EXPECT_EQ(Get([&](Snapshot& s) { return s.ListMetadata(uid, 0, 9); }).size(), 2 * expected);
    EXPECT_EQ(Get([&](Snapshot& s) { return s.ListAttempts(uid, 1); }).size(), expected);
    EXPECT_EQ(Get([&](Snapshot& s) { return s.LastOperationNumber(uid, "w"); }), static_cast<int64_t>(expected));
    EXPECT_EQ(Get([&](Snapshot& s) { return s.GetAlgorithmState(uid, "GA"); }).has_value(), uid == kept);
    EXPECT_EQ(Get([&](Snapshot& s) { return s.ListArtifacts(uid, 1); }).size(), expected);
    EXPECT_EQ(Get([&](Snapshot& s) { return s.FindRequest(uid, "r"); }).has_value(), uid == kept);
  }
  EXPECT_EQ(Get([](Snapshot& s) { return s.ListUnfinishedOperations(); }).size(), 1u);
  EXPECT_GT(AddStudy("gone"), gone);
  Write([&](Transaction& t) { return t.DeleteStudy(gone); });  // again: no harm
  EXPECT_EQ(EraseAll(1), 0);
}

TEST_P(StorageContract, ADeletedStudyIsNotThereAndItsNameIsFreeBeforeItIsErased) {
  const int64_t gone = AddStudy("kws");
  AddTrial(gone, 1, pb::Trial::ACTIVE);
  Write([&](Transaction& t) { return t.PutOperation(OperationRow{gone, "w", 1}); });
  Write([&](Transaction& t) -> absl::Status {
    RETURN_IF_ERROR(t.DeleteStudy(gone));
    ASSIGN_OR_RETURN(const auto found, t.FindStudy("ada", "kws"));
    return found.has_value() ? absl::InternalError("still there") : absl::OkStatus();
  });
  EXPECT_FALSE(Get([&](Snapshot& s) { return s.GetStudy(gone); }).has_value());
  EXPECT_FALSE(Get([](Snapshot& s) { return s.FindStudy("ada", "kws"); }).has_value());
  EXPECT_TRUE(Get([](Snapshot& s) { return s.ListStudies("", 0, -1); }).empty());
  EXPECT_TRUE(Get([](Snapshot& s) { return s.ListStudies("ada", 0, -1); }).empty());
  EXPECT_TRUE(Get([](Snapshot& s) { return s.ListUnfinishedOperations(); }).empty());
  StudyRow row;
  row.uid = gone;
  EXPECT_TRUE(absl::IsNotFound(storage_->Transact([&](Transaction& t) { return t.UpdateStudy(row); })));
  const int64_t again = AddStudy("kws");
  EXPECT_GT(again, gone);
  AddTrial(again, 1);
  EXPECT_EQ(Get([&](Snapshot& s) { return s.LastOperationNumber(again, "w"); }), 0);
  Write([&](Transaction& t) { return t.DeleteStudy(again); });  // two of a name wait to be erased
  EXPECT_GE(EraseAll(1000), 2);
  EXPECT_TRUE(Get([&](Snapshot& s) { return s.ListTrials(again, {}); }).empty());
}

TEST_P(StorageContract, LargeArtifactsOfADeletedStudyAreErasedInParts) {
  const int64_t uid = AddStudy();
  AddTrial(uid, 1);
  Write([&](Transaction& t) {
    return t.PutArtifact(uid, ArtifactRow{1, "model.tflite", "00", 0}, std::string(20 << 20, 'x'));
  });
  Write([&](Transaction& t) { return t.DeleteStudy(uid); });
  EXPECT_GE(EraseAll(1000), 3) << "16 MiB, the rest, the rows";
  EXPECT_TRUE(Get([&](Snapshot& s) { return s.ListArtifacts(uid, 1); }).empty());
}

TEST_P(StorageContract, OperationsKeepEveryFieldAndLeaveTheUnfinishedOnesWhenDone) {
  const int64_t uid = AddStudy();
  OperationRow operation{uid, "worker/1", 1, 3};
  operation.created = absl::FromUnixMicros(1700000000000002);
  operation.holder = "replica";
  operation.lease_until = absl::FromUnixMicros(1700000000000009);
  OperationRow second{uid, "a", 2};
  Write([&](Transaction& t) -> absl::Status {
    RETURN_IF_ERROR(t.PutOperation(operation));
    return t.PutOperation(second);
  });
  const auto unfinished = Get([](Snapshot& s) { return s.ListUnfinishedOperations(); });
  ASSERT_EQ(unfinished.size(), 2u);
  EXPECT_EQ(unfinished[0].client_id, "a") << "ordered by study, client, number";
  EXPECT_EQ(unfinished[1].client_id, "worker/1");
  EXPECT_EQ(unfinished[1].count, 3);
  EXPECT_EQ(unfinished[1].holder, "replica");
  EXPECT_EQ(unfinished[1].lease_until, operation.lease_until);
  EXPECT_EQ(Get([&](Snapshot& s) { return s.ListUnfinishedOperations(uid, "worker/1"); }).size(), 1u);
  EXPECT_EQ(Get([&](Snapshot& s) { return s.ListUnfinishedOperations(uid, "nobody"); }).size(), 0u);
  operation.done = true;
  operation.finished = absl::FromUnixMicros(1700000000000003);
  operation.trial_ids = {1, 22, int64_t{1} << 62};
  operation.error_code = 8;
  operation.error_message = "budget, spent";
  Write([&](Transaction& t) { return t.PutOperation(operation); });
  const auto found = Get([&](Snapshot& s) { return s.GetOperation(uid, "worker/1", 1); });
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->study_uid, uid);
  EXPECT_EQ(found->number, 1);
  EXPECT_TRUE(found->done);
  EXPECT_EQ(found->created, operation.created);
  EXPECT_EQ(found->finished, operation.finished);
  EXPECT_EQ(found->trial_ids, operation.trial_ids);
  EXPECT_EQ(found->error_code, 8);
  EXPECT_EQ(found->error_message, operation.error_message);
  EXPECT_EQ(Get([](Snapshot& s) { return s.ListUnfinishedOperations(); }).size(), 1u);
  EXPECT_FALSE(Get([&](Snapshot& s) { return s.GetOperation(uid, "worker/1", 2); }).has_value());
  EXPECT_EQ(Get([&](Snapshot& s) { return s.LastOperationNumber(uid, "a"); }), 2);
  EXPECT_EQ(Get([&](Snapshot& s) { return s.LastOperationNumber(uid, "nobody"); }), 0);
}

TEST_P(StorageContract, OldOperationsAreDeletedFromTheOldestOn) {
  const int64_t uid = AddStudy();
  const absl::Time day = absl::FromUnixSeconds(1'700'000'000);
  Write([&](Transaction& t) -> absl::Status {
    for (int64_t number = 1; number <= 10; ++number) {
      OperationRow operation{uid, "c", number};
      operation.done = number != 2;
      operation.created = day + absl::Hours(number);
      RETURN_IF_ERROR(t.PutOperation(operation));
    }
    return t.PutOperation(OperationRow{uid, "d", 1});
  });
  const auto left = [&] {
    std::vector<int64_t> numbers;
    for (int64_t number = 1; number <= 10; ++number) {
      if (Get([&](Snapshot& s) { return s.GetOperation(uid, "c", number); }).has_value()) numbers.push_back(number);
    }
    return numbers;
  };
  const auto clean = [&](int64_t keep_from, int hours, int64_t limit) {
    Write([&](Transaction& t) { return t.DeleteOldOperations(uid, "c", keep_from, day + absl::Hours(hours), limit); });
  };
  clean(/*keep_from=*/9, /*hours=*/24, /*limit=*/4);
  EXPECT_EQ(left(), (std::vector<int64_t>{2, 5, 6, 7, 8, 9, 10})) << "an unfinished one stays";
  clean(/*keep_from=*/9, /*hours=*/7, /*limit=*/100);
  EXPECT_EQ(left(), (std::vector<int64_t>{2, 7, 8, 9, 10})) << "younger ones stay";
  clean(/*keep_from=*/9, /*hours=*/24, /*limit=*/100);
  EXPECT_EQ(left(), (std::vector<int64_t>{2, 9, 10})) << "the last ones stay";
  EXPECT_EQ(Get([&](Snapshot& s) { return s.LastOperationNumber(uid, "c"); }), 10);
  EXPECT_EQ(Get([&](Snapshot& s) { return s.LastOperationNumber(uid, "d"); }), 1) << "another client's stay";
}

TEST_P(StorageContract, RequestsAreKnownAgainUntilTheyAreOld) {
  const int64_t uid = AddStudy();
  const absl::Time noon = absl::FromUnixSeconds(1'700'000'000);
  for (const int64_t scope : {uid, int64_t{0}}) {
    EXPECT_FALSE(Get([&](Snapshot& s) { return s.FindRequest(scope, "r1"); }).has_value());
    for (int64_t i = 1; i <= 10; ++i) {
      int64_t number = 0;
      Write([&](Transaction& t) -> absl::Status {
        ASSIGN_OR_RETURN(number,
                         t.PutRequest(scope, {absl::StrCat("r", i), "CreateTrial", 10 * i, noon + absl::Hours(i)}));
        return absl::OkStatus();
      });
      EXPECT_EQ(number, i);
    }
    const auto found = Get([&](Snapshot& s) { return s.FindRequest(scope, "r7"); });
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(found->id, "r7");
    EXPECT_EQ(found->call, "CreateTrial");
    EXPECT_EQ(found->result, 70);
    EXPECT_EQ(found->received, noon + absl::Hours(7));
    const auto left = [&] {
      std::vector<int64_t> numbers;
      for (int64_t i = 1; i <= 10; ++i) {
        const std::string id = absl::StrCat("r", i);
        if (Get([&](Snapshot& s) { return s.FindRequest(scope, id); }).has_value()) numbers.push_back(i);
      }
      return numbers;
    };
    const absl::Time late = noon + absl::Hours(11);
    Write([&](Transaction& t) { return t.DeleteOldRequests(scope, /*keep_from=*/11, noon, /*limit=*/100); });
    EXPECT_EQ(left().size(), 10u) << "none is so old";
    Write([&](Transaction& t) { return t.DeleteOldRequests(scope, /*keep_from=*/6, late, /*limit=*/2); });
    EXPECT_EQ(left(), (std::vector<int64_t>{3, 4, 5, 6, 7, 8, 9, 10}));
    Write([&](Transaction& t) { return t.DeleteOldRequests(scope, /*keep_from=*/6, late, /*limit=*/100); });
    EXPECT_EQ(left(), (std::vector<int64_t>{6, 7, 8, 9, 10}));
    Write([&](Transaction& t) { return t.DeleteOldRequests(scope, 11, noon + absl::Hours(9), /*limit=*/100); });
    EXPECT_EQ(left(), (std::vector<int64_t>{9, 10}));
  }
}

TEST_P(StorageContract, AlgorithmStatesAndSettingsAreBytesAndReplaced) {
  const int64_t uid = AddStudy();
  EXPECT_FALSE(Get([&](Snapshot& s) { return s.GetAlgorithmState(uid, "GA"); }).has_value());
  EXPECT_FALSE(Get([](Snapshot& s) { return s.GetSetting("secret"); }).has_value());
  for (const std::string& bytes : {std::string("first"), std::string("\0\xfe", 2), std::string()}) {
    Write([&](Transaction& t) -> absl::Status {
      RETURN_IF_ERROR(t.PutAlgorithmState(uid, "GA", bytes));
      return t.PutSetting("secret", bytes);
    });
    EXPECT_EQ(Get([&](Snapshot& s) { return s.GetAlgorithmState(uid, "GA"); }), bytes);
    EXPECT_EQ(Get([](Snapshot& s) { return s.GetSetting("secret"); }), bytes);
  }
  EXPECT_FALSE(Get([&](Snapshot& s) { return s.GetAlgorithmState(uid, "CMA_ES"); }).has_value());
}

TEST_P(StorageContract, ArtifactsAreReadByRangeAndReplaced) {
  const int64_t uid = AddStudy();
  AddTrial(uid, 1);
  std::string bytes(5 * 1024 * 1024 / 2 + 17, '\0');  // ends within a piece, whatever its size
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * 2654435761u >> 13);
  const int64_t size = static_cast<int64_t>(bytes.size());
  Write([&](Transaction& t) -> absl::Status {
    RETURN_IF_ERROR(t.PutArtifact(uid, ArtifactRow{1, "model.tflite", "old", 3}, "old"));
    RETURN_IF_ERROR(t.PutArtifact(uid, ArtifactRow{1, "curves.json", "empty", 0}, ""));
    return t.PutArtifact(uid, ArtifactRow{1, "model.tflite", "new", size}, bytes);
  });
  const auto artifacts = Get([&](Snapshot& s) { return s.ListArtifacts(uid, 1); });
  ASSERT_EQ(artifacts.size(), 2u);
  EXPECT_EQ(artifacts[0].name, "curves.json");
  EXPECT_EQ(artifacts[1].name, "model.tflite");
  EXPECT_EQ(artifacts[1].trial_id, 1);
  EXPECT_EQ(artifacts[1].sha256, "new");
  EXPECT_EQ(artifacts[1].size, size);
  const int64_t mib = 1 << 20;
  const std::vector<std::pair<int64_t, int64_t>> ranges = {
      {0, size},     {0, 1},          {mib - 1, 2}, {mib, mib},    {mib, 1}, {5, 2 * mib},
      {size - 1, 1}, {size - 1, 100}, {size, 100},  {size + 9, 1}, {7, 0},   {1, std::numeric_limits<int64_t>::max()}};
  for (const auto& range : ranges) {
    const auto [offset, length] = range;
    const std::string expected =
        offset >= size ? "" : bytes.substr(static_cast<size_t>(offset), static_cast<size_t>(length));
    const std::string read =
        Get([&](Snapshot& s) { return s.ReadArtifact(uid, 1, "model.tflite", range.first, range.second); });
    EXPECT_TRUE(read == expected) << offset << " + " << length << " gave " << read.size() << " bytes";
  }
  EXPECT_EQ(Get([&](Snapshot& s) { return s.ReadArtifact(uid, 1, "curves.json", 0, 10); }), "");
  const absl::Status missing =
      storage_->Read([&](Snapshot& s) -> absl::Status { return s.ReadArtifact(uid, 1, "model.onnx", 0, 1).status(); });
  EXPECT_TRUE(absl::IsNotFound(missing)) << missing;
}

TEST_P(StorageContract, WorkersKeepEveryFieldAndTheLongestUnseenAreForgotten) {
  const absl::Time noon = absl::FromUnixMicros(1700000000000001);
  const auto put = [&](const WorkerRow& worker) {
    Write([&](Transaction& t) -> absl::Status {
      RETURN_IF_ERROR(t.FindWorker(worker.name).status());
      return t.PutWorker(worker);
    });
  };
  EXPECT_FALSE(Get([](Snapshot& s) { return s.FindWorker("w"); }).has_value());
  put({"w", "c", {"b", "a"}, 4, "1.2", noon});
  put({"v", "", {}, 0, "", noon + absl::Seconds(1)});
  put({"u", "i", {}, 1, "1.1", noon});
  put({"u", "j", {"i"}, 1, "1.1", noon + absl::Seconds(2)});
  const auto worker = Get([](Snapshot& s) { return s.FindWorker("w"); });
  ASSERT_TRUE(worker.has_value());
  EXPECT_EQ(worker->incarnation, "c");
  EXPECT_EQ(worker->superseded, (std::vector<std::string>{"b", "a"}));
  EXPECT_EQ(worker->slots, 4);
  EXPECT_EQ(worker->version, "1.2");
  EXPECT_EQ(worker->seen, noon);
  EXPECT_EQ(Get([](Snapshot& s) { return s.FindWorker("u"); })->incarnation, "j");
  EXPECT_TRUE(Get([](Snapshot& s) { return s.FindWorker("v"); })->superseded.empty());
  const auto names = [&] {
    std::vector<std::string> names;
    for (const WorkerRow& row : Get([](Snapshot& s) { return s.ListWorkers(); })) names.push_back(row.name);
    return names;
  };
  EXPECT_EQ(names(), (std::vector<std::string>{"u", "v", "w"}));
  Write([](Transaction& t) { return t.ForgetWorkers(2); });
  EXPECT_EQ(names(), (std::vector<std::string>{"u", "v"}));
}

// Two servers that hear of two processes under one name at the same time: neither overlooks the other.
TEST_P(StorageContract, OfManyChangesOfAWorkerAtOnceNoneIsLost) {
  constexpr int kThreads = 4;
  std::vector<std::thread> threads;
  threads.reserve(kThreads);
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([this, i] {
      Write([&](Transaction& t) -> absl::Status {
        ASSIGN_OR_RETURN(const auto known, t.FindWorker("w"));
        WorkerRow worker = known.value_or(WorkerRow{.name = "w"});
        if (known.has_value()) worker.superseded.push_back(worker.incarnation);
        worker.incarnation = std::to_string(i);
        return t.PutWorker(worker);
      });
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(Get([](Snapshot& s) { return s.FindWorker("w"); })->superseded.size(), kThreads - 1u);
}

TEST_P(StorageContract, EverythingIsThereAfterReopening) {
  if (!GetParam().durable) {
    const int64_t uid = AddStudy();
    Reopen();
    EXPECT_FALSE(Get([&](Snapshot& s) { return s.GetStudy(uid); }).has_value()) << "a fresh one begins empty";
    return;
  }
  const int64_t uid = AddStudy();
  AddTrial(uid, 1, pb::Trial::ACTIVE);
  Write([&](Transaction& t) { return t.AddMeasurement(uid, 1, 1, Accuracy(0.5)).status(); });
  const int64_t deleted = AddStudy("deleted");
  Write([&](Transaction& t) { return t.DeleteStudy(deleted); });
  Write([&](Transaction& t) { return t.PutRequest(uid, {"r", "CreateTrial", 1}).status(); });
  Reopen();
  EXPECT_EQ(Get([&](Snapshot& s) { return s.FindRequest(uid, "r"); })->result, 1);
  EXPECT_EQ(Get([&](Snapshot& s) { return s.GetStudy(uid); })->display_name, "kws");
  EXPECT_FALSE(Get([&](Snapshot& s) { return s.GetStudy(deleted); }).has_value());
  EXPECT_TRUE(Get([](Snapshot& s) { return s.HasDeleted(); })) << "erasing goes on after a restart";
  EXPECT_EQ(Get([&](Snapshot& s) { return s.CountTrials(uid); }).active, 1);
  EXPECT_EQ(Get([&](Snapshot& s) { return s.ListMeasurements(uid, 1, 1); }).size(), 1u);
  EXPECT_GT(AddStudy("another"), deleted) << "a uid is not used again, not even after a restart";
}

}  // namespace
}  // namespace photinus
