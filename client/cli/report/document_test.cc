#include "client/cli/report/document.h"

#include "gmock/gmock.h"

namespace photinus {
namespace {

using ::testing::HasSubstr;

Document AReport() {
  Document report("a_b & c");
  report.Heading("Networks");
  report.Paragraph("x < y *z*");
  report.Table({{"network", "mJ"}, {"one|two", "1.5"}});
  report.Add({"energy.svg", "energy", "<svg></svg>"});
  return report;
}

TEST(Document, IsMarkdown) {
  EXPECT_EQ(AReport().ToMarkdown(),
            "# a\\_b & c\n\n## Networks\n\nx \\< y \\*z\\*\n\n| network | mJ |\n|---|---:|\n| one\\|two | 1.5 |\n\n"
            "![energy](energy.svg)\n");
}

TEST(Document, IsOnePageOfHtml) {
  const std::string html = AReport().ToHtml();
  EXPECT_THAT(html, HasSubstr("<h1>a_b &amp; c</h1>"));
  EXPECT_THAT(html, HasSubstr("<p>x &lt; y *z*</p>"));
  EXPECT_THAT(html, HasSubstr("<tr><th>network</th><th>mJ</th></tr>\n<tr><td>one|two</td><td>1.5</td></tr>"));
  EXPECT_THAT(html, HasSubstr("<figure><svg></svg><figcaption>energy</figcaption></figure>"));
}

TEST(Document, HandsOutItsFigures) {
  const auto figures = AReport().Figures();
  ASSERT_EQ(figures.size(), 1);
  EXPECT_EQ(figures[0].file, "energy.svg");
}

}  // namespace
}  // namespace photinus
