// Page tokens that clients can neither make up nor use for another list.
#ifndef PHOTINUS_SERVER_STUDY_PAGE_TOKEN_H_
#define PHOTINUS_SERVER_STUDY_PAGE_TOKEN_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "server/storage/storage.h"

namespace photinus {

inline constexpr int kMaxPageSize = 1000;

// Where the next page begins.
struct PagePosition {
  int64_t after = 0;  // the last id that was sent
  int64_t limit = 0;  // the largest id when the first page was read; later ones never appear
  std::string key;    // in a list that is not by id: where the last one stood, in the list's own words
};

// Signs and checks positions. Immutable, thread-safe.
class PageTokens {
 public:
  explicit PageTokens(std::string secret) : secret_(std::move(secret)) {}
  // With the secret that storage keeps, made up on first use.
  static absl::StatusOr<PageTokens> FromStorage(Storage& storage);

  // `list` names what is listed, with all that chooses its content: a token fits no other list.
  std::string Make(std::string_view list, const PagePosition& position) const;
  // The beginning for an empty token. InvalidArgument: tampered with, or of another list.
  absl::StatusOr<PagePosition> Parse(std::string_view list, std::string_view token) const;

 private:
  std::string Sign(std::string_view list, std::string_view position) const;

  std::string secret_;
};

// InvalidArgument if negative; 0 stays 0 (everything), more than kMaxPageSize is taken as that.
absl::StatusOr<int> CheckPageSize(int page_size);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STUDY_PAGE_TOKEN_H_
