// Resource names: whatever parses prints as it was.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "common/base/names.h"
#include "tests/fuzz/fuzz_check.h"

namespace photinus {
namespace {

template <typename Name>
void CheckName(std::string_view text) {
  const auto name = Name::Parse(text);
  FuzzCheckParseError(name.status());
  if (name.ok()) FuzzCheck(name->ToString() == text, "a name prints as it was");
}

}  // namespace
}  // namespace photinus

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace photinus;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  CheckName<OwnerName>(text);
  CheckName<StudyName>(text);
  CheckName<TrialName>(text);
  CheckName<OperationName>(text);
  const auto id = ParseTrialId(text);
  FuzzCheckParseError(id.status());
  if (id.ok()) FuzzCheck(*id >= 1 && std::to_string(*id) == text, "a trial id prints as it was");
  FuzzCheckParseError(ValidateId("id", text));
  FuzzCheckParseError(ValidateArtifactName(text));
  return 0;
}
