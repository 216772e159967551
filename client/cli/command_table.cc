#include "client/cli/command.h"

namespace photinus {

extern const Command kStudyCreateCommand;
extern const Command kStudyListCommand;
extern const Command kStudyShowCommand;
extern const Command kStudyWatchCommand;
extern const Command kStudyStopCommand;
extern const Command kStudyPauseCommand;
extern const Command kStudyResumeCommand;
extern const Command kStudyRetestCommand;
extern const Command kStudyDeleteCommand;
extern const Command kStudyExportCommand;
extern const Command kStudyImportCommand;
extern const Command kStudyImportanceCommand;
extern const Command kStudyStopsCommand;
extern const Command kStudyReportCommand;
extern const Command kTrialListCommand;
extern const Command kTrialShowCommand;
extern const Command kTrialBestCommand;
extern const Command kTrialFetchCommand;
extern const Command kTrialLogsCommand;
extern const Command kWorkerListCommand;
extern const Command kServerBackupCommand;

const std::vector<const Command*>& Commands() {
  static const auto& commands = *new std::vector<const Command*>{
      &kStudyCreateCommand,  &kStudyListCommand,       &kStudyShowCommand,   &kStudyWatchCommand,  &kStudyStopCommand,
      &kStudyPauseCommand,   &kStudyResumeCommand,     &kStudyRetestCommand, &kStudyDeleteCommand, &kStudyExportCommand,
      &kStudyImportCommand,  &kStudyImportanceCommand, &kStudyStopsCommand,  &kStudyReportCommand, &kTrialListCommand,
      &kTrialShowCommand,    &kTrialBestCommand,       &kTrialFetchCommand,  &kTrialLogsCommand,   &kWorkerListCommand,
      &kServerBackupCommand,
  };
  return commands;
}

}  // namespace photinus
