// Page and lease tokens: none is accepted but those that we made.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "server/study/lease_token.h"
#include "server/study/page_token.h"
#include "tests/fuzz/fuzz_check.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace photinus;
  static const PageTokens& tokens = *new PageTokens("a secret of the fuzzer's");
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto position = tokens.Parse("a list", text);
  FuzzCheckParseError(position.status());
  if (position.ok() && !text.empty()) FuzzCheck(tokens.Make("a list", *position) == text, "a page token is ours");
  const auto lease = LeaseToken::Parse(text);
  FuzzCheckParseError(lease.status());
  if (lease.ok()) FuzzCheck(lease->ToString() == text, "a lease token is ours");
  return 0;
}
