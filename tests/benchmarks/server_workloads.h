// The named workloads of `./run bench server`. Each takes its probes between its own rounds, so that both meet the same
// state of a shared machine; a figure is the median over the rounds, and so is its ratio.
#ifndef PHOTINUS_TESTS_BENCHMARKS_SERVER_WORKLOADS_H_
#define PHOTINUS_TESTS_BENCHMARKS_SERVER_WORKLOADS_H_

#include <cstdint>
#include <string>

#include "tests/benchmarks/measure.h"

namespace photinus {

struct WorkloadOptions {
  double seconds = 2;         // of each measurement
  int rounds = 3;             // of each workload
  int64_t trials = 100000;    // of the large study
  std::string vizier_python;  // an interpreter that has google-vizier and jax; empty: without comparison
};

// Suggest and complete with 50 clients in one study.
void RunSuggestAndComplete(const WorkloadOptions& options, Report& report);
// AddTrialMeasurement and UpdateMetadata with 64 clients.
void RunDurableMutations(const WorkloadOptions& options, Report& report);
// One client's AddTrialMeasurement.
void RunOneClient(const WorkloadOptions& options, Report& report);
// Suggestions of DEFAULT for one client, whose evaluations leave the server time to prepare the next one.
void RunPrepared(const WorkloadOptions& options, Report& report);
// GetTrial with 50 clients.
void RunGetTrial(const WorkloadOptions& options, Report& report);
// What must not depend on how many trials a study has.
void RunLargeStudy(const WorkloadOptions& options, Report& report);
// Whether to stop a trial, beside 2,000 full ones of 100 values under TSGP.
void RunStoppingChecks(const WorkloadOptions& options, Report& report);
// Rows through PostgresStorage. Says so where Debian's postgresql-15 is not installed.
void RunPostgres(const WorkloadOptions& options, Report& report);
// Suggest and complete against google-vizier's own server. Says so where it cannot be imported.
void RunStockServer(const WorkloadOptions& options, Report& report);

}  // namespace photinus

#endif  // PHOTINUS_TESTS_BENCHMARKS_SERVER_WORKLOADS_H_
