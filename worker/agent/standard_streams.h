// The descriptors 0, 1 and 2.
#ifndef PHOTINUS_WORKER_AGENT_STANDARD_STREAMS_H_
#define PHOTINUS_WORKER_AGENT_STANDARD_STREAMS_H_

namespace photinus {

// Opens /dev/null for each of the three that is closed, as some supervisors start their programs: else a pipe or socket
// would get its number, and a child's dup2 onto it would cut another one's end. First thing in main.
void OpenMissingStandardStreams();

}  // namespace photinus

#endif  // PHOTINUS_WORKER_AGENT_STANDARD_STREAMS_H_
