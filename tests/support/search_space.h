// Search spaces and points for tests.
#ifndef PHOTINUS_TESTS_SUPPORT_SEARCH_SPACE_H_
#define PHOTINUS_TESTS_SUPPORT_SEARCH_SPACE_H_

#include <string>
#include <utility>
#include <variant>

#include "common/space/search_space.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"

namespace photinus {

// text: the parameters of a StudySpec, in protobuf's text format.
inline SearchSpace Space(const std::string& text) {
  pb::StudySpec spec;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &spec)) << text;
  auto space = SearchSpace::FromSpec(spec);
  EXPECT_TRUE(space.ok()) << space.status();
  return *std::move(space);
}

// Of an active parameter that is no category.
inline double Number(const Point& point, const std::string& id) { return std::get<double>(point.at(id)); }

}  // namespace photinus

#endif  // PHOTINUS_TESTS_SUPPORT_SEARCH_SPACE_H_
