// Recursive descent over the text: one function per level of precedence.
#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/expression/expression.h"

namespace photinus {
namespace {

constexpr size_t kMaxBytes = 4096;
constexpr int kMaxDepth = 64;

struct FunctionEntry {
  std::string_view name;
  int min_arguments;
  int max_arguments;
};
constexpr FunctionEntry kFunctions[] = {{"abs", 1, 1},   {"exp", 1, 1},  {"log", 1, 1},   {"log2", 1, 1},
                                        {"log10", 1, 1}, {"sqrt", 1, 1}, {"floor", 1, 1}, {"ceil", 1, 1},
                                        {"max", 1, 64},  {"min", 1, 64}};
constexpr std::string_view kAggregates[] = {"max_over_trials", "min_over_trials"};

bool IsNameStart(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsNamePart(char c) { return IsNameStart(c) || IsDigit(c) || c == '.'; }

std::vector<std::string_view> FunctionNames() {
  std::vector<std::string_view> names(std::begin(kAggregates), std::end(kAggregates));
  for (const FunctionEntry& f : kFunctions) names.push_back(f.name);
  return names;
}

}  // namespace

class ExpressionParser {
 public:
  explicit ExpressionParser(std::string_view text) : text_(text) { result_.text_ = std::string(text); }

  absl::StatusOr<Expression> Run() {
    if (text_.size() > kMaxBytes)
      return FieldError("", absl::StrCat("expression is longer than ", kMaxBytes, " bytes"));
    RETURN_IF_ERROR(ParseOr().status());
    SkipSpace();
    if (position_ < text_.size()) return Fault(absl::StrCat("expected ", Expected()));
    return std::move(result_);
  }

 private:
  using Kind = Expression::Kind;
  using Index = absl::StatusOr<int>;

  absl::Status Fault(std::string_view expected) const {
    const std::string found =
        position_ < text_.size() ? absl::StrCat("'", std::string(1, text_[position_]), "'") : "the end";
    return FieldError("", absl::StrCat("column ", position_ + 1, ": ", std::string(expected), ", found ", found));
  }

  // What may stand after a whole expression: the operator that other languages write as it is written here, or any.
  std::string Expected() const {
    constexpr std::pair<std::string_view, const char*> kForeign[] = {{"OR", "or"},   {"Or", "or"},   {"||", "or"},
                                                                     {"AND", "and"}, {"And", "and"}, {"&&", "and"}};
    for (const auto& [foreign, own] : kForeign) {
      if (text_.substr(position_, foreign.size()) == foreign) return absl::StrCat("'", own, "'");
    }
    return "an operator or the end";
  }

  void SkipSpace() {
    while (position_ < text_.size() &&
           (text_[position_] == ' ' || text_[position_] == '\t' || text_[position_] == '\n')) {
      ++position_;
    }
  }

  bool Accept(std::string_view symbol) {
    SkipSpace();
    if (text_.substr(position_, symbol.size()) != symbol) return false;
    position_ += symbol.size();
    return true;
  }

  bool AcceptWord(std::string_view word) {
    SkipSpace();
    if (text_.substr(position_, word.size()) != word) return false;
    const size_t end = position_ + word.size();
    if (end < text_.size() && IsNamePart(text_[end])) return false;
    position_ = end;
    return true;
  }

  int Add(Kind kind, std::string symbol, std::vector<int> operands) {
    result_.nodes_.push_back({kind, {}, std::move(symbol), std::move(operands)});
    return static_cast<int>(result_.nodes_.size()) - 1;
  }

  int AddConstant(Expression::Value value) {
    result_.nodes_.push_back({Kind::kConstant, std::move(value), "", {}});
    return static_cast<int>(result_.nodes_.size()) - 1;
  }

  // Parses `operand (symbol operand)*`, grouping to the left.
  template <typename Operand, typename Symbol>
  Index ParseChain(Kind kind, Operand operand, Symbol accept_symbol) {
    ASSIGN_OR_RETURN(int left, operand());
    for (std::string_view symbol; !(symbol = accept_symbol()).empty();) {
      ASSIGN_OR_RETURN(const int right, operand());
      left = Add(kind, std::string(symbol), {left, right});
    }
    return left;
  }

  Index ParseOr() {
    if (++depth_ > kMaxDepth) return FieldError("", absl::StrCat("expression is nested deeper than ", kMaxDepth));
    Index result = ParseChain(
        Kind::kOr, [&] { return ParseAnd(); }, [&] { return std::string_view(AcceptWord("or") ? "or" : ""); });
    --depth_;
    return result;
  }

