#include "worker/agent/log_tail.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace photinus {
namespace {

// The length of the valid UTF-8 sequence at the beginning of `text`, 0 if there is none [RFC 3629, section 4].
size_t SequenceLength(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  const size_t length = first >= 0xF0 ? 4 : (first >= 0xE0 ? 3 : 2);
  if (first < 0xC2 || first > 0xF4 || text.size() < length) return 0;
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  const unsigned char second = byte(1);
  const bool overlong = (first == 0xE0 && second < 0xA0) || (first == 0xF0 && second < 0x90);
  const bool surrogate_or_beyond = (first == 0xED && second > 0x9F) || (first == 0xF4 && second > 0x8F);
  return overlong || surrogate_or_beyond ? 0 : length;
}

}  // namespace

std::string ValidUtf8(std::string_view text) {
  std::string valid;
  valid.reserve(text.size());
  while (!text.empty()) {
    const size_t length = SequenceLength(text);
    if (length == 0) {
      valid += '?';
    } else {
      valid += text.substr(0, length);
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return valid;
}

void LogTail::Append(std::string_view line) {
  lines_.emplace_back(line.substr(0, max_bytes_ - 1));
  bytes_ += lines_.back().size() + 1;
  dropped_bytes_ += static_cast<int64_t>(line.size() - lines_.back().size());
  while (bytes_ > max_bytes_) {
    bytes_ -= lines_.front().size() + 1;
    dropped_bytes_ += static_cast<int64_t>(lines_.front().size() + 1);
    lines_.pop_front();
  }
}

std::string LogTail::Text() const {
  std::string text;
  text.reserve(bytes_);
  for (const std::string& line : lines_) text.append(line).push_back('\n');
  text = ValidUtf8(text);
  if (dropped_bytes_ == 0) return text;
  return absl::StrCat("[", dropped_bytes_, " bytes before this were dropped]\n", text);
}

std::string LogTail::LastLine() const {
  const auto last = std::find_if(lines_.rbegin(), lines_.rend(), [](const std::string& line) {
    return line.find_first_not_of(" \t\r") != std::string::npos;
  });
  return last == lines_.rend() ? "" : ValidUtf8(*last);
}

}  // namespace photinus
