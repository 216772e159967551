#include "server/study/entry_count.h"

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"

namespace photinus {

absl::Status CheckEntryCount(std::string_view field, int64_t entries) {
  if (entries <= kMaxEntriesPerRequest) return absl::OkStatus();
  return FieldError(
      field, absl::StrCat("has ", entries, " entries; at most ", kMaxEntriesPerRequest, " are allowed in one request"));
}

}  // namespace photinus
