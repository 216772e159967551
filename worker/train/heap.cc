#include "worker/train/heap.h"

#include <limits>

#if defined(__GLIBC__)
#include <malloc.h>
#endif

namespace photinus::train {

void KeepFreedMemory() {
#if defined(__GLIBC__)
  constexpr int kLargestThreshold = 32 << 20;  // bytes; glibc takes none that is larger
  ::mallopt(M_MMAP_THRESHOLD, kLargestThreshold);
  ::mallopt(M_TRIM_THRESHOLD, std::numeric_limits<int>::max());
#endif
}

}  // namespace photinus::train
