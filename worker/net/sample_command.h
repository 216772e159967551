#ifndef PHOTINUS_WORKER_NET_SAMPLE_COMMAND_H_
#define PHOTINUS_WORKER_NET_SAMPLE_COMMAND_H_

#include <cstdint>
#include <iosfwd>
#include <string>

#include "worker/base/result.h"

namespace photinus::net {

// `net sample`: an architecture drawn at random from a named space (spaces::Sample), as JSON into the file `out`, or
// into `stream` if that is empty. NotFound for an unknown space (lists the known ones); Unavailable when `out` cannot
// be written.
Result<void> RunSample(const std::string& space, std::uint64_t seed, const std::string& out, std::ostream& stream);

}  // namespace photinus::net

#endif  // PHOTINUS_WORKER_NET_SAMPLE_COMMAND_H_
