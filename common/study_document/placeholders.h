// `{name}` in an argument of a command stands for a parameter's value.
#ifndef PHOTINUS_COMMON_STUDY_DOCUMENT_PLACEHOLDERS_H_
#define PHOTINUS_COMMON_STUDY_DOCUMENT_PLACEHOLDERS_H_

#include <string>
#include <string_view>
#include <vector>

namespace photinus {

// The names in braces, in order. A name is a letter or '_' and then letters, digits, '_', '.', '-' and ':'; other
// braces (a piece of JSON, `{}`) are plain text.
std::vector<std::string> Placeholders(std::string_view argument);

}  // namespace photinus

#endif  // PHOTINUS_COMMON_STUDY_DOCUMENT_PLACEHOLDERS_H_
