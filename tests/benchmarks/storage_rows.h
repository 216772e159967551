// A "row" is what a server's change costs its storage: one trial of 400 bytes stored and its study updated, in one
// transaction that is acknowledged after the sync.
#ifndef PHOTINUS_TESTS_BENCHMARKS_STORAGE_ROWS_H_
#define PHOTINUS_TESTS_BENCHMARKS_STORAGE_ROWS_H_

#include <cstdint>

#include "server/storage/storage.h"
#include "tests/benchmarks/measure.h"

namespace photinus {

// A new study's uid.
int64_t AddStudy(Storage& storage);
TrialRow TypicalTrial(int64_t study_uid, int64_t id);

// Each producer in a study of its own.
Rate MeasureRows(Storage& storage, int producers, double seconds);
// All in one study, whose row each transaction must lock.
Rate MeasureHotStudy(Storage& storage, int producers, double seconds);

}  // namespace photinus

#endif  // PHOTINUS_TESTS_BENCHMARKS_STORAGE_ROWS_H_
