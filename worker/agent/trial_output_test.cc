#include "worker/agent/trial_output.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "worker/agent/line_reader.h"
#include "worker/agent/log_tail.h"

namespace photinus {
namespace {

std::string Describe(const Metrics& metrics) {
  std::string text;
  for (const auto& [name, value] : metrics) text += " " + name + "=" + std::to_string(value);
  return text;
}

// One word for what the line was understood as, then its content.
std::string Understood(const std::string& line) {
  const auto parsed = ParseOutputLine(line);
  if (!parsed.ok()) return "error " + std::string(parsed.status().message());
  struct Visitor {
    std::string operator()(const OutputLog&) const { return "log"; }
    std::string operator()(const OutputMeasurement& m) const {
      return "step " + std::to_string(m.step) +
             (m.elapsed.has_value() ? " after " + std::to_string(*m.elapsed) : std::string()) + Describe(m.metrics);
    }
    std::string operator()(const OutputArtifact& a) const { return "artifact " + a.name + " " + a.path; }
    std::string operator()(const OutputFinal& f) const { return "final" + Describe(f.metrics); }
    std::string operator()(const OutputInfeasible& i) const { return "infeasible " + i.reason; }
  };
  return std::visit(Visitor(), *parsed);
}

struct LineCase {
  std::string name;
  std::string line;
  std::string understood;
};

class TrialOutputTest : public ::testing::TestWithParam<LineCase> {};

TEST_P(TrialOutputTest, IsUnderstoodAsTheProtocolSays) {
  EXPECT_EQ(Understood(GetParam().line), GetParam().understood);
}

INSTANTIATE_TEST_SUITE_P(
    Table, TrialOutputTest,
    ::testing::Values(
        LineCase{"Measurement", R"({"step":1,"elapsed":0.5,"accuracy":0.25})",
                 "step 1 after 0.500000 accuracy=0.250000"},
        LineCase{"SpacesAround", R"(  { "step" : 2, "loss" : 1 } )", "step 2 loss=1.000000"},
        LineCase{"OtherMembersAreIgnored", R"({"step":0,"a":1,"note":"hi","list":[1]})", "step 0 a=1.000000"},
        LineCase{"PythonsNaN", R"({"step": 1, "loss": NaN})", "step 1 loss=nan"},
        LineCase{"PythonsInfinities", R"({"step": 1, "a": -Infinity, "b": Infinity, "c\"NaN": 1})",
                 "step 1 a=-inf b=inf c\"NaN=1.000000"},
        LineCase{"Null", R"({"step": 1, "loss": null})", "step 1 loss=nan"},
        LineCase{"WordsOfC", R"({"step": 1, "a": nan, "b": -nan, "c": inf, "d": -inf, "e": +INFINITY,"f":NAN})",
                 "step 1 a=nan b=nan c=inf d=-inf e=inf f=nan"},
        LineCase{"WordsInQuotes", R"({"step": 1, "a": "nan", "b": "-Inf", "c": "Infinity", "d": "none"})",
                 "step 1 a=nan b=-inf c=inf"},
        LineCase{"MoreThanADoubleHolds", R"({"step": 1, "a": 1e999, "b": -2.5E+400, "c": 3})",
                 "step 1 a=inf b=-inf c=3.000000"},
        LineCase{"TextWithDigitsIsNoMetric", R"({"step": 1, "a": 1, "commit": "12e99999"})", "step 1 a=1.000000"},
        LineCase{"StringsStayAsTheyAre", R"({"step": 1, "nan, inf": nan})", "step 1 nan, inf=nan"},
        LineCase{"FinalThatIsNotFinite", R"({"final":{"a":null,"b":-inf}})", "final a=nan b=-inf"},
        LineCase{"StepThatIsNotFinite", R"({"step":1e999,"a":1})", "error step: must be an integer >= 0"},
        LineCase{"ElapsedNull", R"({"step":1,"elapsed":null,"a":1})", "error elapsed: must be seconds >= 0"},
        LineCase{"Final", R"({"final":{"accuracy":0.5,"memory_kb":20}})",
                 "final accuracy=0.500000 memory_kb=20.000000"},
        LineCase{"Artifact", R"({"artifact":"model.tflite","path":"/tmp/m"})", "artifact model.tflite /tmp/m"},
        LineCase{"Infeasible", R"({"infeasible":"too big"})", "infeasible too big"}, LineCase{"Text", "epoch 1", "log"},
        LineCase{"Empty", "", "log"}, LineCase{"Blank", "  \t", "log"},
        LineCase{"BrokenJson", R"({"step":1,)", "error it is not valid JSON"},
        LineCase{"BrokenFinal", R"( { "final" : {"a": 0,5}})", "error it is not valid JSON"},
        LineCase{"PythonsDictionary", "{'step': 1, 'a': 2}", "error it is not valid JSON"},
        LineCase{"BrokenOtherJson", R"({"epoch": 1,)", "log"}, LineCase{"Brace", "{", "log"},
        LineCase{"BraceAndQuote", "{\"", "log"}, LineCase{"OtherJson", R"({"epoch":1,"loss":2})", "log"},
        LineCase{"Array", "[1]", "log"},
        LineCase{"InvalidUtf8", "{\"step\":1,\"\xff\":1}", "error it is not valid JSON"},
        LineCase{"FractionalStep", R"({"step":1.5,"a":1})", "error step: must be an integer >= 0"},
        LineCase{"NegativeStep", R"({"step":-1,"a":1})", "error step: must be an integer >= 0"},
        LineCase{"NegativeElapsed", R"({"step":1,"elapsed":-1,"a":1})", "error elapsed: must be seconds >= 0"},
        LineCase{"NoMetric", R"({"step":1,"elapsed":1})", "error step: is there, but no metric beside it"},
        LineCase{"FinalNumber", R"({"final":1})", "error final: must be an object of metrics"},
        LineCase{"FinalText", R"({"final":{"a":"x"}})", "error final.a: must be a number"},
        LineCase{"EmptyFinal", R"({"final":{}})", "error final: must have at least one metric"},
        LineCase{"ArtifactPath", R"({"artifact":"a"})", "error path: must name the artifact's file"},
        LineCase{"ArtifactName", R"({"artifact":"../a","path":"/a"})",
                 "error artifact: must be a name of 1 to 128 letters, digits, '.', '_' or '-', not beginning with '.'"},
        LineCase{"HiddenArtifact", R"({"artifact":".a","path":"/a"})",
                 "error artifact: must be a name of 1 to 128 letters, digits, '.', '_' or '-', not beginning with '.'"},
        LineCase{"InfeasibleNumber", R"({"infeasible":1})", "error infeasible: must be the reason, a string"}),
    [](const auto& info) { return info.param.name; });

