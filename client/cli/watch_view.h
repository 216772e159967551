// What `study watch` shows: the messages of a watch, turned into lines.
#ifndef PHOTINUS_CLIENT_CLI_WATCH_VIEW_H_
#define PHOTINUS_CLIENT_CLI_WATCH_VIEW_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "common/base/pb.h"
#include "photinus/v1/query_service.pb.h"

namespace photinus {

// Not thread-safe. Lines have no line feed and no control characters.
class WatchView {
 public:
  struct Lines {
    std::vector<std::string> running;  // trials that started or moved on
    std::vector<std::string> ended;    // trials that finished, or wait again
    std::vector<std::string> study;    // a new best trial, a change of the study's state
  };

  // Takes a message in; returns what is new.
  Lines Update(const v1::WatchStudyResponse& message);
  // The present: a line per running trial, the best trial so far, the progress.
  std::vector<std::string> Picture() const;
  // The study is COMPLETED. Trials that still run then are not waited for.
  bool finished() const;

 private:
  struct RunningTrial {
    pb::Trial trial;
    int attempt = 1;
  };

  void LearnSpec();
  void UpdateTrial(const pb::Trial& trial, int attempt, Lines& lines);
  std::string TrialLine(const pb::Trial& trial, int attempt) const;
  std::string MetricsText(const pb::Trial& trial) const;
  std::string BestLine() const;
  std::string Progress() const;

  v1::StudyStatus status_;
  std::map<int64_t, RunningTrial> running_;   // by id
  std::map<int64_t, std::string> last_line_;  // of trials that run or ran, to tell what moved
  std::vector<std::string> shown_metrics_;    // the curve's, then the objectives
  int64_t steps_ = 0;                         // of a full trial; 0: unknown
  std::string last_best_, last_state_;
  bool fresh_ = true;
};

// The text cut to `columns` characters, "..." at the end where something is missing; 0 means no limit.
std::string CutTo(const std::string& text, int columns);

}  // namespace photinus

#endif  // PHOTINUS_CLIENT_CLI_WATCH_VIEW_H_