  Index ParseAnd() {
    return ParseChain(
        Kind::kAnd, [&] { return ParseNot(); }, [&] { return std::string_view(AcceptWord("and") ? "and" : ""); });
  }

  Index ParseNot() {
    if (!AcceptWord("not")) return ParseComparison();
    if (++depth_ > kMaxDepth) return FieldError("", absl::StrCat("expression is nested deeper than ", kMaxDepth));
    ASSIGN_OR_RETURN(const int operand, ParseNot());
    --depth_;
    return Add(Kind::kNot, "not", {operand});
  }

  Index ParseComparison() {
    ASSIGN_OR_RETURN(const int left, ParseSum());
    for (std::string_view symbol : {"==", "!=", "<=", ">=", "=", "<", ">"}) {
      if (!Accept(symbol)) continue;
      ASSIGN_OR_RETURN(const int right, ParseSum());
      return Add(Kind::kCompare, symbol == "=" ? "==" : std::string(symbol), {left, right});
    }
    return left;
  }

  Index ParseSum() {
    return ParseChain(
        Kind::kArithmetic, [&] { return ParseProduct(); },
        [&] {
          return std::string_view(Accept("+") ? "+" : Accept("-") ? "-" : "");
        });
  }

  Index ParseProduct() {
    return ParseChain(
        Kind::kArithmetic, [&] { return ParseUnary(); },
        [&] {
          return std::string_view(Accept("*") ? "*" : Accept("/") ? "/" : "");
        });
  }

  Index ParseUnary() {
    if (++depth_ > kMaxDepth) return FieldError("", absl::StrCat("expression is nested deeper than ", kMaxDepth));
    const bool negative = Accept("-");
    ASSIGN_OR_RETURN(int operand, negative ? ParseUnary() : ParsePower());
    --depth_;
    return negative ? Add(Kind::kNegate, "-", {operand}) : operand;
  }

  Index ParsePower() {
    ASSIGN_OR_RETURN(const int base, ParsePrimary());
    if (!Accept("^")) return base;
    ASSIGN_OR_RETURN(const int exponent, ParseUnary());
    return Add(Kind::kArithmetic, "^", {base, exponent});
  }

  Index ParsePrimary() {
    SkipSpace();
    if (position_ >= text_.size()) return Fault("expected a value");
    const char c = text_[position_];
    if (Accept("(")) {
      ASSIGN_OR_RETURN(const int inner, ParseOr());
      if (!Accept(")")) return Fault("expected ')'");
      return inner;
    }
    if (c == '\'' || c == '"') return ParseString(c);
    if (c == '`') return ParseQuotedName();
    if (IsDigit(c) || c == '.') return ParseNumber();
    if (IsNameStart(c)) return ParseWord();
    return Fault("expected a value");
  }

  Index ParseNumber() {
    double value = 0;
    const char* begin = text_.data() + position_;
    const auto [end, error] = std::from_chars(begin, text_.data() + text_.size(), value);
    if (error == std::errc::result_out_of_range) return Fault("expected a number that fits a double");
    if (error != std::errc()) return Fault("expected a number");
    position_ += static_cast<size_t>(end - begin);
    if (position_ < text_.size() && IsNamePart(text_[position_])) return Fault("expected an operator after the number");
    return AddConstant(value);
  }

  absl::StatusOr<std::string> ParseUntil(char quote) {
    const size_t begin = position_ + 1;
    const size_t end = text_.find(quote, begin);
    if (end == std::string_view::npos) return Fault("expected a closing quote after this");
    position_ = end + 1;
    return std::string(text_.substr(begin, end - begin));
  }

  Index ParseString(char quote) {
    ASSIGN_OR_RETURN(std::string value, ParseUntil(quote));
    return AddConstant(std::move(value));
  }

  Index ParseQuotedName() {
    ASSIGN_OR_RETURN(std::string name, ParseUntil('`'));
    return AddName(std::move(name));
  }

  Index ParseWord() {
    const size_t begin = position_;
    while (position_ < text_.size() && IsNamePart(text_[position_])) ++position_;
    const std::string word(text_.substr(begin, position_ - begin));
    if (word == "true" || word == "false") return AddConstant(word == "true");
    if (word == "and" || word == "or" || word == "not") {
      position_ = begin;
      return Fault(absl::StrCat("expected a value before ", Quoted(word)));
    }
    if (Accept("(")) return ParseCall(word, begin);
    return AddName(word);
  }

