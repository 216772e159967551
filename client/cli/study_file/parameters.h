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

// Where the file has each of its parameters: "parameters[2]" by name. Those of a named space stand nowhere.
using ParameterPaths = std::map<std::string, std::string>;

// Builds the spec's parameter tree from flat lists, in which a child names its parent. Borrows the spec.
class ParameterTree {
 public:
  explicit ParameterTree(pb::StudySpec& spec) : spec_(spec) {}

  // To be called before AddList, at most once.
  void AddSpace(const spaces::Space& space);
  // Adds each parameter of the list. InvalidArgument: a FieldError with a path such as "parameters[2].min". Only what
  // keeps a parameter from being written into the spec is an error here: SearchSpace judges the spec.
  absl::Status AddList(const YamlNode& list, std::string_view path);
  const ParameterPaths& paths() const { return paths_; }

 private:
  absl::Status Add(const YamlNode& node, std::string_view path);
  // Where a parameter with this condition (null: none) goes.
  absl::StatusOr<pb::StudySpec::ParameterSpec*> Place(const YamlNode* when, std::string_view path);
  void Collect(pb::StudySpec::ParameterSpec& parameter);

  pb::StudySpec& spec_;
  std::string space_;                                           // its name, for messages
  std::map<std::string, pb::StudySpec::ParameterSpec*> known_;  // elements of repeated messages do not move
  ParameterPaths paths_;
};

// The file's path of a field of the spec: "parameters[1].conditional_parameter_specs[0].min" is "parameters[4].min" in
// the file's flat list, or "space" if the space brought that parameter. Other fields are unchanged.
std::string FilePathOf(std::string_view field, const pb::StudySpec& spec, const ParameterPaths& paths);

}  // namespace photinus

#endif  // PHOTINUS_CLIENT_CLI_STUDY_FILE_PARAMETERS_H_
