#include "server/study/lease_token.h"

#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/errors.h"

namespace photinus {

absl::StatusOr<LeaseToken> LeaseToken::Parse(std::string_view text) {
  const std::vector<std::string> parts = absl::StrSplit(absl::string_view(text.data(), text.size()), '-');
  LeaseToken token;
  if (parts.size() != 3 || !absl::SimpleAtoi(parts[0], &token.study_uid) ||
      !absl::SimpleAtoi(parts[1], &token.trial_id) || !absl::SimpleAtoi(parts[2], &token.epoch) ||
      token.ToString() != absl::string_view(text.data(), text.size())) {
    return FieldError("lease_token", "is malformed; send back what PullTrial returned");
  }
  return token;
}

std::string LeaseToken::ToString() const { return absl::StrCat(study_uid, "-", trial_id, "-", epoch); }

}  // namespace photinus
