#include "tests/benchmarks/storage_rows.h"

#include <atomic>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/status_macros.h"

namespace photinus {
namespace {

// The id comes from the study, as the server's do.
absl::Status AddRow(Transaction& transaction, int64_t uid, TrialRow& trial) {
  ASSIGN_OR_RETURN(auto study, transaction.GetStudy(uid));
  trial.study_uid = uid;
  trial.id = study->next_trial_id++;
  trial.mod_version = ++study->version;
  RETURN_IF_ERROR(transaction.PutTrial(trial));
  return transaction.UpdateStudy(*study);
}

Rate MeasureIn(Storage& storage, const std::vector<int64_t>& studies, double seconds) {
  std::vector<TrialRow> trials(studies.size(), TypicalTrial(0, 0));
  return MeasureRate(static_cast<int>(studies.size()), seconds, [&](int thread) {
    Check(storage.Transact([&](Transaction& t) { return AddRow(t, studies[thread], trials[thread]); }));
  });
}

}  // namespace

int64_t AddStudy(Storage& storage) {
  static std::atomic<int> studies = 0;
  int64_t uid = 0;
  Check(storage.Transact([&](Transaction& transaction) -> absl::Status {
    RETURN_IF_ERROR(transaction.EnsureOwner("bench"));
    StudyRow study;
    study.owner = "bench";
    study.display_name = absl::StrCat(absl::ToUnixMicros(absl::Now()), " ", studies++);
    ASSIGN_OR_RETURN(uid, transaction.InsertStudy(study));
    return absl::OkStatus();
  }));
  return uid;
}

TrialRow TypicalTrial(int64_t study_uid, int64_t id) {
  TrialRow trial;
  trial.study_uid = study_uid;
  trial.id = id;
  trial.state = pb::Trial::SUCCEEDED;
  trial.client_id = "worker-1";
  trial.mod_version = id;
  for (int i = 0; i < 10; ++i) {
    auto* parameter = trial.body.add_parameters();
    parameter->set_parameter_id(absl::StrCat("block", i, ".filters"));
    parameter->mutable_value()->set_number_value(i);
  }
  trial.body.set_infeasible_reason(std::string(100, 'x'));
  return trial;
}

Rate MeasureRows(Storage& storage, int producers, double seconds) {
  std::vector<int64_t> studies;
  studies.reserve(producers);
  for (int i = 0; i < producers; ++i) studies.push_back(AddStudy(storage));
  return MeasureIn(storage, studies, seconds);
}

Rate MeasureHotStudy(Storage& storage, int producers, double seconds) {
  return MeasureIn(storage, std::vector<int64_t>(producers, AddStudy(storage)), seconds);
}

}  // namespace photinus
