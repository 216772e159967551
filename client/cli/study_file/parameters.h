// The `parameters` of a study file.
#ifndef PHOTINUS_CLIENT_CLI_STUDY_FILE_PARAMETERS_H_
#define PHOTINUS_CLIENT_CLI_STUDY_FILE_PARAMETERS_H_

#include <map>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "client/cli/study_file/yaml_node.h"
#include "common/base/pb.h"
#include "common/spaces/space.h"

namespace photinus {

// Builds the spec's parameter tree from flat lists, in which a child names its parent. Borrows the spec.
class ParameterTree {
 public:
  explicit ParameterTree(pb::StudySpec& spec) : spec_(spec) {}

  // To be called before AddList, at most once.
  void AddSpace(const spaces::Space& space);
  // Adds each parameter of the list. InvalidArgument: a FieldError with a path such as "parameters[2].min".
  absl::Status AddList(const YamlNode& list, std::string_view path);

 private:
  absl::Status Add(const YamlNode& node, std::string_view path);
  // Where a parameter with this condition (null: none) goes.
  absl::StatusOr<pb::StudySpec::ParameterSpec*> Place(const YamlNode* when, std::string_view path);
  void Collect(pb::StudySpec::ParameterSpec& parameter);

  pb::StudySpec& spec_;
  std::string space_;                                           // its name, for messages
  std::map<std::string, pb::StudySpec::ParameterSpec*> known_;  // elements of repeated messages do not move
};

}  // namespace photinus

#endif  // PHOTINUS_CLIENT_CLI_STUDY_FILE_PARAMETERS_H_
