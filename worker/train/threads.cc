#include "worker/train/threads.h"

#include <dlfcn.h>

#include "worker/train/torch_compat.h"

namespace photinus::train {

void LimitThreads(int threads) {
  torch::set_num_threads(threads);
  // Looked up by name: with another BLAS, or a libtorch that brings its own, there is no such function.
  using SetThreads = void (*)(int);
  if (void* function = ::dlsym(RTLD_DEFAULT, "openblas_set_num_threads")) {
    reinterpret_cast<SetThreads>(function)(threads);
  }
}

}  // namespace photinus::train
