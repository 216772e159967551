// A StudyRecord as one line of JSON.
#ifndef PHOTINUS_SERVER_TRANSFER_RECORD_LINE_H_
#define PHOTINUS_SERVER_TRANSFER_RECORD_LINE_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "photinus/v1/study_record.pb.h"

namespace photinus {

// With its line feed. ReadRecordLine gives back the same bytes: where JSON cannot say a record in full (messages of
// unknown types, unknown fields), the line holds it as `exact`.
std::string RecordLine(const v1::StudyRecord& record);

// Without its line feed. InvalidArgument says what is wrong with it.
absl::StatusOr<v1::StudyRecord> ReadRecordLine(std::string_view line);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_TRANSFER_RECORD_LINE_H_
