// A report for people that is written once and shown as Markdown, with figures in files of their own, and as one page
// of HTML.
#ifndef PHOTINUS_CLIENT_CLI_REPORT_DOCUMENT_H_
#define PHOTINUS_CLIENT_CLI_REPORT_DOCUMENT_H_

#include <string>
#include <variant>
#include <vector>

namespace photinus {

// Texts are plain: what means something to Markdown or HTML is shown as it stands.
class Document {
 public:
  struct Figure {
    std::string file;  // such as energy.svg
    std::string caption;
    std::string svg;
  };

  explicit Document(std::string title) : title_(std::move(title)) {}

  void Heading(std::string text) { parts_.push_back(HeadingPart{std::move(text)}); }
  void Paragraph(std::string text) { parts_.push_back(ParagraphPart{std::move(text)}); }
  // The first row has the names of the columns; all rows are as long.
  void Table(std::vector<std::vector<std::string>> rows) { parts_.push_back(TablePart{std::move(rows)}); }
  void Add(Figure figure) { parts_.push_back(std::move(figure)); }

  // Refers to the figures by their files' names.
  std::string ToMarkdown() const;
  // Has the figures in it.
  std::string ToHtml() const;
  std::vector<Figure> Figures() const;

 private:
  struct HeadingPart {
    std::string text;
  };
  struct ParagraphPart {
    std::string text;
  };
  struct TablePart {
    std::vector<std::vector<std::string>> rows;
  };

  std::string title_;
  std::vector<std::variant<HeadingPart, ParagraphPart, TablePart, Figure>> parts_;
};

}  // namespace photinus

#endif  // PHOTINUS_CLIENT_CLI_REPORT_DOCUMENT_H_
