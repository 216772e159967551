#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/cli/command.h"
#include "client/cli/records.h"
#include "client/cli/watch_view.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"

namespace photinus {
namespace {

constexpr int kMostFruitlessStreams = 60;  // in a row, each at least a second apart

// One way to show a watch.
class Display {
 public:
  virtual ~Display() = default;
  // False: the study is finished.
  virtual bool Show(const v1::WatchStudyResponse& message) = 0;
  // Others print now: what stands there is not to be drawn over.
  virtual void Yield() {}
};

// Plain lines, for logs and pipes.
class LineDisplay final : public Display {
 public:
  explicit LineDisplay(Console& console) : console_(console) {}

  bool Show(const v1::WatchStudyResponse& message) override {
    WatchView::Lines lines = view_.Update(message);
    for (const auto* part : {&lines.ended, &lines.running, &lines.study}) {
      for (const std::string& line : *part) console_.Out(line + "\n");
    }
    return !view_.finished();
  }

 private:
  Console& console_;
  WatchView view_;
};

// A picture at the bottom of the terminal, drawn again with every message; ended trials scroll by above it.
class TerminalDisplay final : public Display {
 public:
  explicit TerminalDisplay(Console& console) : console_(console) {}

  bool Show(const v1::WatchStudyResponse& message) override {
    const WatchView::Lines news = view_.Update(message);
    std::string text;
    if (drawn_ > 0) absl::StrAppend(&text, "\x1b[", drawn_, "A\r\x1b[J");  // up, and clear to the end
    const int columns = console_.Columns();
    for (const std::string& line : news.ended) absl::StrAppend(&text, CutTo(line, columns), "\n");
    std::vector<std::string> picture = view_.Picture();
    const size_t rows = static_cast<size_t>(std::max(console_.Rows() - 1, 4));
    if (picture.size() > rows) {  // running trials stand first; best and progress must be seen
      const size_t hidden = picture.size() - rows + 1;
      picture.erase(picture.begin(), picture.begin() + static_cast<std::ptrdiff_t>(hidden));
      picture.insert(picture.begin(), absl::StrCat("(", hidden, " more trials are running)"));
    }
    for (const std::string& line : picture) absl::StrAppend(&text, CutTo(line, columns), "\n");
    drawn_ = static_cast<int>(picture.size());
    console_.Out(text);
    return !view_.finished();
  }

  void Yield() override { drawn_ = 0; }

 private:
  Console& console_;
  WatchView view_;
  int drawn_ = 0;  // lines of the picture on the screen
};

// One JSON object per message.
class JsonDisplay final : public Display {
 public:
  explicit JsonDisplay(Printer& printer) : printer_(printer) {}

  bool Show(const v1::WatchStudyResponse& message) override {
    std::vector<Record> changed;
    for (const pb::Trial& trial : message.changed()) changed.push_back(TrialRecord(trial));
    printer_.JsonLine({{"study", StudyRecord(message.status())}, {"changed", changed}});
    return message.status().study().state() != pb::Study::COMPLETED;
  }

 private:
  Printer& printer_;
};

absl::Status Watch(const StudyName& name, Session& session, Display& display) {
  StudyClient::WatchPosition seen;
  bool finished = false, lost = false;
  for (int fruitless = 0;; ++fruitless) {
    const absl::Status status = session.client.WatchStudy(name, seen, [&](const v1::WatchStudyResponse& message) {
      fruitless = 0;
      seen = {message.uid(), message.version()};
      if (std::exchange(lost, false)) session.console.Note("connected again");
      finished = !display.Show(message);
      return !finished && session.console.OutStatus().ok();
    });
    if (status.ok() && !finished && session.console.OutStatus().ok()) {
      return absl::NotFoundError(absl::StrCat(name.ToString(), " was deleted"));
    }
    if (status.code() != absl::StatusCode::kUnavailable || fruitless >= kMostFruitlessStreams) return status;
    display.Yield();
    if (!std::exchange(lost, true)) session.console.Note("lost the connection to the server; trying again");
    RETURN_IF_ERROR(session.client.Reconnect());
  }
}

absl::Status Run(const Args& args, Session& session) {
  ASSIGN_OR_RETURN(const StudyName name, args.Study());
  if (session.printer.format() == OutputFormat::kCsv) return FieldError("-o", "watch prints a table or json");
  if (session.printer.format() == OutputFormat::kJson) {
    JsonDisplay display(session.printer);
    return Watch(name, session, display);
  }
  if (session.console.OutIsTerminal()) {
    TerminalDisplay display(session.console);
    return Watch(name, session, display);
  }
  LineDisplay display(session.console);
  return Watch(name, session, display);
}

}  // namespace

extern const Command kStudyWatchCommand = {
    "study",
    "watch",
    "Follow a study until it is completed: a live line per running trial, progress, best trial so far",
    "photinus study watch kws\n"
    "photinus study watch kws > kws.log       # plain lines\n"
    "photinus study watch kws -o json         # one object per change",
    {kStudyArgument},
    {},
    &Run};

}  // namespace photinus
