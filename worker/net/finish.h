#ifndef PHOTINUS_WORKER_NET_FINISH_H_
#define PHOTINUS_WORKER_NET_FINISH_H_

#include "worker/base/result.h"

namespace photinus::net {

// Ends a verb: prints the reason of a failure on stderr and throws CLI::RuntimeError with its exit code (docs/cli.md).
void Finish(const Result<void>& result);

}  // namespace photinus::net

#endif  // PHOTINUS_WORKER_NET_FINISH_H_
