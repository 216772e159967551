#include "client/cli/args.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"

namespace photinus {

std::string Args::Text(std::string_view name) const {
  const auto it = values_.find(std::string(name));
  return it == values_.end() ? "" : it->second;
}

absl::StatusOr<int64_t> Args::Positive(std::string_view name, int64_t fallback) const {
  if (!Has(name)) return fallback;
  int64_t value = 0;
  if (!absl::SimpleAtoi(Text(name), &value) || value < 1) {
    return FieldError(name, absl::StrCat("must be an integer of at least 1, not '", Text(name), "'"));
  }
  return value;
}

absl::StatusOr<StudyName> Args::Study() const { return ResolveStudy(owner_, Text("study")); }

absl::StatusOr<StudyName> ResolveStudy(std::string_view owner, std::string_view text) {
  if (text.find('/') != std::string_view::npos) return StudyName::Parse(text);
  RETURN_IF_ERROR(ValidateId("owner", owner));
  RETURN_IF_ERROR(ValidateId("study", text));
  return StudyName{std::string(owner), std::string(text)};
}

}  // namespace photinus
