#include "client/cli/printer.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "client/cli/fake_study_client.h"

namespace photinus {
namespace {

std::vector<Record> TwoRecords() {
  return {{{"id", 1}, {"state", "SUCCEEDED"}, {"metrics", {{"accuracy", 0.5}}}, {"note", "plain"}},
          {{"id", 12}, {"state", "ACTIVE"}, {"metrics", {{"loss", 1234567.0}}}, {"note", nullptr}}};
}

const std::vector<Column> kColumns = {
    {"id", "ID"}, {"state", "STATE"}, {"metrics.accuracy", "accuracy"}, {"metrics.loss", "loss"}, {"note", "NOTE"}};

TEST(Printer, AlignsTables) {
  FakeConsole console;
  Printer(OutputFormat::kTable, console).List(TwoRecords(), kColumns);
  EXPECT_EQ(console.out,
            "ID  STATE      accuracy     loss  NOTE\n"
            " 1  SUCCEEDED       0.5        -  plain\n"
            "12  ACTIVE            -  1234567  -\n");
}

TEST(Printer, PrintsRecordsAsAJsonArray) {
  FakeConsole console;
  Printer(OutputFormat::kJson, console).List({TwoRecords()[0]}, kColumns);
  EXPECT_EQ(console.out,
            "[\n  {\n    \"id\": 1,\n    \"state\": \"SUCCEEDED\",\n    \"metrics\": {\n      \"accuracy\": 0.5\n"
            "    },\n    \"note\": \"plain\"\n  }\n]\n");
  console.out.clear();
  Printer(OutputFormat::kJson, console).List({}, kColumns);
  EXPECT_EQ(console.out, "[]\n");
}

TEST(Printer, FlattensRecordsForCsvWithTheColumnsOfAnObjectSideBySide) {
  FakeConsole console;
  Printer(OutputFormat::kCsv, console).List(TwoRecords(), kColumns);
  EXPECT_EQ(console.out,
            "id,state,metrics.accuracy,metrics.loss,note\n"
            "1,SUCCEEDED,0.5,,plain\n"
            "12,ACTIVE,,1234567.0,\n");
}

TEST(Printer, PrintsOneRecordWithItsListsAsSections) {
  FakeConsole console;
  Printer(OutputFormat::kTable, console)
      .One({{"name", "kws"},
            {"metrics", Record::array({{{"name", "accuracy"}, {"goal", "maximize"}}, {{"name", "loss"}}})},
            {"document", {{"budget", {{"trials", 24}}}}},
            {"tags", {"a", "b"}},
            {"none", Record::array()}});
  EXPECT_EQ(console.out,
            "name                    kws\n"
            "document.budget.trials  24\n"
            "tags                    a, b\n"
            "none                    -\n"
            "\n"
            "metrics\n"
            "  name      goal\n"
            "  accuracy  maximize\n"
            "  loss      -\n");
}

TEST(Printer, SaysWhatWasDoneInTheFormatAskedFor) {
  FakeConsole console;
  Printer(OutputFormat::kTable, console).Done("deleted kws", {{"name", "kws"}});
  Printer(OutputFormat::kCsv, console).Done("deleted kws", {{"name", "kws"}});
  Printer(OutputFormat::kJson, console).JsonLine({{"name", "kws"}, {"n", 1}});
  EXPECT_EQ(console.out, "deleted kws\nname\nkws\n{\"name\":\"kws\",\"n\":1}\n");
}

struct CellCase {
  std::string name;
  Record value;
  std::string csv;
  std::string text;
};

class CellTest : public ::testing::TestWithParam<CellCase> {};

TEST_P(CellTest, IsSafeInCsvAndInATerminal) {
  EXPECT_EQ(CsvCell(GetParam().value), GetParam().csv);
  EXPECT_EQ(CellText(GetParam().value), GetParam().text);
}

INSTANTIATE_TEST_SUITE_P(
    Table, CellTest,
    ::testing::Values(CellCase{"Word", "abc", "abc", "abc"}, CellCase{"Comma", "a,b", "\"a,b\"", "a,b"},
                      CellCase{"Quote", "a\"b", "\"a\"\"b\"", "a\"b"}, CellCase{"Lines", "a\nb", "\"a\nb\"", "a b"},
                      CellCase{"Empty", "", "", "-"}, CellCase{"Equals", "=1+1", "'=1+1", "=1+1"},
                      CellCase{"Plus", "+1", "'+1", "+1"}, CellCase{"At", "@SUM(A1)", "'@SUM(A1)", "@SUM(A1)"},
                      CellCase{"MinusText", "-cmd", "'-cmd", "-cmd"},
                      CellCase{"FormulaWithComma", "=a,\"b\"", "\"'=a,\"\"b\"\"\"", "=a,\"b\""},
                      CellCase{"MinusNumber", -3.5, "-3.5", "-3.5"}, CellCase{"Integer", 20000, "20000", "20000"},
                      CellCase{"Long", 0.123456789, "0.123456789", "0.123457"},
                      CellCase{"Small", 1.5e-7, "1.5e-07", "1.5e-07"}, CellCase{"Null", nullptr, "", "-"},
                      CellCase{"Truth", true, "true", "yes"},
                      CellCase{"List", Record::array({1, "a"}), "\"[1,\"\"a\"\"]\"", "1, a"},
                      CellCase{"Escape", "\x1b[31mred", "\x1b[31mred", "?[31mred"},
                      CellCase{"InvalidUtf8", "\xff", "\xff", "\xff"}),
    [](const auto& info) { return info.param.name; });

TEST(Harmless, TakesControlCharactersOut) {
  EXPECT_EQ(Harmless("a\x1b]0;title\x07z\r\n\tb\x7f"), "a?]0;title?z?\n\tb?");
  EXPECT_EQ(Harmless("caf\xc3\xa9 \xc2\x9b"), "caf\xc3\xa9 ?");
}

TEST(OutputFormat, IsOneOfThree) {
  EXPECT_EQ(ParseOutputFormat("csv").value(), OutputFormat::kCsv);
  EXPECT_EQ(ParseOutputFormat("yaml").status().message(), "-o: unknown format 'yaml'; known are table, json, csv");
}

}  // namespace
}  // namespace photinus
