// StudySpec: a space that is accepted can be encoded, and its points are valid.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "common/space/flatten.h"
#include "common/space/search_space.h"
#include "tests/fuzz/fuzz_check.h"
#include "tests/fuzz/message_from_bytes.h"

namespace photinus {
namespace {

constexpr double kCoordinates[] = {0, 0.25, 0.5, 1};

void CheckPoints(const SearchSpace& space) {
  const Flatten flatten(space);
  space.Cardinality();
  for (const double coordinate : kCoordinates) {
    const Point point = flatten.ToPoint(UnitPoint(static_cast<size_t>(flatten.dimension()), coordinate));
    const absl::Status valid = space.Validate(point);
    FuzzCheck(valid.ok(), valid.ToString());
    const auto unit = flatten.ToUnit(point);
    FuzzCheck(unit.has_value(), "a valid point has coordinates");
    for (const double u : *unit) FuzzCheck(u >= 0 && u <= 1, "a valid point lies in the cube");
    std::vector<double> features(static_cast<size_t>(flatten.feature_dimension()));
    flatten.ToFeatures(*unit, features.data());
    for (const double feature : features) FuzzCheck(std::isfinite(feature), "features are finite");
  }
}

}  // namespace
}  // namespace photinus

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace photinus;
  static const auto& words = *new std::vector<std::string>{"x", "y", "a", "b", "", "p0", "p1", "p2"};
  ByteSource bytes(data, size);
  pb::StudySpec spec;
  FillFromBytes(bytes, words, spec);
  const auto space = SearchSpace::FromSpec(spec);
  FuzzCheckParseError(space.status());
  if (space.ok()) CheckPoints(*space);
  return 0;
}
