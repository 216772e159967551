// The study document, as text.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "common/study_document/problem_entries.h"
#include "common/study_document/study_document.h"
#include "tests/fuzz/fuzz_check.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace photinus;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  FuzzCheckParseError(ParseStudyDocument(text).status());
  pb::StudySpec spec;
  auto& entry = *spec.add_metadata();
  entry.set_ns(kDocumentNamespace);
  entry.set_key(kDocumentKey);
  entry.set_value(text.data(), text.size());
  FuzzCheckParseError(StudyDocumentOf(spec).status());
  return 0;
}
