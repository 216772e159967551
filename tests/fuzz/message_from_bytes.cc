#include "tests/fuzz/message_from_bytes.h"

#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>

namespace photinus {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr int kMaxDepth = 24;  // deeper than any limit of ours
constexpr size_t kMaxTextBytes = 64;
constexpr int64_t kIntegers[] = {0,
                                 1,
                                 2,
                                 3,
                                 16,
                                 17,
                                 1000,
                                 1001,
                                 -1,
                                 int64_t{1} << 31,
                                 (int64_t{1} << 31) - 1,
                                 std::numeric_limits<int64_t>::max(),
                                 std::numeric_limits<int64_t>::min(),
                                 (int64_t{1} << 53) + 1};
constexpr double kNumbers[] = {0,
                               1,
                               0.5,
                               -1,
                               1e-12,
                               1e300,
                               -0.0,
                               std::numeric_limits<double>::infinity(),
                               -std::numeric_limits<double>::infinity(),
                               std::numeric_limits<double>::quiet_NaN(),
                               std::numeric_limits<double>::denorm_min(),
                               std::numeric_limits<double>::max()};

class Filler {
 public:
  Filler(ByteSource& bytes, const std::vector<std::string>& words) : bytes_(bytes), words_(words) {}

  void Fill(Message& message, int depth) {
    const auto* type = message.GetDescriptor();
    if (type->full_name() == "google.protobuf.Any") return;  // stored as it is
    for (int i = 0; i < type->field_count() && !bytes_.empty(); ++i) {
      const FieldDescriptor& field = *type->field(i);
      const uint8_t choice = bytes_.Byte();
      if (field.is_repeated()) {
        for (int n = choice % 4; n > 0; --n) Set(message, field, depth);
      } else if (choice % 4 != 0) {
        Set(message, field, depth);
      }
    }
  }

 private:
  // Sets a single field, or adds to a repeated one.
  void Set(Message& message, const FieldDescriptor& field, int depth) {
    const auto& reflection = *message.GetReflection();
    const bool add = field.is_repeated();
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_MESSAGE:
        if (depth >= kMaxDepth) return;
        return Fill(add ? *reflection.AddMessage(&message, &field) : *reflection.MutableMessage(&message, &field),
                    depth + 1);
      case FieldDescriptor::CPPTYPE_STRING:
        return add ? reflection.AddString(&message, &field, Text()) : reflection.SetString(&message, &field, Text());
      case FieldDescriptor::CPPTYPE_INT64:
        return add ? reflection.AddInt64(&message, &field, Integer())
                   : reflection.SetInt64(&message, &field, Integer());
      case FieldDescriptor::CPPTYPE_INT32:
        return reflection.SetInt32(&message, &field, static_cast<int32_t>(Integer()));
      case FieldDescriptor::CPPTYPE_DOUBLE:
        return add ? reflection.AddDouble(&message, &field, Number())
                   : reflection.SetDouble(&message, &field, Number());
      case FieldDescriptor::CPPTYPE_BOOL:
        return reflection.SetBool(&message, &field, bytes_.Byte() % 2 != 0);
      case FieldDescriptor::CPPTYPE_ENUM:
        return reflection.SetEnumValue(&message, &field, bytes_.Byte() % 8);
      default:
        return;
    }
  }

  std::string Text() {
    const uint8_t choice = bytes_.Byte();
    return choice % 8 == 0 || words_.empty() ? bytes_.Text(kMaxTextBytes) : words_[choice % words_.size()];
  }
  int64_t Integer() {
    const uint8_t choice = bytes_.Byte();
    return choice % 4 == 0 ? static_cast<int64_t>(bytes_.Word()) : kIntegers[choice % std::size(kIntegers)];
  }
  double Number() {
    const uint8_t choice = bytes_.Byte();
    return choice % 4 == 0 ? static_cast<double>(bytes_.Byte()) / 16 : kNumbers[choice % std::size(kNumbers)];
  }

  ByteSource& bytes_;
  const std::vector<std::string>& words_;
};

}  // namespace

uint8_t ByteSource::Byte() {
  if (size_ == 0) return 0;
  --size_;
  return *data_++;
}

uint64_t ByteSource::Word() {
  uint64_t word = 0;
  for (int i = 0; i < 8; ++i) word = word << 8 | Byte();
  return word;
}

std::string ByteSource::Text(size_t most) {
  const size_t size = std::min({static_cast<size_t>(Byte()), most, size_});
  std::string text(reinterpret_cast<const char*>(data_), size);
  data_ += size;
  size_ -= size;
  return text;
}

void FillFromBytes(ByteSource& bytes, const std::vector<std::string>& words, Message& message) {
  Filler(bytes, words).Fill(message, 0);
}

}  // namespace photinus
