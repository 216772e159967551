#include "common/spaces/keywords_small.h"

#include <utility>

#include "common/spaces/make_parameter.h"

namespace photinus::spaces {
namespace {

struct BlockChoices {
  std::vector<double> filters;
  int max_kernel;
  bool may_be_identity;
};

void AddBlock(int number, const BlockChoices& choices, std::vector<Parameter>& parameters) {
  const std::string name = "block" + std::to_string(number);
  std::vector<std::string> types = {"conv", "separable", "residual"};
  const std::vector<std::string> with_filters = types;
  if (choices.may_be_identity) types.push_back("identity");
  parameters.push_back(Categorical(name, types, "conv"));
  Parameter filters = Discrete(name + ".filters", choices.filters, choices.filters[1]);
  Parameter kernel = Integer(name + ".kernel", 3, choices.max_kernel, 5);
  if (choices.may_be_identity) {
    filters.when = Condition{name, with_filters};
    kernel.when = Condition{name, with_filters};
  }
  parameters.push_back(std::move(filters));
  parameters.push_back(std::move(kernel));
}

}  // namespace

Space KeywordsSmall() {
  Space space;
  space.name = "keywords-small";
  space.description =
      "Spoken keywords, 49 x 40 log-mel to 12 classes: a stem and five blocks over time, about 10-50k parameters";
  space.parameters.push_back(LogDouble("lr", 1e-4, 3e-2, 4e-3));
  space.parameters.push_back(Categorical("stem", {"temporal", "spectral"}, "temporal"));
  space.parameters.push_back(Discrete("stem.filters", {16, 24, 32}, 24));
  space.parameters.push_back(Integer("stem.kernel", 3, 5, 3));
  AddBlock(1, {{16, 24, 32}, 9, false}, space.parameters);
  AddBlock(2, {{16, 24, 32}, 9, true}, space.parameters);
  AddBlock(3, {{24, 32, 40}, 7, false}, space.parameters);
  AddBlock(4, {{24, 32, 40}, 7, true}, space.parameters);
  AddBlock(5, {{32, 40, 48}, 5, false}, space.parameters);
  return space;
}

}  // namespace photinus::spaces
