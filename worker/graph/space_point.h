#ifndef PHOTINUS_WORKER_GRAPH_SPACE_POINT_H_
#define PHOTINUS_WORKER_GRAPH_SPACE_POINT_H_

#include <string>
#include <string_view>
#include <vector>

#include "common/spaces/space.h"
#include "worker/base/result.h"
#include "worker/graph/architecture.h"

namespace photinus::graph {

// A name of a parameter's category and the block that it stands for.
struct NamedType {
  std::string_view name;
  BlockType type;
};

// The values of one point of a space, read by parameter name. Errors are InvalidArgument, naming space and parameter.
class SpacePoint {
 public:
  // Both must outlive the object.
  SpacePoint(std::string_view space, const spaces::ParameterValues& values) : space_(space), values_(values) {}

  // A whole number up to 10^6, however it was sent: JSON makes no difference between 24 and 24.0.
  Result<int> WholeNumber(const std::string& parameter) const;

  // One of `types`, by its name.
  Result<BlockType> Type(const std::string& parameter, const std::vector<NamedType>& types) const;

 private:
  Error Fault(const std::string& parameter, const std::string& what) const;
  Result<const spaces::Value*> Find(const std::string& parameter) const;

  const std::string_view space_;
  const spaces::ParameterValues& values_;
};

}  // namespace photinus::graph

#endif  // PHOTINUS_WORKER_GRAPH_SPACE_POINT_H_
