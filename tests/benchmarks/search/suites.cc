#include "tests/benchmarks/search/suites.h"

#include "absl/strings/str_cat.h"

namespace photinus {
namespace {

using Names = std::vector<std::string>;

const Names kNoises = {"-noise1", "-noise10"};
// BBOB functions.
const std::vector<int> kDevelopment = {1, 3, 6, 8, 10, 13, 15, 17, 20, 21, 23};
const std::vector<int> kHeldOut = {2, 4, 5, 7, 9, 11, 12, 14, 16, 18, 19, 22, 24};
const std::vector<int> kFewHeldOut = {2, 7, 9, 12, 14, 18, 19, 24}, kFewestHeldOut = {7, 9, 14, 18};

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

Names Joined(Names names, const Names& more) {
  names.insert(names.end(), more.begin(), more.end());
  return names;
}

}  // namespace

const std::vector<Suite>& Suites() {
  static const auto& suites = *new std::vector<Suite>{
      {.name = "continuous", .problems = Bbob(kHeldOut, {4, 8, 20, 40}, {""})},
      {.name = "noisy", .problems = Joined(Bbob(kFewHeldOut, {8}, kNoises), Bbob(kFewestHeldOut, {20}, kNoises))},
      {.name = "mixed", .problems = Bbob(kFewHeldOut, {8, 20}, {"-mixed"})},
      {.name = "nas",
       .problems = {"nas-epistasis", "nas-macro", "nas-ridge"},
       .trials = 300,
       .other_trials = {100, 1000}},
      {.name = "conditional", .problems = {"conditional-training", "conditional-branches", "conditional-layers"}},
      {.name = "constrained", .problems = {"constrained-halfspaces", "constrained-ball", "constrained-safety"}},
      {.name = "batch", .problems = Bbob(kFewHeldOut, {8}, {"", "-mixed"}), .trials = 160, .batch = 8},
      {.name = "multiobjective", .problems = {"zdt1", "zdt2", "zdt3", "dtlz2", "dtlz7"}},
      {.name = "long", .problems = Names{"f9-d20", "f18-d20", "f24-d20", "nas-ridge"}, .trials = 1000},
      {.name = "very-long", .problems = Names{"f9-d20"}, .trials = 10000, .seeds = 3},
      {.name = "firefly",
       .problems = Names{"nas-epistasis", "nas-macro", "nas-ridge", "f9-d20-mixed", "f18-d20-mixed", "f24-d20-mixed"},
       .trials = 2000},
      {.name = "development", .problems = Bbob(kDevelopment, {8, 20}, {""})},
      {.name = "gate",
       .problems = Names{"f1-d8", "f8-d8", "f8-d8-outliers", "f10-d8", "f15-d8-mixed", "nas-epistasis",
                         "conditional-training", "constrained-ball", "zdt1"},
       .trials = 60,
       .seeds = 10},
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
