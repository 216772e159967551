#include "worker/agent/assignment.h"

#include "absl/strings/str_cat.h"
#include "common/base/random.h"
#include "common/base/status_macros.h"

namespace photinus {
namespace {

constexpr absl::Duration kStandardTtl = absl::Seconds(60);

// FNV-1a, 64 bits.
uint64_t Hash(std::string_view text) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

}  // namespace

absl::StatusOr<Assignment> Assignment::FromResponse(const v1::PullTrialResponse& response) {
  Assignment assignment;
  ASSIGN_OR_RETURN(assignment.name, TrialName::Parse(response.trial().name()));
  ASSIGN_OR_RETURN(assignment.document, StudyDocumentOf(response.study_spec()));
  if (!assignment.document.trial.has_value()) {
    return absl::InvalidArgumentError(absl::StrCat(response.trial().name(), " belongs to a study without an executor"));
  }
  assignment.trial = response.trial();
  assignment.spec = response.study_spec();
  assignment.lease_token = response.lease_token();
  assignment.attempt = response.attempt();
  const auto& ttl = response.lease_ttl();
  assignment.lease_ttl = absl::Seconds(ttl.seconds()) + absl::Nanoseconds(ttl.nanos());
  if (assignment.lease_ttl <= absl::ZeroDuration()) assignment.lease_ttl = kStandardTtl;
  return assignment;
}

uint64_t Assignment::Seed() const {
  const uint64_t study_seed = document.has_seed ? document.seed : Hash(name.study.ToString());
  return MixSeed(study_seed, static_cast<uint64_t>(name.id)) >> 11;
}

}  // namespace photinus