  Index AddName(std::string name) {
    AddOnce(name, result_.variables_);
    return Add(Kind::kName, std::move(name), {});
  }

  Index ParseCall(const std::string& function, size_t begin) {
    if (std::find(std::begin(kAggregates), std::end(kAggregates), function) != std::end(kAggregates)) {
      return ParseAggregate(function);
    }
    const auto* entry = std::find_if(std::begin(kFunctions), std::end(kFunctions),
                                     [&](const FunctionEntry& f) { return f.name == function; });
    if (entry == std::end(kFunctions)) {
      return FieldError("", absl::StrCat("column ", begin + 1, ": unknown function ", Quoted(function),
                                         DidYouMean(function, FunctionNames())));
    }
    std::vector<int> arguments;
    do {
      ASSIGN_OR_RETURN(const int argument, ParseOr());
      arguments.push_back(argument);
    } while (Accept(","));
    if (!Accept(")")) return Fault("expected ',' or ')'");
    const int count = static_cast<int>(arguments.size());
    if (count < entry->min_arguments || count > entry->max_arguments) {
      std::string range = absl::StrCat(entry->min_arguments);
      if (entry->max_arguments > entry->min_arguments) absl::StrAppend(&range, " to ", entry->max_arguments);
      return FieldError(
          "", absl::StrCat("column ", begin + 1, ": ", function, " takes ", range, " argument(s), got ", count));
    }
    return Add(Kind::kCall, function, std::move(arguments));
  }

  Index ParseAggregate(const std::string& function) {
    SkipSpace();
    std::string name;
    if (position_ < text_.size() && text_[position_] == '`') {
      ASSIGN_OR_RETURN(name, ParseUntil('`'));
    } else {
      const size_t begin = position_;
      while (position_ < text_.size() && IsNamePart(text_[position_])) ++position_;
      name = std::string(text_.substr(begin, position_ - begin));
    }
    if (name.empty() || !Accept(")")) return Fault(absl::StrCat("expected a metric's name and ')' in ", function));
    const std::string symbol = absl::StrCat(function, "(", name, ")");
    AddOnce(symbol, result_.aggregates_);
    return Add(Kind::kAggregate, symbol, {});
  }

  static void AddOnce(const std::string& name, std::vector<std::string>& names) {
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }

  std::string_view text_;
  size_t position_ = 0;
  int depth_ = 0;
  Expression result_;
};

std::vector<Expression::TextComparison> Expression::text_comparisons() const {
  std::vector<TextComparison> found;
  for (const Node& node : nodes_) {
    if (node.kind != Kind::kCompare) continue;
    const Node* name = &nodes_[node.operands[0]];
    const Node* text = &nodes_[node.operands[1]];
    if (name->kind != Kind::kName) std::swap(name, text);
    if (name->kind != Kind::kName || !std::holds_alternative<std::string>(text->constant)) continue;
    if (text->kind == Kind::kConstant) found.push_back({name->symbol, std::get<std::string>(text->constant)});
  }
  return found;
}

std::optional<Expression::NumberComparison> Expression::AsNumberComparison() const {
  const auto number_of = [&](const Node& node) -> std::optional<double> {
    const Node& plain = node.kind == Kind::kNegate ? nodes_[node.operands[0]] : node;
    if (plain.kind != Kind::kConstant || !std::holds_alternative<double>(plain.constant)) return std::nullopt;
    const double number = std::get<double>(plain.constant);
    return node.kind == Kind::kNegate ? -number : number;
  };
  const Node& root = nodes_.back();
  if (root.kind != Kind::kCompare) return std::nullopt;
  const Node* name = &nodes_[root.operands[0]];
  const Node* number = &nodes_[root.operands[1]];
  std::string symbol = root.symbol;
  if (name->kind != Kind::kName) {
    std::swap(name, number);
    if (symbol[0] == '<' || symbol[0] == '>') symbol[0] = symbol[0] == '<' ? '>' : '<';
  }
  const std::optional<double> value = number_of(*number);
  if (name->kind != Kind::kName || !value.has_value()) return std::nullopt;
  return NumberComparison{name->symbol, std::move(symbol), *value};
}

absl::StatusOr<Expression> Expression::Parse(std::string_view text) { return ExpressionParser(text).Run(); }

}  // namespace photinus
