// A study file: YAML that people write, turned into the StudySpec that the server keeps.
#ifndef PHOTINUS_CLIENT_CLI_STUDY_FILE_STUDY_FILE_H_
#define PHOTINUS_CLIENT_CLI_STUDY_FILE_STUDY_FILE_H_

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/cli/study_file/parameters.h"
#include "client/cli/study_file/yaml_node.h"
#include "common/base/pb.h"

namespace photinus {

class StudyFile {
 public:
  // `file_name` is for messages only. Every key is documented in docs/study-file.md. InvalidArgument whose message is
  // "FILE:LINE: FIELD: what is wrong", also for what only the study document or the named space forbids.
  static absl::StatusOr<StudyFile> Parse(std::string_view file_name, std::string_view text);
  // Reads it from disk. InvalidArgument: it cannot be read, or as Parse.
  static absl::StatusOr<StudyFile> Load(const std::string& path);

  // The key `study`; empty if the file has none.
  const std::string& display_name() const { return display_name_; }
  // Algorithm, parameters, metrics, and the study document in the metadata.
  const pb::StudySpec& spec() const { return spec_; }

  // The server's FieldError about this file's spec, with file and line in front where the file has that field; other
  // statuses unchanged.
  absl::Status LocateServerError(const absl::Status& status) const;

 private:
  absl::Status Read();
  absl::Status ReadParameters();
  absl::Status ReadMetrics(nlohmann::json& document);
  // The study document's own faults. It numbers derived metrics only, the file all of them.
  absl::Status CheckDocument() const;
  absl::Status Locate(const absl::Status& status) const;

  std::string file_name_;
  YamlNode root_;
  std::string display_name_;
  pb::StudySpec spec_;
  ParameterPaths parameter_paths_;
  std::vector<int> derived_;  // index in the file's `metrics` of each of the document's
};

}  // namespace photinus

#endif  // PHOTINUS_CLIENT_CLI_STUDY_FILE_STUDY_FILE_H_
