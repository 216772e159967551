#ifndef PHOTINUS_WORKER_BASE_STOP_SIGNAL_H_
#define PHOTINUS_WORKER_BASE_STOP_SIGNAL_H_

namespace photinus {

// From now on SIGTERM and SIGINT ask for an early stop instead of ending the process.
void CatchStopSignals();

// Whether one of them has arrived. Thread-safe.
bool StopRequested();

}  // namespace photinus

#endif  // PHOTINUS_WORKER_BASE_STOP_SIGNAL_H_
