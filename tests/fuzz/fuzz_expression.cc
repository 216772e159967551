// Expressions and filters: whatever parses can be evaluated, to the same value each time.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "common/expression/expression.h"
#include "tests/fuzz/fuzz_check.h"

namespace photinus {
namespace {

// Names of some length have numbers, of others truth, text or nothing.
std::optional<Expression::Value> ValueOf(std::string_view name) {
  switch (name.size() % 4) {
    case 0:
      return std::nullopt;
    case 1:
      return static_cast<double>(name.size());
    case 2:
      return std::string(name);
    default:
      return true;
  }
}

}  // namespace
}  // namespace photinus

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace photinus;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto expression = Expression::Parse(text);
  FuzzCheckParseError(expression.status());
  if (!expression.ok()) return 0;
  const auto value = expression->Evaluate(&ValueOf);
  FuzzCheck(value.ok() || absl::IsInvalidArgument(value.status()) || absl::IsNotFound(value.status()),
            value.status().ToString());
  FuzzCheck(expression->Evaluate(&ValueOf).status() == value.status(), "an expression has one value");
  FuzzCheck(expression->EvaluateNumber(&ValueOf).ok() + expression->EvaluateBool(&ValueOf).ok() <= 1,
            "a value is of one type");
  return 0;
}
