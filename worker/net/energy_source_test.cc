#include "worker/net/energy_source.h"

#include "gmock/gmock.h"

namespace photinus::net {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

TEST(ResolveEnergySource, LeavesDevicesAsTheyAre) {
  std::string source = "phone";
  EXPECT_EQ(ResolveEnergySource(source), "");
  EXPECT_EQ(source, "phone");
}

TEST(ResolveEnergySource, SaysWhatThereIsInsteadOfWhatIsNeitherDeviceNorModel) {
  std::string source = "toaster";
  EXPECT_THAT(ResolveEnergySource(source), AllOf(HasSubstr("toaster"), HasSubstr("phone, watch, earbud")));
  source = "/dev/null";
  EXPECT_THAT(ResolveEnergySource(source), HasSubstr("/dev/null"));
}

}  // namespace
}  // namespace photinus::net
