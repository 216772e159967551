#ifndef PHOTINUS_WORKER_DATA_WORDS_H_
#define PHOTINUS_WORKER_DATA_WORDS_H_

#include <span>
#include <string_view>

namespace photinus::data {

// The classes of the spoken-keywords task, as in Warden's Speech Commands (2018): ten keywords, then `unknown` (any
// other word) and `silence` (background alone). A label is an index into this list.
std::span<const std::string_view> KeywordClasses();
inline constexpr int kKeywordCount = 10;
inline constexpr int kUnknownLabel = 10;
inline constexpr int kSilenceLabel = 11;

// Words spoken in class `unknown`; some sound almost like a keyword (know, gown, lift, cop).
std::span<const std::string_view> UnknownWords();

}  // namespace photinus::data

#endif  // PHOTINUS_WORKER_DATA_WORDS_H_
