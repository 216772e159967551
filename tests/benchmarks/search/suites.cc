#include "tests/benchmarks/search/suites.h"

#include "absl/strings/str_cat.h"

namespace photinus {
namespace {

using Names = std::vector<std::string>;

// Functions f1, f3, ... are for tuning, the others for judging; nas, conditional and several objectives are for both,
// on instances of their own.
const std::vector<int> kDevelopment = {1, 3, 6, 8, 10, 13, 15, 17, 20, 21, 23};
const std::vector<int> kHeldOut = {2, 4, 5, 7, 9, 11, 12, 14, 16, 18, 19, 22, 24};
const std::vector<int> kFewHeldOut = {2, 7, 9, 12, 14, 18, 19, 24};

Names Bbob(const std::vector<int>& functions, const std::vector<int>& dimensions, const Names& variants) {
  Names names;
  for (const int function : functions) {
    for (const int dimension : dimensions) {
      for (const std::string& variant : variants)
        names.push_back(absl::StrCat("f", function, "-d", dimension, variant));
    }
  }
  return names;
}

}  // namespace

const std::vector<Suite>& Suites() {
  static const auto& suites = *new std::vector<Suite>{
      {.name = "continuous", .problems = Bbob(kHeldOut, {4, 8, 20, 40}, {""})},
      {.name = "noisy", .problems = Bbob(kFewHeldOut, {8}, {"-noise1", "-noise10"})},
      {.name = "mixed", .problems = Bbob(kFewHeldOut, {8, 20}, {"-mixed"})},
      {.name = "nas", .problems = {"nas-epistasis", "nas-macro", "nas-ridge"}, .trials = 300},
      {.name = "conditional", .problems = {"conditional-training", "conditional-branches", "conditional-layers"}},
      {.name = "batch", .problems = Bbob(kFewHeldOut, {8}, {"", "-mixed"}), .trials = 160, .batch = 8},
      {.name = "multiobjective", .problems = {"zdt1", "zdt2", "zdt3", "dtlz2", "dtlz7"}},
      {.name = "long", .problems = Names{"f9-d20", "f18-d20", "f24-d20", "nas-ridge"}, .trials = 1000},
      {.name = "very-long", .problems = Names{"f9-d20"}, .trials = 10000, .seeds = 3},
      {.name = "firefly",
       .problems = Names{"nas-epistasis", "nas-macro", "nas-ridge", "f9-d20-mixed", "f18-d20-mixed", "f24-d20-mixed"},
       .trials = 2000},
      {.name = "development", .problems = Bbob(kDevelopment, {8, 20}, {""})},
      {.name = "gate",
       .problems = Names{"f1-d8", "f8-d8", "f10-d8", "f15-d8-mixed", "nas-epistasis", "conditional-training"},
       .trials = 60,
       .seeds = 5},
  };
  return suites;
}

const Suite* FindSuite(const std::string& name) {
  for (const Suite& suite : Suites()) {
    if (suite.name == name) return &suite;
  }
  return nullptr;
}

}  // namespace photinus
