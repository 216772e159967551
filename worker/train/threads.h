#ifndef PHOTINUS_WORKER_TRAIN_THREADS_H_
#define PHOTINUS_WORKER_TRAIN_THREADS_H_

namespace photinus::train {

// Lets libtorch and OpenBLAS compute with `threads` threads. OpenBLAS has a pool of its own, of one thread per core
// whatever libtorch is told, unless OPENBLAS_NUM_THREADS was set when the process began.
void LimitThreads(int threads);

}  // namespace photinus::train

#endif  // PHOTINUS_WORKER_TRAIN_THREADS_H_
