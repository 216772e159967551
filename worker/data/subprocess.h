#ifndef PHOTINUS_WORKER_DATA_SUBPROCESS_H_
#define PHOTINUS_WORKER_DATA_SUBPROCESS_H_

#include <string>
#include <vector>

#include "worker/graph/result.h"

namespace photinus::data {

// Runs a program found on PATH (never through a shell), with no input, and waits for it. Returns what it wrote to
// stdout and stderr. Thread-safe. NotFound: no such program. Unavailable: it could not start, ended with a status other
// than 0 or by a signal; the message holds its last words.
Result<std::string> RunProgram(const std::vector<std::string>& arguments);

}  // namespace photinus::data

#endif  // PHOTINUS_WORKER_DATA_SUBPROCESS_H_
