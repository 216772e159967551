// The arguments of one command, as the command line gave them.
#ifndef PHOTINUS_CLIENT_CLI_ARGS_H_
#define PHOTINUS_CLIENT_CLI_ARGS_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/base/names.h"

namespace photinus {

class Args {
 public:
  // values: by name of the argument or option, without dashes. Names are those of the command's own declaration.
  Args(std::string owner, std::map<std::string, std::string> values, std::set<std::string> flags = {})
      : owner_(std::move(owner)), values_(std::move(values)), flags_(std::move(flags)) {}

  // Whose studies short ids mean.
  const std::string& owner() const { return owner_; }
  // Empty where it was not given.
  std::string Text(std::string_view name) const;
  bool Has(std::string_view name) const { return values_.count(std::string(name)) > 0; }
  bool Flag(std::string_view name) const { return flags_.count(std::string(name)) > 0; }
  // `fallback` where it was not given. InvalidArgument: no integer >= 1.
  absl::StatusOr<int64_t> Positive(std::string_view name, int64_t fallback) const;

  // The argument "study": a short id of the owner, or a full resource name. InvalidArgument.
  absl::StatusOr<StudyName> Study() const;

 private:
  std::string owner_;
  std::map<std::string, std::string> values_;
  std::set<std::string> flags_;
};

// A short id of `owner`, or owners/{owner}/studies/{study}. InvalidArgument.
absl::StatusOr<StudyName> ResolveStudy(std::string_view owner, std::string_view text);

}  // namespace photinus

#endif  // PHOTINUS_CLIENT_CLI_ARGS_H_
