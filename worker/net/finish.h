#ifndef PHOTINUS_WORKER_NET_FINISH_H_
#define PHOTINUS_WORKER_NET_FINISH_H_

#include "worker/base/result.h"

namespace photinus::net {

// Ends a verb, and its output: prints the reason of a failure on stderr and throws CLI::RuntimeError with its exit code
// (docs/cli.md). Standard output that could not be written is a failure, too.
void Finish(const Result<void>& result);

}  // namespace photinus::net

#endif  // PHOTINUS_WORKER_NET_FINISH_H_