std::string Lines(LineReader& reader, const std::string& bytes, bool finish = false) {
  std::string lines;
  const auto collect = [&lines](std::string_view line, bool cut) {
    lines.append("<").append(line).append(cut ? "...>" : ">");
  };
  reader.Append(bytes, collect);
  if (finish) reader.Finish(collect);
  return lines;
}

TEST(LineReader, JoinsPiecesAndSplitsLines) {
  LineReader reader(100);
  EXPECT_EQ(Lines(reader, "on"), "");
  EXPECT_EQ(Lines(reader, "e\ntwo\r\n\nthr"), "<one><two><>");
  EXPECT_EQ(Lines(reader, "ee", true), "<three>");
  EXPECT_EQ(Lines(reader, "", true), "");
}

TEST(LineReader, CutsLinesThatAreTooLongAndGoesOn) {
  LineReader reader(5);
  EXPECT_EQ(Lines(reader, "12345\n123456\n12"), "<12345><12345...>");
  EXPECT_EQ(Lines(reader, std::string(1 << 20, 'x')), "");
  EXPECT_EQ(Lines(reader, "\nnext\nlonger", true), "<12xxx...><next><longe...>");
}

TEST(LogTail, KeepsTheLastWholeLines) {
  LogTail tail(20);
  tail.Append("first line");
  tail.Append("second");
  EXPECT_EQ(tail.Text(), "first line\nsecond\n");
  tail.Append("third");
  EXPECT_EQ(tail.Text(), "[11 bytes before this were dropped]\nsecond\nthird\n");
  tail.Append("  ");
  EXPECT_EQ(tail.LastLine(), "third");
}

TEST(LogTail, CutsALineLongerThanItself) {
  LogTail tail(10);
  tail.Append(std::string(1000, 'x'));
  EXPECT_EQ(tail.Text(), "[991 bytes before this were dropped]\nxxxxxxxxx\n");
}

TEST(LogTail, IsValidUtf8WhateverWasPrinted) {
  LogTail tail(100);
  tail.Append(
      "gr\xc3\xbc\xc3\x9f \xff\xc3 \xed\xa0\x80 \xf0\x9f\x94\xa5");  // bytes, half a letter, a surrogate, a flame
  EXPECT_EQ(tail.Text(), "gr\xc3\xbc\xc3\x9f ?? ??? \xf0\x9f\x94\xa5\n");
  EXPECT_EQ(LogTail(10).LastLine(), "");
}

}  // namespace
}  // namespace photinus
