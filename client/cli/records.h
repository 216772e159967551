// Studies, trials and workers as records; their keys are documented in docs/cli.md.
#ifndef PHOTINUS_CLIENT_CLI_RECORDS_H_
#define PHOTINUS_CLIENT_CLI_RECORDS_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "client/cli/printer.h"
#include "common/base/pb.h"
#include "common/study_document/study_document.h"
#include "photinus/v1/query_service.pb.h"

namespace photinus {

// The study's short id.
std::string StudyIdOf(const pb::Study& study);

// The state for people: the study's own, or "PAUSED" or "DRAINING" while it is ACTIVE and gives no suggestions.
std::string StudyStateText(const v1::StudyStatus& status);

Record StudyRecord(const v1::StudyStatus& status);
// StudyRecord with algorithm, metrics, parameters, the study document and the best trials.
Record StudyDetails(const v1::StudyStatus& status);
// The study document, as the server keeps it: text where that is no JSON, null where there is none.
Record DocumentOf(const pb::StudySpec& spec);
// The early stopping that is in force: the document's, else what default_stopping_spec stands for, unless a policy
// elsewhere decides. Unset: none.
std::optional<EarlyStoppingSettings> StoppingInForce(const pb::StudySpec& spec);
// now: what "last seen" counts back from.
Record WorkerRecord(const v1::ListWorkersResponse::Worker& worker, absl::Time now);

Record TrialRecord(const pb::Trial& trial);
// For lines of CSV, all of which have the keys of `stop`: null where nothing was decided.
Record TrialLine(const pb::Trial& trial);
// TrialRecord with measurements, metadata, earlier attempts and artifacts.
Record TrialDetails(const pb::Trial& trial, const std::vector<v1::Attempt>& attempts,
                    const std::vector<v1::ListArtifactsResponse::Artifact>& artifacts);

// Why a trial was suggested.
Record ExplanationRecord(const v1::ExplainTrialResponse& explained);
// How much a parameter matters for an objective.
Record StopRecord(const v1::GetStudyStopsResponse::Stop& stop);
Record AuditRecord(const v1::StopAudit& audit);
Record ImportanceRecord(const v1::GetParameterImportanceResponse::Objective& objective,
                        const v1::GetParameterImportanceResponse::Parameter& parameter);

// The columns of a table of trials: objectives first, then other metrics; parameters only where there are few.
std::vector<Column> TrialColumns(const std::vector<pb::Trial>& trials, const pb::StudySpec& spec);

// The metrics that the study optimises: those without a safety_config.
std::vector<pb::StudySpec::MetricSpec> Objectives(const pb::StudySpec& spec);
// Of the trial's final measurement; nullopt: it has none, or it is NaN or infinite.
std::optional<double> FinalValue(const pb::Trial& trial, const std::string& metric);
// The value of each metric in the final measurement, else in the latest one that has it.
std::map<std::string, double> CurrentMetrics(const pb::Trial& trial);
// The step of the final measurement, or of the last intermediate one; nullopt where there is none.
std::optional<int64_t> CurrentStep(const pb::Trial& trial);
// The objectives of the study that the trial's final measurement lacks, or has as NaN or infinity: it is never optimal.
std::vector<std::string> ObjectivesWithoutValue(const pb::Trial& trial, const pb::StudySpec& spec);

bool IsTerminal(const pb::Trial& trial);

}  // namespace photinus

#endif  // PHOTINUS_CLIENT_CLI_RECORDS_H_
