#include "client/cli/study_file/study_file.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/random.h"
#include "common/study_document/problem_entries.h"
#include "common/study_document/study_document.h"

namespace photinus {
namespace {

constexpr char kGood[] = R"(study: kws-tiny
seed: 7
algorithm: RANDOM_SEARCH
space: keywords-small
parameters:
  - {name: momentum, type: double, min: 1e-4, max: 1e-1, scale: log, default: 1e-3}
  - {name: augment, type: categorical, values: [none, mask, mix], default: mask}
  - {name: augment.width, type: discrete, values: [4, 8, 12], when: {augment: [mask, mix]}}
  - {name: augment.deep, type: integer, min: -3, max: 5, when: {augment.width: 8}}
  - {name: flag, type: categorical, values: [true, false, 3]}
metrics:
  - {name: accuracy, goal: maximize}
  - name: reward
    goal: maximize
    expression: >-
      accuracy
      - 0.02/30*max(0, memory_kb - 60)
early_stopping: {rule: MEDIAN, curve: accuracy, goal: maximize, horizon: 12}
budget: {trials: 24, parallel: 2}
trial: {executor: network, task: keywords, epochs: 8, evaluations: 12}
)";

using ParameterSpec = pb::StudySpec::ParameterSpec;

const ParameterSpec* Find(const pb::StudySpec& spec, const std::string& id) {
  for (const auto& parameter : spec.parameters()) {
    if (parameter.parameter_id() == id) return &parameter;
  }
  return nullptr;
}

TEST(StudyFile, GivesSpecAndDocument) {
  const auto file = StudyFile::Parse("kws.yaml", kGood);
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(file->display_name(), "kws-tiny");
  EXPECT_EQ(file->spec().algorithm(), "RANDOM_SEARCH");
  ASSERT_EQ(file->spec().metrics_size(), 2);
  EXPECT_EQ(file->spec().metrics(1).metric_id(), "reward");
  EXPECT_EQ(file->spec().metrics(1).goal(), pb::StudySpec::MetricSpec::MAXIMIZE);
  const auto document = StudyDocumentOf(file->spec());
  ASSERT_TRUE(document.ok()) << document.status();
  EXPECT_EQ(document->seed, 7u);
  EXPECT_EQ(document->space, "keywords-small");
  ASSERT_EQ(document->derived.size(), 1u);
  EXPECT_EQ(document->derived[0].expression, "accuracy - 0.02/30*max(0, memory_kb - 60)");
  EXPECT_EQ(document->budget.trials, 24);
  EXPECT_EQ(document->trial->epochs, 8);
}

TEST(StudyFile, GivesTheOptionsOfTheAlgorithmToTheDocument) {
  const auto file = StudyFile::Parse("kws.yaml", R"(
algorithm: {name: HYBRID, switch_at: 500, reproducible: true}
parameters: [{name: lr, type: double, min: 0, max: 1}]
metrics: [{name: loss, goal: minimize}]
)");
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(file->spec().algorithm(), "HYBRID");
  const auto document = StudyDocumentOf(file->spec());
  ASSERT_TRUE(document.ok()) << document.status();
  EXPECT_EQ(document->algorithm.switch_at, 500);
  EXPECT_TRUE(document->algorithm.reproducible);
}

TEST(StudyFile, GivesConstraintsToTheDocument) {
  const auto file = StudyFile::Parse("kws.yaml", R"(
parameters: [{name: lr, type: double, min: 0, max: 1}]
metrics: [{name: loss, goal: minimize}]
outcome_constraints: [size_kb <= 64, '`latency ms` < 20']
)");
  ASSERT_TRUE(file.ok()) << file.status();
  const auto document = StudyDocumentOf(file->spec());
  ASSERT_TRUE(document.ok()) << document.status();
  ASSERT_EQ(document->outcome_constraints.size(), 2u);
  EXPECT_EQ(document->outcome_constraints[0].metric, "size_kb");
  EXPECT_EQ(document->outcome_constraints[1].bound, 20);
}

TEST(StudyFile, GivesTheStudiesThatItStartsFromToTheDocument) {
  const auto file = StudyFile::Parse("kws.yaml", R"(
warm_start: [owners/bob/studies/kws, old]
parameters: [{name: lr, type: double, min: 0, max: 1}]
metrics: [{name: loss, goal: minimize}]
)");
  ASSERT_TRUE(file.ok()) << file.status();
  const auto document = StudyDocumentOf(file->spec());
  ASSERT_TRUE(document.ok()) << document.status();
  EXPECT_EQ(document->algorithm.warm_start, (std::vector<std::string>{"owners/bob/studies/kws", "old"}));
}

TEST(StudyFile, GivesWhatIsBelievedToTheDocument) {
  const auto file = StudyFile::Parse("kws.yaml", R"(
priors:
  lr: {centre: 1e-3, deviation: 0.1}
  filters: {16: 3}
parameters:
  - {name: lr, type: double, min: 0, max: 1}
  - {name: filters, type: discrete, values: [8, 16]}
metrics: [{name: loss, goal: minimize}]
)");
  ASSERT_TRUE(file.ok()) << file.status();
  const auto document = StudyDocumentOf(file->spec());
  ASSERT_TRUE(document.ok()) << document.status();
  EXPECT_EQ(document->algorithm.priors,
            (ParameterPriors{{"lr", {{"centre", 1e-3}, {"deviation", 0.1}}}, {"filters", {{"16", 3}}}}));
  EXPECT_EQ(file->LocateServerError(FieldError("study.study_spec.priors.lr.centre", "is outside")).message(),
            "kws.yaml:3: priors.lr.centre: is outside");
}

TEST(StudyFile, NamesThePolicyThatRunsElsewhere) {
  const auto file = StudyFile::Parse("kws.yaml", R"(
algorithm:
  name: MY_ALGORITHM
  pythia_endpoint: 127.0.0.1:28090
parameters: [{name: lr, type: double, min: 0, max: 1}]
metrics: [{name: loss, goal: minimize}]
)");
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(file->spec().algorithm(), "MY_ALGORITHM");
  ASSERT_EQ(file->spec().metadata_size(), 2);
  EXPECT_TRUE(IsEndpoint(file->spec().metadata(0)));
  EXPECT_EQ(file->spec().metadata(0).value(), "127.0.0.1:28090");
  EXPECT_TRUE(IsStudyDocument(file->spec().metadata(1)));
  EXPECT_EQ(file->LocateServerError(FieldError("study.study_spec.metadata", "not allowed")).message(),
            "kws.yaml:4: algorithm.pythia_endpoint: not allowed");
}

TEST(StudyFile, GivesParametersOfEveryType) {
  const auto file = StudyFile::Parse("kws.yaml", kGood);
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_NE(Find(file->spec(), "stem"), nullptr);
  const ParameterSpec* momentum = Find(file->spec(), "momentum");
  ASSERT_NE(momentum, nullptr);
  EXPECT_EQ(momentum->double_value_spec().min_value(), 1e-4);
  EXPECT_EQ(momentum->double_value_spec().max_value(), 1e-1);
  EXPECT_EQ(momentum->double_value_spec().default_value().value(), 1e-3);
  EXPECT_EQ(momentum->scale_type(), ParameterSpec::UNIT_LOG_SCALE);

  const ParameterSpec* augment = Find(file->spec(), "augment");
  ASSERT_NE(augment, nullptr);
  EXPECT_EQ(augment->categorical_value_spec().default_value().value(), "mask");
  ASSERT_EQ(augment->conditional_parameter_specs_size(), 1);
  const auto& condition = augment->conditional_parameter_specs(0);
  ASSERT_EQ(condition.parent_categorical_values().values_size(), 2);
  EXPECT_EQ(condition.parent_categorical_values().values(1), "mix");
  const ParameterSpec& width = condition.parameter_spec();
  EXPECT_EQ(width.parameter_id(), "augment.width");
  EXPECT_EQ(width.discrete_value_spec().values(2), 12);
  ASSERT_EQ(width.conditional_parameter_specs_size(), 1);
  EXPECT_EQ(width.conditional_parameter_specs(0).parent_discrete_values().values(0), 8);
  EXPECT_EQ(width.conditional_parameter_specs(0).parameter_spec().integer_value_spec().min_value(), -3);

  const ParameterSpec* flag = Find(file->spec(), "flag");
  ASSERT_NE(flag, nullptr);
  EXPECT_EQ(flag->categorical_value_spec().values(0), "true");
  EXPECT_EQ(flag->categorical_value_spec().values(2), "3");
}

TEST(StudyFile, TakesNumbersInACommandLineAsText) {
  const auto file = StudyFile::Parse("c.yaml", R"(
parameters: [{name: lr, type: double, min: 0, max: 1}]
metrics: [{name: loss, goal: minimize}]
trial: {executor: command, argv: [python3, train.py, --lr, '{lr}', --epochs, 3, --scale, 1e-3]}
)");
  ASSERT_TRUE(file.ok()) << file.status();
  const auto document = StudyDocumentOf(file->spec());
  ASSERT_TRUE(document.ok()) << document.status();
  EXPECT_EQ(document->trial->argv[5], "3");
  EXPECT_EQ(document->trial->argv[7], "1e-3");
}

TEST(StudyFile, SaysWhetherMeasurementsAreNoisy) {
  for (const auto& [word, noise] : {std::pair("low", pb::StudySpec::LOW), std::pair("high", pb::StudySpec::HIGH)}) {
    const auto file =
        StudyFile::Parse("c.yaml", absl::StrCat("parameters: [{name: lr, type: double, min: 0, max: 1}]\n",
                                                "metrics: [{name: y, goal: maximize}]\nnoise: ", word));
    ASSERT_TRUE(file.ok()) << file.status();
    EXPECT_EQ(file->spec().observation_noise(), noise);
  }
}

TEST(StudyFile, ExpandsAliases) {
  const auto file = StudyFile::Parse("c.yaml", R"(
parameters:
  - {name: a, type: discrete, values: &widths [4, 8]}
  - {name: b, type: discrete, values: *widths}
metrics: [{name: loss, goal: minimize}]
)");
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(Find(file->spec(), "b")->discrete_value_spec().values_size(), 2);
}

TEST(StudyFile, ErrorsOfTheServerGetTheLineOfTheFile) {
  const auto file = StudyFile::Parse("kws.yaml", kGood);
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(file->LocateServerError(FieldError("study.study_spec.algorithm", "unknown")).message(),
            "kws.yaml:3: algorithm: unknown");
  EXPECT_EQ(file->LocateServerError(FieldError("metrics[1].name", "odd")).message(),
            "kws.yaml:13: metrics[1].name: odd");
  EXPECT_EQ(file->LocateServerError(FieldError("parameters[1].min", "odd")).message(), "kws.yaml:4: space: odd");
  EXPECT_EQ(file->LocateServerError(FieldError("parameters[9999].min", "odd")).message(),
            "kws.yaml:5: parameters[9999].min: odd");
  EXPECT_EQ(file->LocateServerError(absl::UnavailableError("away")).code(), absl::StatusCode::kUnavailable);
}

// The YAML blocks of docs/study-file.md.
std::vector<std::string> DocumentedFiles() {
  std::ostringstream text;
  text << std::ifstream(PHOTINUS_SOURCE_DIR "/docs/study-file.md").rdbuf();
  const std::string page = text.str();
  constexpr std::string_view kBegin = "\n```yaml\n";
  std::vector<std::string> files;
  for (size_t begin = page.find(kBegin); begin != std::string::npos; begin = page.find(kBegin, begin + 1)) {
    const size_t first = begin + kBegin.size();
    files.push_back(page.substr(first, page.find("\n```\n", first) - first + 1));
  }
  return files;
}

TEST(StudyFile, TheExamplesToStartFromAreGood) {
  const auto demo = StudyFile::Load(PHOTINUS_SOURCE_DIR "/deploy/demo/keywords.yaml");
  EXPECT_TRUE(demo.ok()) << demo.status();
  const auto energy = StudyFile::Load(PHOTINUS_SOURCE_DIR "/deploy/examples/energy-audio.yaml");
  ASSERT_TRUE(energy.ok()) << energy.status();
  const auto document = StudyDocumentOf(energy->spec());
  ASSERT_TRUE(document.ok()) << document.status();
  EXPECT_EQ(document->space, "energy-audio-49");
  EXPECT_EQ(document->trial->task, "events");
  EXPECT_GE(document->budget.trials, 300);
}

TEST(StudyFile, TheExamplesOfTheDocumentationAreGood) {
  const std::vector<std::string> files = DocumentedFiles();
  EXPECT_EQ(files.size(), 3u);
  for (const std::string& text : files) {
    EXPECT_TRUE(StudyFile::Parse("docs", text).ok()) << StudyFile::Parse("docs", text).status() << "\n" << text;
  }
}

// Good files with bytes changed, removed, doubled: whatever comes out, the answer is a study or a located error.
TEST(StudyFile, AnswersAnyDamagedFile) {
  Random random(7);
  int refused = 0;
  for (int round = 0; round < 3000; ++round) {
    std::string text = kGood;
    for (uint64_t changes = 1 + random.Below(4); changes > 0; --changes) {
      const size_t at = random.Below(text.size());
      switch (random.Below(4)) {
        case 0:
          text[at] = static_cast<char>(random.Below(256));
          break;
        case 1:
          text.erase(at, 1 + random.Below(8));
          break;
        case 2:
          text.insert(at, text.substr(random.Below(text.size()), 1 + random.Below(40)));
          break;
        default:
          text.insert(at, 1, "{}[]:,&*#'\"\n -?|>!%@`"[random.Below(22)]);
      }
    }
    const auto file = StudyFile::Parse("kws.yaml", text);
    if (file.ok()) continue;
    ++refused;
    EXPECT_EQ(file.status().code(), absl::StatusCode::kInvalidArgument) << text;
    EXPECT_EQ(std::string(file.status().message()).rfind("kws.yaml:", 0), 0u) << file.status() << "\n" << text;
  }
  EXPECT_GT(refused, 1500);
}

TEST(StudyFile, AFileThatCannotBeReadIsAUsageError) {
  const absl::Status missing = StudyFile::Load("/nonexistent/kws.yaml").status();
  EXPECT_EQ(missing.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(missing.message(), "cannot read /nonexistent/kws.yaml: No such file or directory");
  const absl::Status folder = StudyFile::Load(::testing::TempDir()).status();
  EXPECT_EQ(folder.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(folder.message(), absl::StrCat("cannot read ", ::testing::TempDir(), ": Is a directory"));
}

struct BadFile {
  std::string name;
  std::string text;
  std::string message;
};

class StudyFileRefusesTest : public ::testing::TestWithParam<BadFile> {};

TEST_P(StudyFileRefusesTest, WithFileLineFieldAndAdvice) {
  const auto file = StudyFile::Parse("kws.yaml", GetParam().text);
  ASSERT_FALSE(file.ok());
  EXPECT_EQ(file.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(std::string(file.status().message()), GetParam().message);
}

std::string Repeated(int times, const std::string& text) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

// Nine anchors, each a list of ten of the one before: 10^9 values if expanded.
std::string Bomb() {
  std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 9; ++i) {
    absl::StrAppend(&text, "a", i, ": &a", i, " [x");
    for (int j = 0; j < 10; ++j) absl::StrAppend(&text, ", *a", i - 1);
    absl::StrAppend(&text, "]\n");
  }
  return text;
}

// A file whose third line is a parameter with these fields, and whose fourth a metric.
std::string WithParameter(const std::string& fields) {
  return "study: s\nparameters:\n  - {" + fields + "}\nmetrics: [{name: m, goal: maximize}]\n";
}

// A good file with further lines, from line 4.
std::string With(const std::string& lines) {
  return "study: s\nparameters: [{name: lr, type: double, min: 0.1, max: 1}, {name: k, type: integer, min: 1, max: "
         "3}]\n"
         "metrics: [{name: m, goal: maximize}]\n" +
         lines;
}

std::string Numbers(int count) {
  std::string list = "0";
  for (int i = 1; i < count; ++i) list += ", " + std::to_string(i);
  return list;
}

// Parameters from line 2 on, each the child of the one above.
std::string Chain(int depth) {
  std::string text = "parameters:\n";
  for (int i = 1; i <= depth; ++i) {
    absl::StrAppend(&text, "- {name: p", i, ", type: integer, min: 0, max: 1",
                    i == 1 ? "" : absl::StrCat(", when: {p", i - 1, ": 1}"), "}\n");
  }
  return text + "metrics: [{name: m, goal: maximize}]\n";
}

INSTANTIATE_TEST_SUITE_P(
    Yaml, StudyFileRefusesTest,
    ::testing::Values(
        BadFile{"Empty", "", "kws.yaml:1: the file is empty"},
        BadFile{"Syntax", "study: [a\nb: c", "kws.yaml:2: not valid YAML: end of sequence flow not found"},
        BadFile{"Word", "study", "kws.yaml:1: a study file is a map of keys, such as `study: NAME`"},
        BadFile{"DuplicateKey", With("budget: {trials: 3}\nseed: 1\nbudget: {trials: 4}\n"),
                "kws.yaml:6: budget: the key stands twice; first on line 4"},
        BadFile{"DuplicateInnerKey", With("budget:\n  trials: 3\n  trials: 4\n"),
                "kws.yaml:6: budget.trials: the key stands twice; first on line 5"},
        BadFile{"DuplicateKeyInAList", "study: a\nparameters:\n  - {name: x}\n  - {name: y,\n     name: z}\n",
                "kws.yaml:5: parameters[1].name: the key stands twice; first on line 4"},
        BadFile{"TwoDocuments", "study: a\n---\nstudy: b\n", "kws.yaml:3: one file holds one study"},
        BadFile{"Bomb", Bomb(), "kws.yaml:5: more than 100000 values"},
        BadFile{"Deep", "a: " + Repeated(100, "[") + Repeated(100, "]"), "kws.yaml:1: more than 64 levels"},
        BadFile{"VeryDeep", "a: " + Repeated(5000, "[") + Repeated(5000, "]"), "kws.yaml:1: more than 64 levels"},
        BadFile{"RecursiveAnchor", "a: &x [*x]\n", "kws.yaml:1: an alias stands inside its own anchor"},
        BadFile{"Tag", "study: !!binary abc\n",
                "kws.yaml:1: tags such as tag:yaml.org,2002:binary have no meaning here"},
        BadFile{"ListAsKey", "? [a, b]\n: c\n", "kws.yaml:1: a key must be a word"},
        BadFile{"AliasOfAListAsKey", "a: &x [b]\n*x : c\n", "kws.yaml:2: a key must be a word"},
        BadFile{"Binary", std::string("a\0b", 3), "kws.yaml:1: the file is not text"},
        BadFile{"Latin1", "study: caf\xe9\n", "kws.yaml:1: the file is not valid UTF-8"},
        BadFile{"Large", std::string((1 << 20) + 1, '#'), "kws.yaml:1: the file is larger than 1 MiB"}),
    [](const auto& info) { return info.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Keys, StudyFileRefusesTest,
    ::testing::Values(
        BadFile{"Unknown", With("budgte: {trials: 3}\n"), "kws.yaml:4: budgte: unknown key; did you mean 'budget'?"},
        BadFile{"Inner", With("budget:\n  parallel: 2\n  trails: 24\n"),
                "kws.yaml:6: budget.trails: unknown key; did you mean 'trials'?"},
        BadFile{"OutcomeConstraint", With("outcome_constraints:\n  - size <= 3\n  - size = 3\n"),
                "kws.yaml:6: outcome_constraints[1]: must compare a metric with a number by <=, <, >= or >: size_kb <= "
                "64"},
        BadFile{"Planned", With("budget: {trials: 3,\n  duration: 24h}\n"),
                "kws.yaml:5: budget.duration: not supported yet; remove it"},
        BadFile{"PlannedAtTheTop", With("stages: []\n"), "kws.yaml:4: stages: not supported yet; remove it"},
        BadFile{"Noise", With("noise: hihg\n"), "kws.yaml:4: noise: unknown noise 'hihg'; did you mean 'high'?"},
        BadFile{"NoValue", With("budget:\n"), "kws.yaml:4: budget: has no value; give one or remove the key"},
        BadFile{"NoMetrics", "study: s\nspace: keywords-small\n", "kws.yaml:1: metrics: is required"},
        BadFile{"NoParameters", "study: s\nmetrics: [{name: m, goal: maximize}]\n",
                "kws.yaml:1: parameters: is required unless `space` names a search space"},
        BadFile{"AlgorithmWithoutName", With("algorithm: {switch_at: 500}\n"),
                "kws.yaml:4: algorithm.name: is required"},
        BadFile{"AlgorithmOption", With("algorithm: {name: HYBRID, swich_at: 500}\n"),
                "kws.yaml:4: algorithm.swich_at: unknown key; did you mean 'switch_at'?"},
        BadFile{"EndpointWithoutPort", With("algorithm: {name: MINE, pythia_endpoint: brain}\n"),
                "kws.yaml:4: algorithm.pythia_endpoint: server address 'brain' is not understood; "
                "write HOST:PORT, dns:///HOST:PORT or unix:/PATH"},
        BadFile{"EndpointAsList", With("algorithm: {name: MINE, pythia_endpoint: [brain:1]}\n"),
                "kws.yaml:4: algorithm.pythia_endpoint: must be a string, not a list"},
        BadFile{"EndpointWithoutName", With("algorithm: {pythia_endpoint: brain:1}\n"),
                "kws.yaml:4: algorithm.name: is required"},
        BadFile{"AlgorithmOptionOutOfRange", With("algorithm: {name: HYBRID, switch_at: 0}\n"),
                "kws.yaml:4: algorithm.switch_at: must be 1 to 1000000, not 0"},
        BadFile{"ParametersAsMap", "parameters: {lr: 1}\nmetrics: [{name: m, goal: maximize}]\n",
                "kws.yaml:1: parameters: must be a list of parameters, not a map of keys"},
        BadFile{"Space", "space: keywords-smal\nmetrics: [{name: m, goal: maximize}]\n",
                "kws.yaml:1: space: unknown space 'keywords-smal'; did you mean 'keywords-small'?"}),
    [](const auto& info) { return info.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Parameters, StudyFileRefusesTest,
    ::testing::Values(
        BadFile{
            "Key", WithParameter("name: lr, type: double, min: 0, maximum: 1"),
            "kws.yaml:3: parameters[0].maximum: unknown key; the keys here are name, type, min, max, values, scale, "
            "default, when"},
        BadFile{"Type", WithParameter("name: lr, type: dobule, min: 0, max: 1"),
                "kws.yaml:3: parameters[0].type: unknown type 'dobule'; did you mean 'double'?"},
        BadFile{
            "FloatType", WithParameter("name: lr, type: real, min: 0, max: 1"),
            "kws.yaml:3: parameters[0].type: unknown type 'real'; known are double, integer, discrete, categorical"},
        BadFile{"NoName", WithParameter("type: double, min: 0, max: 1"), "kws.yaml:3: parameters[0].name: is required"},
        BadFile{"NoMax", WithParameter("name: lr, type: double, min: 0"), "kws.yaml:3: parameters[0].max: is required"},
        BadFile{"Inverted", WithParameter("name: lr, type: double, min: 2, max: 1"),
                "kws.yaml:3: parameters[0].min: 2 of 'lr' is above its max 1; exchange them"},
        BadFile{"NaN", WithParameter("name: lr, type: double, min: .nan, max: 1"),
                "kws.yaml:3: parameters[0].min: must be a finite number, not .nan"},
        BadFile{"Infinite", WithParameter("name: lr, type: double, min: 0, max: .inf"),
                "kws.yaml:3: parameters[0].max: must be a finite number, not .inf"},
        BadFile{"Overflow", WithParameter("name: lr, type: double, min: 0, max: 1e999"),
                "kws.yaml:3: parameters[0].max: must be a finite number, not 1e999"},
        BadFile{"TextBound", WithParameter("name: lr, type: double, min: '0', max: 1"),
                "kws.yaml:3: parameters[0].min: must be a number, not '0'"},
        BadFile{"FractionalInteger", WithParameter("name: k, type: integer, min: 1.5, max: 3"),
                "kws.yaml:3: parameters[0].min: must be an integer, not '1.5'"},
        BadFile{"HugeInteger", WithParameter("name: k, type: integer, min: 1, max: 9223372036854775808"),
                "kws.yaml:3: parameters[0].max: must be an integer of 64 bits, not 9223372036854775808"},
        BadFile{"InexactInteger", WithParameter("name: k, type: integer, min: 1, max: 9100000000000000"),
                "kws.yaml:3: parameters[0].max: of 'k' is beyond 2^53, where integers in trials are no longer exact"},
        BadFile{"CloseValues", WithParameter("name: w, type: discrete, values: [1, 1.00000000001]"),
                "kws.yaml:3: parameters[0].values[1]: of 'w' is the same as the value before it, or closer than 1e-10"},
        BadFile{"ManyValues", WithParameter("name: w, type: discrete, values: [" + Numbers(1001) + "]"),
                "kws.yaml:3: parameters[0].values: 'w' has 1001 values; at most 1000 are allowed: use an integer or "
                "double parameter"},
        BadFile{"Depth", Chain(17), "kws.yaml:18: parameters[16]: parameters are nested more than 16 deep"},
        BadFile{"BoundsOfAChild",
                "parameters:\n- {name: a, type: integer, min: 0, max: 1}\n- {name: b, type: integer, min: 0, max: 1}\n"
                "- {name: c, type: double, min: 2, max: 1, when: {a: 1}}\nmetrics: [{name: m, goal: maximize}]\n",
                "kws.yaml:4: parameters[2].min: 2 of 'c' is above its max 1; exchange them"},
        BadFile{"LogOfZero", WithParameter("name: lr, type: double, min: 0, max: 1, scale: log"),
                "kws.yaml:3: parameters[0].scale: 'lr' has a logarithmic scale but a min of 0; it must be above 0"},
        BadFile{"Scale", WithParameter("name: lr, type: double, min: 1, max: 2, scale: logarithmic"),
                "kws.yaml:3: parameters[0].scale: unknown scale 'logarithmic'; known are linear, log, reverse_log"},
        BadFile{"Default", WithParameter("name: lr, type: double, min: 1, max: 2, default: 3"),
                "kws.yaml:3: parameters[0].default: 'lr': 3 is outside [1, 2]"},
        BadFile{"Unsorted", WithParameter("name: w, type: discrete, values: [4, 2]"),
                "kws.yaml:3: parameters[0].values[1]: of 'w' is out of order; sort them"},
        BadFile{"NoValues", WithParameter("name: w, type: discrete, values: []"),
                "kws.yaml:3: parameters[0].values: of 'w' are missing"},
        BadFile{"DiscreteDefault", WithParameter("name: w, type: discrete, values: [4], default: 5"),
                "kws.yaml:3: parameters[0].default: 'w': 5 is not one of its 1 values"},
        BadFile{"CategoryTwice", WithParameter("name: c, type: categorical, values: [a, b, a]"),
                "kws.yaml:3: parameters[0].values[2]: 'a' stands twice in 'c'"},
        BadFile{"CategoryDefault", WithParameter("name: c, type: categorical, values: [mask, mix], default: maks"),
                "kws.yaml:3: parameters[0].default: 'c': 'maks' is not one of its 2 values; did you mean 'mask'?"},
        BadFile{"ScaleOfCategories", WithParameter("name: c, type: categorical, values: [a], scale: log"),
                "kws.yaml:3: parameters[0].scale: a categorical parameter has no scale; remove it"},
        BadFile{"ValuesOfADouble", WithParameter("name: c, type: double, min: 0, max: 1, values: [1]"),
                "kws.yaml:3: parameters[0].values: a double parameter has no values; remove it"},
        BadFile{"Twice",
                "space: keywords-small\nparameters:\n- {name: lr, type: double, min: 1, max: 2}\n"
                "metrics: [{name: m, goal: maximize}]\n",
                "kws.yaml:3: parameters[0].name: a second parameter 'lr' (the space keywords-small may bring it)"},
        BadFile{"UnknownParent", WithParameter("name: a.b, type: double, min: 0, max: 1, when: {a: [x]}"),
                "kws.yaml:3: parameters[0].when.a: no parameter 'a' stands above"},
        BadFile{"ParentValue",
                "space: keywords-small\nparameters:\n- {name: x, type: double, min: 1, max: 2,\n"
                "   when: {block1: [conv, convv]}}\nmetrics: [{name: m, goal: maximize}]\n",
                "kws.yaml:4: parameters[0].when: 'x' depends on 'block1', where 'convv' is not one of its 3 values; "
                "did you mean 'conv'?"},
        BadFile{"DoubleParent",
                "space: keywords-small\nparameters:\n- {name: x, type: double, min: 1, max: 2, when: {lr: [1]}}\n"
                "metrics: [{name: m, goal: maximize}]\n",
                "kws.yaml:3: parameters[0].when: 'x' depends on 'lr', a double; parents are integer, discrete or "
                "categorical"},
        BadFile{"TwoParents", WithParameter("name: a, type: double, min: 0, max: 1, when: {x: [1], y: [2]}"),
                "kws.yaml:3: parameters[0].when: must name one parent and its values, such as {parent: [a, b]}"}),
    [](const auto& info) { return info.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Document, StudyFileRefusesTest,
    ::testing::Values(
        BadFile{"Goal", "space: keywords-small\nmetrics:\n  - {name: m, goal: maximum}\n",
                "kws.yaml:3: metrics[0].goal: unknown goal 'maximum'; did you mean 'maximize'?"},
        BadFile{"MetricTwice",
                "space: keywords-small\nmetrics:\n  - {name: m, goal: maximize}\n  - {name: m, goal: "
                "minimize}\n",
                "kws.yaml:4: metrics[1].name: a second metric 'm'"},
        BadFile{"Expression",
                "space: keywords-small\nmetrics:\n  - {name: a, goal: maximize}\n  - name: m\n    goal: maximize\n    "
                "expression: a +\n",
                "kws.yaml:6: metrics[1].expression: column 4: expected a value, found the end"},
        BadFile{"NoTrials", With("budget: {trials: 0}\n"), "kws.yaml:4: budget.trials: must be 1 to 1000000, not 0"},
        BadFile{"HugeCount", With("budget: {trials: 2147483647}\n"),
                "kws.yaml:4: budget.trials: must be 1 to 1000000, not 2147483647"},
        BadFile{"NaNHorizon", With("early_stopping: {rule: MEDIAN, horizon: .nan}\n"),
                "kws.yaml:4: early_stopping.horizon: must be a finite number, not .nan"},
        BadFile{"Seed", With("seed: -7\n"), "kws.yaml:4: seed: must be an integer from 0 to 2^64-1, not -7"},
        BadFile{"Executor", With("trial: {executor: netwrok}\n"),
                "kws.yaml:4: trial.executor: unknown executor 'netwrok'; did you mean 'network'?"},
        BadFile{"ShellLine", With("trial: {executor: command, argv: python3 train.py}\n"),
                "kws.yaml:4: trial.argv: must be a list of strings such as [python3, train.py], not a string; no shell "
                "splits it"},
        BadFile{"Placeholder", With("trial:\n  executor: command\n  argv:\n    - train\n    - '{l}'\n"),
                "kws.yaml:8: trial.argv[1]: {l} is no parameter of the study; did you mean 'k'?"},
        BadFile{"FarPlaceholder", With("trial: {executor: command, argv: [train, '{width}']}\n"),
                "kws.yaml:4: trial.argv[1]: {width} is no parameter of the study; it has k, lr"},
        BadFile{"NoSpace", With("trial: {executor: network, task: keywords, epochs: 3}\n"),
                "kws.yaml:1: space: is required by `executor: network`: it says how parameters become a network"}),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace photinus
