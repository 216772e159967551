// The contract on transactions: atomic, ordered, visible once acknowledged, safe from many threads.
#include <algorithm>
#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "server/storage/storage_contract.h"

namespace photinus {
namespace {

constexpr int kThreads = 8;

void InThreads(int threads, const std::function<void(int)>& body) {
  std::vector<std::thread> running;
  running.reserve(threads);
  for (int i = 0; i < threads; ++i) running.emplace_back(body, i);
  for (std::thread& thread : running) thread.join();
}

absl::Status NextTrial(Transaction& transaction, int64_t uid, int64_t& id) {
  ASSIGN_OR_RETURN(std::optional<StudyRow> study, transaction.GetStudy(uid));
  id = study->next_trial_id++;
  ++study->version;
  TrialRow trial;
  trial.study_uid = uid;
  trial.id = id;
  trial.mod_version = study->version;
  RETURN_IF_ERROR(transaction.PutTrial(trial));
  return transaction.UpdateStudy(*study);
}

TEST_P(StorageContract, ABodyThatFailsLeavesNothing) {
  const int64_t uid = AddStudy();
  const absl::Status failed = storage_->Transact([&](Transaction& t) -> absl::Status {
    RETURN_IF_ERROR(t.EnsureOwner("bob"));
    RETURN_IF_ERROR(t.PutTrial(MakeTrial(uid, 1, pb::Trial::REQUESTED)));
    RETURN_IF_ERROR(t.PutSetting("key", "value"));
    return absl::FailedPreconditionError("changed my mind");
  });
  EXPECT_EQ(failed, absl::FailedPreconditionError("changed my mind")) << "the body's own status";
  EXPECT_FALSE(Get([](Snapshot& s) { return s.OwnerExists("bob"); }));
  EXPECT_FALSE(Get([&](Snapshot& s) { return s.GetTrial(uid, 1); }).has_value());
  EXPECT_EQ(Get([&](Snapshot& s) { return s.CountTrials(uid); }).requested, 0);
  EXPECT_FALSE(Get([](Snapshot& s) { return s.GetSetting("key"); }).has_value());
}

TEST_P(StorageContract, ABodyMayGoOnAfterAnErrorItUnderstands) {
  AddStudy("kws");
  StudyRow study;
  study.owner = "ada";
  study.display_name = "kws";
  Write([&](Transaction& t) -> absl::Status {
    RETURN_IF_ERROR(t.PutSetting("before", "1"));
    const absl::Status exists = t.InsertStudy(study).status();
    if (!absl::IsAlreadyExists(exists)) return absl::InternalError("expected AlreadyExists");
    return t.PutSetting("after", "1");
  });
  EXPECT_TRUE(Get([](Snapshot& s) { return s.GetSetting("before"); }).has_value());
  EXPECT_TRUE(Get([](Snapshot& s) { return s.GetSetting("after"); }).has_value());
}

TEST_P(StorageContract, ABodySeesItsOwnChangesAndReadersDoNotSeeHalfOfThem) {
  const int64_t uid = AddStudy();
  std::atomic<bool> done = false;
  std::atomic<int> torn = 0;
  std::thread reader([&] {
    while (!done) {
      storage_
          ->Read([&](Snapshot& s) -> absl::Status {
            ASSIGN_OR_RETURN(const auto study, s.GetStudy(uid));
            ASSIGN_OR_RETURN(const auto trials, s.ListTrials(uid, {}));
            if (study->next_trial_id != static_cast<int64_t>(trials.size()) + 1) ++torn;
            return absl::OkStatus();
          })
          .IgnoreError();
    }
  });
  for (int64_t i = 1; i <= 50; ++i) {
    Write([&](Transaction& t) -> absl::Status {
      int64_t id = 0;
      RETURN_IF_ERROR(NextTrial(t, uid, id));
      ASSIGN_OR_RETURN(const auto trial, t.GetTrial(uid, id));
      return trial.has_value() && id == i ? absl::OkStatus() : absl::InternalError("own change not seen");
    });
  }
  done = true;
  reader.join();
  EXPECT_EQ(torn, 0);
}

TEST_P(StorageContract, OneReadIsOneViewThoughOthersWriteMeanwhile) {
  const int64_t uid = AddStudy();
  std::thread writer;
  const absl::Status status = storage_->Read([&](Snapshot& s) -> absl::Status {
    ASSIGN_OR_RETURN(const auto before, s.CountTrials(uid));
    writer = std::thread([&] { AddTrial(uid, 1); });  // may have to wait for this read, or not
    ASSIGN_OR_RETURN(const auto after, s.CountTrials(uid));
    EXPECT_EQ(before.requested, after.requested);
    return absl::OkStatus();
  });
  writer.join();
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(Get([&](Snapshot& s) { return s.CountTrials(uid); }).requested, 1);
}

TEST_P(StorageContract, ReadsReturnTheBodysStatus) {
  EXPECT_EQ(storage_->Read([](Snapshot&) { return absl::NotFoundError("as said"); }), absl::NotFoundError("as said"));
}

TEST_P(StorageContract, IdsAreDenseWhenManyThreadsTakeThem) {
  constexpr int kEach = 40;
  const int64_t uid = AddStudy();
  std::atomic<int> failures = 0;
  std::vector<std::vector<int64_t>> taken(kThreads);
  InThreads(kThreads, [&](int thread) {
    for (int i = 0; i < kEach; ++i) {
      int64_t id = 0;
      if (!storage_->Transact([&](Transaction& t) { return NextTrial(t, uid, id); }).ok()) ++failures;
      taken[thread].push_back(id);
    }
  });
  EXPECT_EQ(failures, 0);
  std::vector<bool> seen(kThreads * kEach + 1);
  for (const auto& ids : taken) {
    for (const int64_t id : ids) {
      ASSERT_TRUE(id >= 1 && id <= kThreads * kEach) << id;
      EXPECT_FALSE(seen[id]) << id << " was given twice";
      seen[id] = true;
    }
    EXPECT_TRUE(std::is_sorted(ids.begin(), ids.end()));
  }
  EXPECT_EQ(Get([&](Snapshot& s) { return s.CountTrials(uid); }).requested, kThreads * kEach);
}

TEST_P(StorageContract, FailuresInABatchDoNotTouchTheirNeighbours) {
  constexpr int kEach = 30;
  const int64_t uid = AddStudy();
  std::atomic<int> wrong = 0;
  InThreads(kThreads, [&](int thread) {
    for (int i = 0; i < kEach; ++i) {
      const int64_t id = thread * kEach + i + 1;
      const bool fails = id % 3 == 0;
      const absl::Status status = storage_->Transact([&](Transaction& t) -> absl::Status {
        RETURN_IF_ERROR(t.PutTrial(MakeTrial(uid, id, pb::Trial::ACTIVE)));
        return fails ? absl::AbortedError("on purpose") : absl::OkStatus();
      });
      if (status.ok() == fails) ++wrong;
    }
  });
  EXPECT_EQ(wrong, 0);
  for (int64_t id = 1; id <= kThreads * kEach; ++id) {
    EXPECT_EQ(Get([&](Snapshot& s) { return s.GetTrial(uid, id); }).has_value(), id % 3 != 0) << id;
  }
}

TEST_P(StorageContract, EveryThreadReadsItsOwnWrites) {
  const int64_t uid = AddStudy();
  std::atomic<int> missed = 0;
  InThreads(kThreads, [&](int thread) {
    for (int i = 0; i < 25; ++i) {
      const int64_t id = thread * 25 + i + 1;
      if (!storage_->Transact([&](Transaction& t) { return t.PutTrial(MakeTrial(uid, id, pb::Trial::ACTIVE)); }).ok()) {
        ++missed;
      }
      const absl::Status read = storage_->Read([&](Snapshot& s) -> absl::Status {
        ASSIGN_OR_RETURN(const auto trial, s.GetTrial(uid, id));
        return trial.has_value() ? absl::OkStatus() : absl::NotFoundError("missed");
      });
      if (!read.ok()) ++missed;
    }
  });
  EXPECT_EQ(missed, 0);
}

}  // namespace
}  // namespace photinus
