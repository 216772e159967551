// In the place of xnnpack_runner.cc where XNNPACK is not linked.
#include "worker/xnnpack/xnnpack_runner.h"

namespace photinus::xnnpack {

Result<std::unique_ptr<tflite::Runner>> NewXnnpackRunner(graph::QuantizedModel /*model*/,
                                                         const XnnpackOptions& /*options*/) {
  return Unavailable("this program is built without XNNPACK, which its libtorch carries an own version of");
}

}  // namespace photinus::xnnpack
