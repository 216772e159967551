#include "worker/agent/line_reader.h"

#include <algorithm>

namespace photinus {

void LineReader::Append(std::string_view bytes, Sink sink) {
  while (!bytes.empty()) {
    const size_t newline = bytes.find('\n');
    const std::string_view part = bytes.substr(0, newline);
    const size_t room = max_line_ - line_.size();
    line_.append(part.substr(0, room));
    cut_ |= part.size() > room;
    if (newline == std::string_view::npos) return;
    Emit(sink);
    bytes.remove_prefix(newline + 1);
  }
}

void LineReader::Finish(Sink sink) {
  if (!line_.empty() || cut_) Emit(sink);
}

void LineReader::Emit(Sink sink) {
  if (!cut_ && !line_.empty() && line_.back() == '\r') line_.pop_back();
  sink(line_, cut_);
  line_.clear();
  cut_ = false;
}

}  // namespace photinus
