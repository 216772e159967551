#ifndef PHOTINUS_WORKER_XNNPACK_OPERATORS_H_
#define PHOTINUS_WORKER_XNNPACK_OPERATORS_H_

#include <xnnpack.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "worker/base/result.h"
#include "worker/graph/quantized_model.h"

namespace photinus::xnnpack {

struct DeleteOperator {
  void operator()(xnn_operator_t op) const { xnn_delete_operator(op); }
};
using Operator = std::unique_ptr<xnn_operator, DeleteOperator>;

// An op's memory: one pointer per input, batches of examples one after the other, each buffer with XNN_EXTRA_BYTES of
// slack behind it.
struct Buffers {
  std::vector<const std::int8_t*> inputs;
  std::int8_t* output = nullptr;
};

// Op `index` of a model that passes ValidateModel, its weights packed, bound to its memory: xnn_run_operator computes a
// batch. Null where XNNPACK has no int8 operator (pools, concatenations, reshapes, softmax) or refuses the numbers,
// such as an add's far-apart scales or a ReLU6 whose limits are one integer. Padding is always explicit:
// XNN_FLAG_TENSORFLOW_SAME_PADDING is wrong wherever (outputs - 1) * stride + kernel is less than the input.
// xnn_initialize must have succeeded. Errors: those of Check.
Result<Operator> MakeOperator(const graph::QuantizedModel& model, std::size_t index, std::size_t batch,
                              const Buffers& buffers, pthreadpool_t threads);

// An error that begins with `what` unless `status` is success. Unavailable: no memory, or no such processor; Internal:
// anything else.
Result<void> Check(xnn_status status, const std::string& what);

}  // namespace photinus::xnnpack

#endif  // PHOTINUS_WORKER_XNNPACK_OPERATORS_H_
