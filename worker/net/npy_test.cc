#include "worker/net/npy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace photinus::net {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// What numpy.save writes for numpy.array([[1, -2, 3]], dtype=numpy.int8), header and all.
std::string NumpysOwn(const std::string& header, const std::string& values) {
  std::string text = header;
  while ((10 + text.size() + 1) % 64 != 0) text += ' ';
  text += '\n';
  return std::string("\x93NUMPY\x01\x00", 8) + static_cast<char>(text.size()) + '\0' + text + values;
}

TEST(ParseNpy, ReadsWhatNumpyWrites) {
  const std::string bytes = NumpysOwn("{'descr': '|i1', 'fortran_order': False, 'shape': (1, 3), }", "\x01\xfe\x03");
  const Result<Int8Array> array = ParseNpy(bytes, "a.npy");
  ASSERT_TRUE(array.ok()) << array.error().message;
  EXPECT_THAT(array->shape, ElementsAre(1, 3));
  EXPECT_THAT(array->values, ElementsAre(1, -2, 3));
}

TEST(ParseNpy, ReadsVectorsAndScalars) {
  EXPECT_THAT(ParseNpy(NumpysOwn("{'descr': '|i1', 'fortran_order': False, 'shape': (2,), }", "ab"), "a")->shape,
              ElementsAre(2));
  EXPECT_THAT(ParseNpy(NumpysOwn("{'descr': '|i1', 'fortran_order': False, 'shape': (), }", "a"), "a")->shape,
              ElementsAre());
}

TEST(FormatNpy, RoundTrips) {
  for (const std::vector<std::int64_t>& shape : {std::vector<std::int64_t>{2, 3}, {6}, {}, {0, 12}, {1, 2, 3, 1}}) {
    std::int64_t count = 1;
    for (const std::int64_t size : shape) count *= size;
    const Int8Array array = {shape, std::vector<std::int8_t>(count, -7)};
    const std::string bytes = FormatNpy(array);
    EXPECT_EQ((bytes.size() - count) % 64, 0u);
    const Result<Int8Array> read = ParseNpy(bytes, "a");
    ASSERT_TRUE(read.ok()) << read.error().message;
    EXPECT_EQ(read->shape, shape);
    EXPECT_EQ(read->values, array.values);
  }
}

struct RefusedCase {
  const char* name;
  std::string bytes;
  const char* message;
};

class ParseNpyRefuses : public ::testing::TestWithParam<RefusedCase> {};

TEST_P(ParseNpyRefuses, AndSaysWhatToDo) {
  const Result<Int8Array> array = ParseNpy(GetParam().bytes, "a.npy");
  ASSERT_FALSE(array.ok());
  EXPECT_EQ(array.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(array.error().message, HasSubstr("a.npy"));
  EXPECT_THAT(array.error().message, HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    Table, ParseNpyRefuses,
    ::testing::Values(
        RefusedCase{"Empty", "", "does not begin with"},
        RefusedCase{"OtherFile", "PK\x03\x04 a zip file", "does not begin"},
        RefusedCase{"FutureVersion", std::string("\x93NUMPY\x09\x00\x00\x00", 10), "version"},
        RefusedCase{"CutHeader", NumpysOwn("{'descr': '|i1'}", "").substr(0, 40), "header is cut off"},
        RefusedCase{"Float", NumpysOwn("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }", "abcd"),
                    "type '<f4', not int8; convert with .astype(numpy.int8)"},
        RefusedCase{"Unsigned", NumpysOwn("{'descr': '|u1', 'fortran_order': False, 'shape': (1,), }", "a"), "'|u1'"},
        RefusedCase{"FortranOrder", NumpysOwn("{'descr': '|i1', 'fortran_order': True, 'shape': (1, 1), }", "a"),
                    "numpy.ascontiguousarray"},
        RefusedCase{"TooShort", NumpysOwn("{'descr': '|i1', 'fortran_order': False, 'shape': (4,), }", "abc"),
                    "should hold 4 values but holds 3"},
        RefusedCase{"TooLong", NumpysOwn("{'descr': '|i1', 'fortran_order': False, 'shape': (2,), }", "abc"),
                    "holds 3"},
        RefusedCase{"NegativeShape", NumpysOwn("{'descr': '|i1', 'fortran_order': False, 'shape': (-1,), }", "a"),
                    "malformed"},
        RefusedCase{"HugeShape",
                    NumpysOwn("{'descr': '|i1', 'fortran_order': False, 'shape': (99999999999, 9999999), }", "a"),
                    "too large"},
        RefusedCase{"OpenShape", NumpysOwn("{'descr': '|i1', 'fortran_order': False, 'shape': (1, ", "a"), "malformed"},
        RefusedCase{"NoShape", NumpysOwn("{'descr': '|i1', 'fortran_order': False}", "a"), "malformed"}),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace photinus::net
