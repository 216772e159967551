#include "server/transfer/record_line.h"

#include <google/protobuf/stubs/logging.h>
#include <google/protobuf/util/json_util.h>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"

namespace photinus {
namespace {

namespace json = google::protobuf::util;

absl::StatusOr<v1::StudyRecord> ParseJson(std::string_view line) {
  v1::StudyRecord record;
  const auto status = json::JsonStringToMessage({line.data(), line.size()}, &record);
  if (!status.ok()) {
    const std::string why(status.message().data(), status.message().size());
    const std::string first_line = why.substr(0, why.find('\n'));  // then the text at fault, with a mark below
    return absl::InvalidArgumentError(absl::StrCat("is no record of an exported study: ", Shortened(first_line, 300)));
  }
  return record;
}

// Empty where JSON cannot say it at all.
std::string PrintJson(const v1::StudyRecord& record) {
  const google::protobuf::LogSilencer silence;  // of what ends as an empty text
  json::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string text;
  return json::MessageToJsonString(record, &text, options).ok() ? text : "";
}

}  // namespace

std::string RecordLine(const v1::StudyRecord& record) {
  std::string text = PrintJson(record);
  const std::string bytes = record.SerializeAsString();
  const auto read = ParseJson(text);
  if (!read.ok() || read->SerializeAsString() != bytes) {
    v1::StudyRecord exact;
    exact.set_exact(bytes);
    text = PrintJson(exact);
  }
  return absl::StrCat(text, "\n");
}

absl::StatusOr<v1::StudyRecord> ReadRecordLine(std::string_view line) {
  if (absl::StripLeadingAsciiWhitespace(absl::string_view(line.data(), line.size())).substr(0, 1) != "{") {
    return absl::InvalidArgumentError(
        "is no line of an exported study; only files of 'photinus study export' can be imported, and none in CSV "
        "(-o csv), which leaves out too much");
  }
  ASSIGN_OR_RETURN(v1::StudyRecord record, ParseJson(line));
  if (record.record_case() != v1::StudyRecord::kExact) return record;
  v1::StudyRecord exact;
  if (!exact.ParseFromString(record.exact()) || exact.record_case() == v1::StudyRecord::kExact) {
    return absl::InvalidArgumentError("exact: is no serialized record");
  }
  return exact;
}

}  // namespace photinus
