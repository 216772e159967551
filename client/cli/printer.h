// Results in the format that -o names. Everything that commands print as a result passes through here.
#ifndef PHOTINUS_CLIENT_CLI_PRINTER_H_
#define PHOTINUS_CLIENT_CLI_PRINTER_H_

#include <nlohmann/json_fwd.hpp>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "client/cli/console.h"

namespace photinus {

enum class OutputFormat { kTable, kJson, kCsv };

// "table", "json", "csv". InvalidArgument names them.
absl::StatusOr<OutputFormat> ParseOutputFormat(std::string_view name);

// A column of a table: the flattened key of the record's value, such as "metrics.accuracy", and what stands above it.
struct Column {
  std::string key;
  std::string header;
};

// One thing: a JSON object with the keys of docs/cli.md, in their order.
using Record = nlohmann::ordered_json;

class Printer {
 public:
  Printer(OutputFormat format, Console& console) : format_(format), console_(console) {}

  OutputFormat format() const { return format_; }

  // table: these columns; json: an array of the records; csv: every flattened key of any record, one record per line.
  void List(const std::vector<Record>& records, const std::vector<Column>& columns);
  // table: one "key  value" line per flattened key, in sections where values are lists; json: the record; csv: as List.
  void One(const Record& record);
  // An action's result. table: `text`; else the record, as One.
  void Done(std::string_view text, const Record& record);
  // One record of a stream, on one line. json only.
  void JsonLine(const Record& record);

 private:
  const OutputFormat format_;
  Console& console_;
};

// The parts, for tests and for other renderings.

// Keys of nested objects joined by dots; lists as their JSON text.
std::vector<std::pair<std::string, nlohmann::ordered_json>> Flatten(const Record& record);
// A value for people: numbers with at most 6 digits, null as "-".
std::string CellText(const nlohmann::ordered_json& value);
// A value in CSV: quoted where needed; text that a spreadsheet would take for a formula gets a ' in front.
std::string CsvCell(const nlohmann::ordered_json& value);
// Left-aligned columns, numbers right-aligned, two spaces between, no spaces at the ends of lines.
std::string TableText(const std::vector<Record>& records, const std::vector<Column>& columns);
std::string CsvText(const std::vector<Record>& records);

// The columns of a CSV table, learned from all of its records before the first line is printed.
class CsvColumns {
 public:
  // Takes every key that is new; one of a nested object stands beside those of the same object.
  void Add(const Record& record);
  // Whether there is a column for each key of the record.
  bool Fit(const Record& record) const;
  // Lines without their ends; what fits into no column is left out.
  std::string Header() const;
  std::string Line(const Record& record) const;

 private:
  std::vector<std::string> keys_;
  std::set<std::string> known_;
};

}  // namespace photinus

#endif  // PHOTINUS_CLIENT_CLI_PRINTER_H_
