#include "common/base/errors.h"

#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"

namespace photinus {
namespace {

constexpr char kReasonPayload[] = "photinus.reason";
constexpr char kFieldPayload[] = "photinus.field";
constexpr char kMessagePayload[] = "photinus.message";
constexpr size_t kMaxQuotedBytes = 100;

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

std::string Quoted(std::string_view text) { return absl::StrCat("'", Shortened(text, kMaxQuotedBytes), "'"); }

std::string Shortened(std::string_view text, size_t bytes) {
  if (text.size() <= bytes) return std::string(text);
  constexpr std::string_view kDots = "...";
  size_t cut = bytes - std::min(bytes, kDots.size());
  while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xc0) == 0x80) --cut;  // inside a character
  return absl::StrCat(View(text.substr(0, cut)), View(kDots));
}

int EditDistance(std::string_view a, std::string_view b) {
  const auto same = [](char x, char y) { return absl::ascii_tolower(x) == absl::ascii_tolower(y); };
  // rows[i][j]: the distance between the first i letters of a and the first j of b; three rows are enough.
  std::vector<std::vector<int>> rows(3, std::vector<int>(b.size() + 1));
  for (size_t i = 0; i <= a.size(); ++i) {
    std::vector<int>& row = rows[i % 3];
    for (size_t j = 0; j <= b.size(); ++j) {
      row[j] = static_cast<int>(std::max(i, j));
      if (i == 0 || j == 0) continue;
      const std::vector<int>& above = rows[(i + 2) % 3];
      row[j] = std::min({above[j - 1] + (same(a[i - 1], b[j - 1]) ? 0 : 1), above[j] + 1, row[j - 1] + 1});
      if (i > 1 && j > 1 && same(a[i - 1], b[j - 2]) && same(a[i - 2], b[j - 1])) {
        row[j] = std::min(row[j], rows[(i + 1) % 3][j - 2] + 1);
      }
    }
  }
  return rows[a.size() % 3][b.size()];
}

}  // namespace photinus
