// The one expression language of Photinus: derived metrics, trial filters and constraints.
//
//   accuracy - 0.02/30 * max(0, memory_kb - 60)          state = 'SUCCEEDED' and not (accuracy < 0.9 or lr > 1e-2)
//
// Numbers, 'strings' (or "strings"), true, false; names with letters, digits, '_' and '.', or anything in `backticks`;
// or, and, not; = == != < <= > >=; + - * / and ^ (to the right); functions abs, exp, log, log2, log10, sqrt, floor,
// ceil, max(a, b, ...), min(a, b, ...), and the aggregates max_over_trials(name), min_over_trials(name).
#ifndef PHOTINUS_COMMON_EXPRESSION_EXPRESSION_H_
#define PHOTINUS_COMMON_EXPRESSION_EXPRESSION_H_

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"

namespace photinus {

// An immutable, parsed expression. Thread-safe, cheap to copy when small.
class Expression {
 public:
  using Value = std::variant<double, bool, std::string>;
  // The value of a name, or of an aggregate under its full text ("max_over_trials(flops)"); nullopt where there is
  // none.
  using Lookup = std::function<std::optional<Value>(std::string_view)>;

  // InvalidArgument (a FieldError without a path) that names the column and what was expected. At most 4,096 bytes and
  // 64 levels of nesting.
  static absl::StatusOr<Expression> Parse(std::string_view text);

  // The names that it refers to, each once, without those inside aggregates.
  const std::vector<std::string>& variables() const { return variables_; }
  // The aggregates that it refers to, each once, as "function(name)".
  const std::vector<std::string>& aggregates() const { return aggregates_; }
  const std::string& text() const { return text_; }

  struct TextComparison {
    std::string name;
    std::string text;
  };
  // The comparisons of a name with a text, such as state = 'SUCCEEDED'.
  std::vector<TextComparison> text_comparisons() const;

  struct NumberComparison {
    std::string name;
    std::string symbol;  // == != < <= > >=
    double number = 0;
  };
  // What the expression is if it is a comparison of a name with a number and nothing else; `name symbol number` also
  // where the number stands first.
  std::optional<NumberComparison> AsNumberComparison() const;

  // NotFound: a name has no value. InvalidArgument: types do not fit, such as 'abc' + 1. `and` and `or` look at their
  // right side only where it matters. Arithmetic follows IEEE 754: 1/0 is infinite, log(-1) is NaN.
  absl::StatusOr<Value> Evaluate(const Lookup& lookup) const;

  // As Evaluate, for expressions that must give a number or a truth value.
  absl::StatusOr<double> EvaluateNumber(const Lookup& lookup) const;
  absl::StatusOr<bool> EvaluateBool(const Lookup& lookup) const;

 private:
  friend class ExpressionParser;
  friend class ExpressionEvaluator;

  enum class Kind { kConstant, kName, kAggregate, kNegate, kNot, kAnd, kOr, kCompare, kArithmetic, kCall };
  struct Node {
    Kind kind = Kind::kConstant;
    Value constant;             // kConstant
    std::string symbol;         // the name, aggregate, operator or function
    std::vector<int> operands;  // indices into nodes_
  };

  std::string text_;
  std::vector<Node> nodes_;  // operands before their users; the last one is the root
  std::vector<std::string> variables_;
  std::vector<std::string> aggregates_;
};

}  // namespace photinus

#endif  // PHOTINUS_COMMON_EXPRESSION_EXPRESSION_H_
