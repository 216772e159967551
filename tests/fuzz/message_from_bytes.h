// Turns a fuzzer's bytes into messages that have the right shape and any content.
#ifndef PHOTINUS_TESTS_FUZZ_MESSAGE_FROM_BYTES_H_
#define PHOTINUS_TESTS_FUZZ_MESSAGE_FROM_BYTES_H_

#include <google/protobuf/message.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace photinus {

// Bytes from the front; zeros once they are used up.
class ByteSource {
 public:
  ByteSource(const uint8_t* data, size_t size) : data_(data), size_(size) {}

  bool empty() const { return size_ == 0; }
  uint8_t Byte();
  uint64_t Word();
  // Of at most `most` bytes; their number comes first.
  std::string Text(size_t most);

 private:
  const uint8_t* data_;
  size_t size_;
};

// Sets some fields of `message` and of those below it. Texts are often one of `words`, numbers often at a limit, so
// that a few bytes are enough for a meaningful request.
void FillFromBytes(ByteSource& bytes, const std::vector<std::string>& words, google::protobuf::Message& message);

}  // namespace photinus

#endif  // PHOTINUS_TESTS_FUZZ_MESSAGE_FROM_BYTES_H_
