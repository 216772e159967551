// The descriptors 0, 1 and 2.
#ifndef PHOTINUS_WORKER_AGENT_STANDARD_STREAMS_H_
#define PHOTINUS_WORKER_AGENT_STANDARD_STREAMS_H_

namespace photinus {

// Opens /dev/null for each of the three that is closed, as some supervisors start their programs: else a pipe would
// get its number, log lines would go into it, and the guard's and the children's dup2 would replace it. First thing in
// main.
void OpenMissingStandardStreams();

}  // namespace photinus

#endif  // PHOTINUS_WORKER_AGENT_STANDARD_STREAMS_H_
