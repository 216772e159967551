#ifndef PHOTINUS_WORKER_NET_NPY_H_
#define PHOTINUS_WORKER_NET_NPY_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "worker/base/result.h"

namespace photinus::net {

// An int8 array in C order.
struct Int8Array {
  std::vector<std::int64_t> shape;
  std::vector<std::int8_t> values;  // as many as the product of the shape
};

// Reads a NumPy .npy file (versions 1 to 3). NotFound if there is none; InvalidArgument for anything but an int8 array
// in C order whose length fits its header; the message says what was found and how to convert it.
Result<Int8Array> ReadNpy(const std::string& path);

// Writes one that numpy.load reads. Unavailable when it cannot be written.
Result<void> WriteNpy(const std::string& path, const Int8Array& array);

// The same on bytes in memory; `label` names them in messages.
Result<Int8Array> ParseNpy(std::string_view bytes, const std::string& label);
std::string FormatNpy(const Int8Array& array);

}  // namespace photinus::net

#endif  // PHOTINUS_WORKER_NET_NPY_H_
