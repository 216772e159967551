#include "client/cli/printer.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "common/base/errors.h"

namespace photinus {
namespace {

using Json = nlohmann::ordered_json;

constexpr char kGap[] = "  ";
constexpr int kJsonIndent = 2;
constexpr double kLongestWhole = 1e15;  // larger numbers are shown with an exponent

// Characters, as far as a terminal counts them: UTF-8 continuation bytes take no place.
size_t Width(std::string_view text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

std::string Dump(const Json& json, int indent) { return json.dump(indent, ' ', false, Json::error_handler_t::replace); }

void FlattenInto(const Json& value, const std::string& path, std::vector<std::pair<std::string, Json>>& flat) {
  if (!value.is_object()) {
    flat.emplace_back(path, value);
    return;
  }
  for (const auto& [key, member] : value.items()) {
    FlattenInto(member, path.empty() ? key : absl::StrCat(path, ".", key), flat);
  }
}

std::map<std::string, Json> FlatMap(const Record& record) {
  std::map<std::string, Json> map;
  for (auto& [key, value] : Flatten(record)) map[key] = std::move(value);
  return map;
}

std::string OneLine(std::string_view text) { return absl::StrReplaceAll(Harmless(text), {{"\n", " "}, {"\t", " "}}); }

// A list of objects as a table of all their keys, indented.
std::string Section(const Json& list) {
  std::vector<Record> records(list.begin(), list.end());
  std::vector<Column> columns;
  std::set<std::string> seen;
  for (const Record& record : records) {
    for (const auto& [key, value] : Flatten(record)) {
      if (seen.insert(key).second) columns.push_back({key, key});
    }
  }
  return absl::StrCat(kGap, absl::StrReplaceAll(TableText(records, columns), {{"\n", "\n  "}}));
}

bool IsSection(const Json& value) { return value.is_array() && !value.empty() && value.front().is_object(); }

std::string OneText(const Record& record) {
  const auto flat = Flatten(record);
  size_t width = 0;
  for (const auto& [key, value] : flat) {
    if (!IsSection(value)) width = std::max(width, Width(key));
  }
  std::string text;
  for (const auto& [key, value] : flat) {
    if (IsSection(value)) continue;
    absl::StrAppend(&text, key, std::string(width - Width(key), ' '), kGap, CellText(value), "\n");
  }
  for (const auto& [key, value] : flat) {
    if (!IsSection(value)) continue;
    std::string section = Section(value);
    while (!section.empty() && (section.back() == ' ' || section.back() == '\n')) section.pop_back();
    absl::StrAppend(&text, "\n", key, "\n", section, "\n");
  }
  return text;
}

}  // namespace

absl::StatusOr<OutputFormat> ParseOutputFormat(std::string_view name) {
  if (name == "table") return OutputFormat::kTable;
  if (name == "json") return OutputFormat::kJson;
  if (name == "csv") return OutputFormat::kCsv;
  return FieldError("-o", absl::StrCat("unknown format '", std::string(name), "'; known are table, json, csv"));
}

std::vector<std::pair<std::string, Json>> Flatten(const Record& record) {
  std::vector<std::pair<std::string, Json>> flat;
  FlattenInto(record, "", flat);
  return flat;
}

std::string CellText(const Json& value) {
  if (value.is_null()) return "-";
  if (value.is_string()) return value.get_ref<const std::string&>().empty() ? "-" : OneLine(value.get<std::string>());
  if (value.is_boolean()) return value.get<bool>() ? "yes" : "no";
  if (value.is_number_integer()) return Dump(value, -1);
  if (value.is_number_float()) {
    const double number = value.get<double>();
    const bool whole = std::trunc(number) == number && std::abs(number) < kLongestWhole;
    return whole ? absl::StrFormat("%.0f", number) : absl::StrFormat("%.6g", number);
  }
  if (!value.is_array()) return Dump(value, -1);
  if (value.empty()) return "-";
  return absl::StrJoin(value, ", ", [](std::string* out, const Json& item) { absl::StrAppend(out, CellText(item)); });
}

std::string CsvCell(const Json& value) {
  if (value.is_null()) return "";
  std::string text = value.is_string() ? value.get<std::string>() : Dump(value, -1);
  constexpr std::string_view kFormulaStarts = "=+-@\t\r";
  if (!value.is_number() && !text.empty() && kFormulaStarts.find(text[0]) != std::string_view::npos) {
    text.insert(0, 1, '\'');
  }
  if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
  return absl::StrCat("\"", absl::StrReplaceAll(text, {{"\"", "\"\""}}), "\"");
}

std::string TableText(const std::vector<Record>& records, const std::vector<Column>& columns) {
  std::vector<std::vector<std::string>> cells(records.size());
  std::vector<size_t> widths;
  widths.reserve(columns.size());
  std::vector<bool> numeric(columns.size(), true);
  for (const Column& column : columns) widths.push_back(Width(column.header));
  for (size_t row = 0; row < records.size(); ++row) {
    const std::map<std::string, Json> flat = FlatMap(records[row]);
    for (size_t i = 0; i < columns.size(); ++i) {
      const auto it = flat.find(columns[i].key);
      cells[row].push_back(it == flat.end() ? "-" : CellText(it->second));
      widths[i] = std::max(widths[i], Width(cells[row][i]));
      if (it != flat.end() && !it->second.is_number() && !it->second.is_null()) numeric[i] = false;
    }
  }
  std::string text;
  const auto add_line = [&](const auto& cell_of) {
    std::string line;
    for (size_t i = 0; i < columns.size(); ++i) {
      const std::string cell = cell_of(i);
      const std::string padding(widths[i] - Width(cell), ' ');
      absl::StrAppend(&line, i == 0 ? "" : kGap, numeric[i] ? padding : "", cell, numeric[i] ? "" : padding);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    absl::StrAppend(&text, line, "\n");
  };
  add_line([&](size_t i) { return columns[i].header; });
  for (const auto& row : cells) add_line([&](size_t i) { return row[i]; });
  return text;
}

void CsvColumns::Add(const Record& record) {
  for (const auto& [key, value] : Flatten(record)) {
    if (!known_.insert(key).second) continue;
    const std::string group = key.substr(0, key.find('.') + 1);  // empty: of no nested object
    const auto last = std::find_if(keys_.rbegin(), keys_.rend(), [&](const std::string& other) {
      return !group.empty() && other.compare(0, group.size(), group) == 0;
    });
    keys_.insert(last == keys_.rend() ? keys_.end() : last.base(), key);
  }
}

bool CsvColumns::Fit(const Record& record) const {
  const auto flat = Flatten(record);
  return std::all_of(flat.begin(), flat.end(), [&](const auto& entry) { return known_.count(entry.first) > 0; });
}

std::string CsvColumns::Header() const {
  return absl::StrJoin(keys_, ",",
                       [](std::string* out, const std::string& key) { absl::StrAppend(out, CsvCell(key)); });
}

std::string CsvColumns::Line(const Record& record) const {
  const std::map<std::string, Json> row = FlatMap(record);
  return absl::StrJoin(keys_, ",", [&](std::string* out, const std::string& key) {
    const auto it = row.find(key);
    if (it != row.end()) absl::StrAppend(out, CsvCell(it->second));
  });
}

std::string CsvText(const std::vector<Record>& records) {
  CsvColumns columns;
  for (const Record& record : records) columns.Add(record);
  std::string text = columns.Header() + "\n";
  for (const Record& record : records) absl::StrAppend(&text, columns.Line(record), "\n");
  return text;
}

void Printer::List(const std::vector<Record>& records, const std::vector<Column>& columns) {
  switch (format_) {
    case OutputFormat::kTable:
      return console_.Out(TableText(records, columns));
    case OutputFormat::kJson:
      return console_.Out(Dump(Json(records), kJsonIndent) + "\n");
    case OutputFormat::kCsv:
      if (!records.empty()) console_.Out(CsvText(records));
      return;
  }
}

void Printer::One(const Record& record) {
  switch (format_) {
    case OutputFormat::kTable:
      return console_.Out(OneText(record));
    case OutputFormat::kJson:
      return console_.Out(Dump(record, kJsonIndent) + "\n");
    case OutputFormat::kCsv:
      return console_.Out(CsvText({record}));
  }
}

void Printer::Done(std::string_view text, const Record& record) {
  if (format_ != OutputFormat::kTable) return One(record);
  console_.Out(absl::StrCat(Harmless(text), "\n"));
}

void Printer::JsonLine(const Record& record) { console_.Out(Dump(record, -1) + "\n"); }

}  // namespace photinus
