#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/expression/expression.h"

namespace photinus {
namespace {

using Value = Expression::Value;

const char* TypeName(const Value& value) {
  if (std::holds_alternative<double>(value)) return "a number";
  return std::holds_alternative<bool>(value) ? "a truth value" : "a string";
}

absl::Status TypeFault(std::string_view where, std::string_view expected, const Value& value) {
  return FieldError("", absl::StrCat(Quoted(where), " needs ", std::string(expected), ", got ", TypeName(value)));
}

template <typename T>
absl::StatusOr<Value> Compare(std::string_view symbol, const T& a, const T& b) {
  if (symbol == "==") return Value(a == b);
  if (symbol == "!=") return Value(a != b);
  if (symbol == "<") return Value(a < b);
  if (symbol == "<=") return Value(a <= b);
  if (symbol == ">") return Value(a > b);
  return Value(a >= b);
}

double Arithmetic(char symbol, double a, double b) {
  switch (symbol) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return a / b;
    default:
      return std::pow(a, b);
  }
}

double Call(std::string_view function, const std::vector<double>& x) {
  // NaN wins, whatever its place: a missing value must not be hidden by max(0, NaN).
  const bool any_nan = std::any_of(x.begin(), x.end(), [](double v) { return std::isnan(v); });
  if (any_nan) return NAN;
  if (function == "max") return *std::max_element(x.begin(), x.end());
  if (function == "min") return *std::min_element(x.begin(), x.end());
  if (function == "abs") return std::abs(x[0]);
  if (function == "exp") return std::exp(x[0]);
  if (function == "log") return std::log(x[0]);
  if (function == "log2") return std::log2(x[0]);
  if (function == "log10") return std::log10(x[0]);
  if (function == "sqrt") return std::sqrt(x[0]);
  if (function == "floor") return std::floor(x[0]);
  return std::ceil(x[0]);
}

}  // namespace

class ExpressionEvaluator {
 public:
  ExpressionEvaluator(const Expression& expression, const Expression::Lookup& lookup)
      : nodes_(expression.nodes_), lookup_(lookup) {}

  absl::StatusOr<Value> Run() const { return Evaluate(static_cast<int>(nodes_.size()) - 1); }

 private:
  using Kind = Expression::Kind;

  absl::StatusOr<Value> Evaluate(int index) const {
    const Expression::Node& node = nodes_[static_cast<size_t>(index)];
    switch (node.kind) {
      case Kind::kConstant:
        return node.constant;
      case Kind::kName:
      case Kind::kAggregate:
        return Resolve(node.symbol);
      case Kind::kNegate: {
        ASSIGN_OR_RETURN(const double x, Number(node, 0));
        return Value(-x);
      }
      case Kind::kNot: {
        ASSIGN_OR_RETURN(const bool x, Truth(node, 0));
        return Value(!x);
      }
      case Kind::kAnd:
      case Kind::kOr:
        return Logic(node);
      case Kind::kCompare:
        return Comparison(node);
      case Kind::kArithmetic: {
        ASSIGN_OR_RETURN(const double a, Number(node, 0));
        ASSIGN_OR_RETURN(const double b, Number(node, 1));
        return Value(Arithmetic(node.symbol[0], a, b));
      }
      case Kind::kCall: {
        std::vector<double> arguments(node.operands.size());
        for (size_t i = 0; i < arguments.size(); ++i) {
          ASSIGN_OR_RETURN(arguments[i], Number(node, i));
        }
        return Value(Call(node.symbol, arguments));
      }
    }
    return absl::InternalError("unknown kind of expression node");
  }

  absl::StatusOr<Value> Resolve(const std::string& name) const {
    std::optional<Value> value = lookup_(name);
    if (!value.has_value()) return absl::NotFoundError(absl::StrCat(Quoted(name), " has no value"));
    return *std::move(value);
  }

  absl::StatusOr<Value> Logic(const Expression::Node& node) const {
    ASSIGN_OR_RETURN(const bool left, Truth(node, 0));
    if (left == (node.kind == Kind::kOr)) return Value(left);
    ASSIGN_OR_RETURN(const bool right, Truth(node, 1));
    return Value(right);
  }

  absl::StatusOr<Value> Comparison(const Expression::Node& node) const {
    ASSIGN_OR_RETURN(const Value a, Evaluate(node.operands[0]));
    ASSIGN_OR_RETURN(const Value b, Evaluate(node.operands[1]));
    if (a.index() != b.index()) {
      return FieldError("", absl::StrCat("'", node.symbol, "' compares ", TypeName(a), " with ", TypeName(b)));
    }
    return std::visit([&](const auto& x) { return Compare(node.symbol, x, std::get<std::decay_t<decltype(x)>>(b)); },
                      a);
  }

  absl::StatusOr<double> Number(const Expression::Node& node, size_t operand) const {
    ASSIGN_OR_RETURN(const Value value, Evaluate(node.operands[operand]));
    if (!std::holds_alternative<double>(value)) return TypeFault(node.symbol, "a number", value);
    return std::get<double>(value);
  }

  absl::StatusOr<bool> Truth(const Expression::Node& node, size_t operand) const {
    ASSIGN_OR_RETURN(const Value value, Evaluate(node.operands[operand]));
    if (!std::holds_alternative<bool>(value)) return TypeFault(node.symbol, "a truth value", value);
    return std::get<bool>(value);
  }

  const std::vector<Expression::Node>& nodes_;
  const Expression::Lookup& lookup_;
};

absl::StatusOr<Value> Expression::Evaluate(const Lookup& lookup) const {
  return ExpressionEvaluator(*this, lookup).Run();
}

absl::StatusOr<double> Expression::EvaluateNumber(const Lookup& lookup) const {
  ASSIGN_OR_RETURN(const Value value, Evaluate(lookup));
  if (!std::holds_alternative<double>(value)) return TypeFault(text_, "to be a number", value);
  return std::get<double>(value);
}

absl::StatusOr<bool> Expression::EvaluateBool(const Lookup& lookup) const {
  ASSIGN_OR_RETURN(const Value value, Evaluate(lookup));
  if (!std::holds_alternative<bool>(value)) return TypeFault(text_, "to be a truth value", value);
  return std::get<bool>(value);
}

}  // namespace photinus
