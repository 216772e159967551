#include "worker/train/torch_fault.h"

#include <ATen/Context.h>
#include <c10/util/Exception.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <system_error>

#include "worker/train/device.h"
#include "worker/train/torch_compat.h"

namespace photinus::train {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

Error FaultOfText(const char* text) {
  const Result<void> result = CatchFaults<void>([&]() -> Result<void> { TORCH_CHECK(false, text); });
  return result.error();
}

TEST(FaultOf, ARefusedAllocationIsTheNetworksFault) {
  const Result<void> refused = CatchFaults<void>([]() -> Result<void> {
    torch::empty({int64_t{1} << 58});
    return {};
  });
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument) << refused.error().message;
  EXPECT_THAT(refused.error().message, StartsWith("out of memory: "));
}

TEST(FaultOf, ARefusalOfTheGpusAllocatorIsTheNetworksFault) {
  const Result<void> refused = CatchFaults<void>([]() -> Result<void> {
    TORCH_CHECK_WITH(OutOfMemoryError, false, "CUDA out of memory. Tried to allocate 2.00 GiB");
  });
  EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(refused.error().message.substr(0, 36), "out of memory: CUDA out of memory. T");
}

// Although its message speaks of memory.
TEST(FaultOf, AnIllegalMemoryAccessIsTheDevicesFault) {
  EXPECT_EQ(FaultOfText("CUDA error: an illegal memory access was encountered").code, ErrorCode::kUnavailable);
  EXPECT_EQ(FaultOfText("cuDNN error: CUDNN_STATUS_EXECUTION_FAILED").code, ErrorCode::kUnavailable);
}

// As of std::thread where a container has as many threads as it may.
TEST(FaultOf, ARefusedThreadIsTheMachinesFault) {
  const Error fault = FaultOf(std::system_error(std::make_error_code(std::errc::resource_unavailable_try_again)));
  EXPECT_EQ(fault.code, ErrorCode::kUnavailable);
  EXPECT_EQ(fault.message,
            "the system refused what training needs, such as a thread: Resource temporarily unavailable");
}

TEST(FaultOf, TheRestIsOurBug) {
  EXPECT_EQ(FaultOfText("shape mismatch: the memory format differs").code, ErrorCode::kInternal);
  EXPECT_EQ(FaultOf(std::runtime_error("x")).message, "libtorch: x");
}

TEST(CheckDevice, PassesForTheProcessor) { EXPECT_TRUE(CheckDevice("cpu").ok()); }

TEST(CheckDevice, SaysWhatToDoForADeviceThatIsNotThere) {
  // Debian's libtorch has no CUDA; one with CUDA has fewer than 100 devices.
  const Result<void> checked = CheckDevice("cuda:99");
  ASSERT_FALSE(checked.ok());
  EXPECT_EQ(checked.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(checked.error().message, StartsWith("device cuda:99: "));
  if (!at::globalContext().hasCUDART()) {
    EXPECT_THAT(checked.error().message, HasSubstr("built without CUDA"));
    EXPECT_THAT(checked.error().message, HasSubstr("./run build --torch PREFIX"));
  }
  EXPECT_THAT(CheckDevice("cudax").error().message, HasSubstr("use cpu or cuda:N"));
}

}  // namespace
}  // namespace photinus::train
