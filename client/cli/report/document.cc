#include "client/cli/report/document.h"

#include <string_view>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace photinus {
namespace {

constexpr char kStyle[] =
    "body{font:16px/1.5 sans-serif;max-width:60em;margin:2em auto;padding:0 1em}"
    "table{border-collapse:collapse}td,th{border-bottom:1px solid #ccc;padding:.2em .7em;text-align:right}"
    "td:first-child,th:first-child{text-align:left}figure{margin:1em 0}figcaption{color:#555}";

template <typename... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};

std::string ForHtml(std::string_view text) {
  std::string safe;
  for (const char c : text) {
    switch (c) {
      case '&':
        safe += "&amp;";
        break;
      case '<':
        safe += "&lt;";
        break;
      case '>':
        safe += "&gt;";
        break;
      case '"':
        safe += "&quot;";
        break;
      default:
        safe += c;
    }
  }
  return safe;
}

std::string ForMarkdown(std::string_view text) {
  std::string safe;
  for (const char c : text) {
    if (std::string_view("\\`*_[]<>|#").find(c) != std::string_view::npos) safe += '\\';
    safe += c == '\n' ? ' ' : c;
  }
  return safe;
}

std::string MarkdownRow(const std::vector<std::string>& cells) {
  return absl::StrCat(
      "| ", absl::StrJoin(cells, " | ", [](std::string* out, const std::string& cell) { *out += ForMarkdown(cell); }),
      " |\n");
}

std::string HtmlRow(const std::vector<std::string>& cells, const char* tag) {
  std::string row = "<tr>";
  for (const std::string& cell : cells) absl::StrAppend(&row, "<", tag, ">", ForHtml(cell), "</", tag, ">");
  return row + "</tr>\n";
}

}  // namespace

std::string Document::ToMarkdown() const {
  std::string text = absl::StrCat("# ", ForMarkdown(title_), "\n");
  for (const auto& part : parts_) {
    text += "\n";
    std::visit(
        Overloaded{[&](const HeadingPart& heading) { absl::StrAppend(&text, "## ", ForMarkdown(heading.text), "\n"); },
                   [&](const ParagraphPart& paragraph) { absl::StrAppend(&text, ForMarkdown(paragraph.text), "\n"); },
                   [&](const TablePart& table) {
                     for (size_t i = 0; i < table.rows.size(); ++i) {
                       text += MarkdownRow(table.rows[i]);
                       if (i > 0) continue;
                       text += "|---|";
                       for (size_t c = 1; c < table.rows[0].size(); ++c) text += "---:|";
                       text += "\n";
                     }
                   },
                   [&](const Figure& figure) {
                     absl::StrAppend(&text, "![", ForMarkdown(figure.caption), "](", figure.file, ")\n");
                   }},
        part);
  }
  return text;
}

std::string Document::ToHtml() const {
  std::string text =
      absl::StrCat("<!DOCTYPE html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>", ForHtml(title_),
                   "</title>\n<style>", kStyle, "</style>\n<h1>", ForHtml(title_), "</h1>\n");
  for (const auto& part : parts_) {
    std::visit(
        Overloaded{
            [&](const HeadingPart& heading) { absl::StrAppend(&text, "<h2>", ForHtml(heading.text), "</h2>\n"); },
            [&](const ParagraphPart& paragraph) { absl::StrAppend(&text, "<p>", ForHtml(paragraph.text), "</p>\n"); },
            [&](const TablePart& table) {
              text += "<table>\n";
              for (size_t i = 0; i < table.rows.size(); ++i) text += HtmlRow(table.rows[i], i == 0 ? "th" : "td");
              text += "</table>\n";
            },
            [&](const Figure& figure) {
              absl::StrAppend(&text, "<figure>", figure.svg, "<figcaption>", ForHtml(figure.caption),
                              "</figcaption></figure>\n");
            }},
        part);
  }
  return text + "</html>\n";
}

std::vector<Document::Figure> Document::Figures() const {
  std::vector<Figure> figures;
  for (const auto& part : parts_) {
    if (const auto* figure = std::get_if<Figure>(&part)) figures.push_back(*figure);
  }
  return figures;
}

}  // namespace photinus
