#include "server/study/worker_state.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"

namespace photinus {
namespace {

constexpr size_t kMaxSuperseded = 16;  // of one name

}  // namespace

std::string WorkerOf(std::string_view client_id) { return std::string(client_id.substr(0, client_id.rfind('.'))); }

absl::Status CheckIncarnation(const WorkerRow& worker, std::string_view incarnation) {
  const auto& superseded = worker.superseded;
  if (std::find(superseded.begin(), superseded.end(), incarnation) == superseded.end()) return absl::OkStatus();
  return Error(absl::StatusCode::kFailedPrecondition, kWorkerSuperseded,
               absl::StrCat("another daemon runs under the name '", worker.name, "'; give this one another --name"));
}

void Supersede(std::string_view incarnation, WorkerRow& worker) {
  const bool has_one = !worker.incarnation.empty() && worker.incarnation != kNoProcess;
  if (has_one) worker.superseded.insert(worker.superseded.begin(), worker.incarnation);
  if (worker.superseded.size() > kMaxSuperseded) worker.superseded.resize(kMaxSuperseded);
  worker.incarnation = std::string(incarnation);
}

}  // namespace photinus
