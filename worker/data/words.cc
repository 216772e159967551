#include "worker/data/words.h"

namespace photinus::data {
namespace {

constexpr std::string_view kClasses[] = {"yes", "no",  "up",   "down", "left",    "right",
                                         "on",  "off", "stop", "go",   "unknown", "silence"};

constexpr std::string_view kUnknown[] = {
    "know", "gone",   "own",   "nope",   "cup",     "cop",      "lift",  "write",  "gown",   "slow",
    "top",  "zero",   "one",   "two",    "three",   "four",     "five",  "six",    "seven",  "eight",
    "nine", "bed",    "bird",  "cat",    "dog",     "happy",    "house", "tree",   "marvin", "sheila",
    "wow",  "follow", "learn", "visual", "forward", "backward", "table", "window", "paper",  "water"};

}  // namespace

std::span<const std::string_view> KeywordClasses() { return kClasses; }
std::span<const std::string_view> UnknownWords() { return kUnknown; }

}  // namespace photinus::data
