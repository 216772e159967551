#include "common/base/errors.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"

namespace photinus {
namespace {

constexpr char kReasonPayload[] = "photinus.reason";
constexpr char kFieldPayload[] = "photinus.field";
constexpr char kMessagePayload[] = "photinus.message";

absl::string_view View(std::string_view s) { return absl::string_view(s.data(), s.size()); }

std::string Payload(const absl::Status& status, const char* name) {
  const auto payload = status.GetPayload(name);
  return payload.has_value() ? std::string(*payload) : std::string();
}

}  // namespace

absl::Status Error(absl::StatusCode code, std::string_view reason, std::string_view message) {
  absl::Status status(code, View(message));
  status.SetPayload(kReasonPayload, absl::Cord(View(reason)));
  return status;
}

absl::Status FieldError(std::string_view field, std::string_view message) {
  absl::Status status = Error(absl::StatusCode::kInvalidArgument, "INVALID_ARGUMENT",
                              field.empty() ? std::string(message) : absl::StrCat(View(field), ": ", View(message)));
  status.SetPayload(kFieldPayload, absl::Cord(View(field)));
  status.SetPayload(kMessagePayload, absl::Cord(View(message)));
  return status;
}

std::string ErrorReason(const absl::Status& status) {
  if (status.ok()) return "";
  const std::string reason = Payload(status, kReasonPayload);
  return reason.empty() ? absl::StatusCodeToString(status.code()) : reason;
}

std::string ErrorField(const absl::Status& status) { return Payload(status, kFieldPayload); }

absl::Status InField(std::string_view prefix, const absl::Status& status) {
  if (!status.GetPayload(kFieldPayload).has_value()) return status;
  const std::string field = ErrorField(status);
  const std::string separator = field.empty() || field[0] == '[' ? "" : ".";
  return FieldError(absl::StrCat(View(prefix), separator, field), Payload(status, kMessagePayload));
}

int EditDistance(std::string_view a, std::string_view b) {
  std::vector<int> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (size_t i = 1; i <= a.size(); ++i) {
    int diagonal = row[0];
    row[0] = static_cast<int>(i);
    for (size_t j = 1; j <= b.size(); ++j) {
      const int substituted = diagonal + (a[i - 1] != b[j - 1] ? 1 : 0);
      diagonal = row[j];
      row[j] = std::min({substituted, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

}  // namespace photinus
