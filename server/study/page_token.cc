#include "server/study/page_token.h"

#include <algorithm>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/errors.h"
#include "common/base/random.h"
#include "common/base/status_macros.h"
#include "server/study/digest.h"

namespace photinus {
namespace {

constexpr char kSecretSetting[] = "page_token_secret";
constexpr int kSecretBytes = 32;

}  // namespace

absl::StatusOr<PageTokens> PageTokens::FromStorage(Storage& storage) {
  std::string secret;
  RETURN_IF_ERROR(storage.Transact([&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(const auto stored, transaction.GetSetting(kSecretSetting));
    if (stored.has_value()) {
      secret = *stored;
      return absl::OkStatus();
    }
    secret = SecureHex(kSecretBytes);
    return transaction.PutSetting(kSecretSetting, secret);
  }));
  return PageTokens(std::move(secret));
}

std::string PageTokens::Sign(std::string_view list, std::string_view position) const {
  return HmacSha256Hex(secret_, absl::StrCat(list.size(), ":", absl::string_view(list.data(), list.size()),
                                             absl::string_view(position.data(), position.size())));
}

std::string PageTokens::Make(std::string_view list, const PagePosition& position) const {
  std::string text = absl::StrCat(position.after, ".", position.limit);
  if (!position.key.empty()) absl::StrAppend(&text, ".", absl::WebSafeBase64Escape(position.key));
  return absl::StrCat(text, ".", Sign(list, text));
}

absl::StatusOr<PagePosition> PageTokens::Parse(std::string_view list, std::string_view token) const {
  PagePosition position;
  if (token.empty()) return position;
  const std::vector<std::string> parts = absl::StrSplit(absl::string_view(token.data(), token.size()), '.');
  const bool with_key = parts.size() == 4;
  const std::string_view text = token.substr(0, token.rfind('.'));
  if ((parts.size() != 3 && !with_key) || !EqualSecrets(parts.back(), Sign(list, text)) ||
      !absl::SimpleAtoi(parts[0], &position.after) || !absl::SimpleAtoi(parts[1], &position.limit) ||
      (with_key && !absl::WebSafeBase64Unescape(parts[2], &position.key))) {
    return FieldError("page_token", "was not made by this list; begin again without a token");
  }
  return position;
}

absl::StatusOr<int> CheckPageSize(int page_size) {
  if (page_size < 0) return FieldError("page_size", "must not be negative");
  return std::min(page_size, kMaxPageSize);
}

}  // namespace photinus
