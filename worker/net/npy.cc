// Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
#include "worker/net/npy.h"

#include <cstring>
#include <optional>
#include <string_view>

#include "worker/base/file.h"

namespace photinus::net {
namespace {

constexpr std::string_view kMagic("\x93NUMPY", 6);
constexpr std::size_t kAlignment = 64;
constexpr std::int64_t kMaxValues = std::int64_t{1} << 30;

struct Header {
  std::string text;       // the Python dictionary
  std::size_t data_from;  // offset of the values
};

Result<Header> FindHeader(std::string_view bytes, const std::string& label) {
  const auto fail = [&label](const char* what) { return InvalidArgument(label + " is no .npy file: " + what); };
  if (bytes.size() < 10 || !bytes.starts_with(kMagic)) {
    return fail("it does not begin with \\x93NUMPY");
  }
  const int version = static_cast<unsigned char>(bytes[6]);
  if (version < 1 || version > 3) return fail("its version is not 1, 2 or 3");
  const std::size_t length_bytes = version == 1 ? 2 : 4;
  const std::size_t from = 8 + length_bytes;
  if (bytes.size() < from) return fail("its header is cut off");
  std::size_t length = 0;
  for (std::size_t i = 0; i < length_bytes; ++i)
    length |= std::size_t{static_cast<unsigned char>(bytes[8 + i])} << (8 * i);
  if (bytes.size() - from < length) return fail("its header is cut off");
  return Header{std::string(bytes.substr(from, length)), from + length};
}

// The text after `'key':`, without leading spaces; empty if the key is absent.
std::string_view ValueOf(std::string_view header, const std::string& key) {
  const std::size_t found = header.find("'" + key + "'");
  if (found == std::string_view::npos) return {};
  const std::size_t colon = header.find(':', found);
  if (colon == std::string_view::npos) return {};
  const std::size_t from = header.find_first_not_of(' ', colon + 1);
  return from == std::string_view::npos ? std::string_view() : header.substr(from);
}

// A tuple such as (), (100,) or (100, 49, 40, 1); nothing if it is malformed or its product is too large.
std::optional<std::vector<std::int64_t>> ParseShape(std::string_view text) {
  if (text.empty() || text[0] != '(') return std::nullopt;
  std::vector<std::int64_t> shape;
  std::int64_t number = -1;  // -1: no digit since the last comma
  std::int64_t count = 1;
  for (std::size_t i = 1; i < text.size(); ++i) {
    const char c = text[i];
    if (c >= '0' && c <= '9') {
      number = (number < 0 ? 0 : number * 10) + (c - '0');
      if (number > kMaxValues) return std::nullopt;
    } else if (c == ',' || c == ')') {
      if (number >= 0) {
        shape.push_back(number);
        count *= number;
        if (count > kMaxValues || shape.size() > 32) return std::nullopt;
      }
      number = -1;
      if (c == ')') return shape;
    } else if (c != ' ') {
      return std::nullopt;
    }
  }
  return std::nullopt;
}

}  // namespace

Result<Int8Array> ParseNpy(std::string_view bytes, const std::string& label) {
  PHOTINUS_ASSIGN_OR_RETURN(const Header header, FindHeader(bytes, label));
  const std::string_view type = ValueOf(header.text, "descr");
  if (!type.starts_with("'|i1'") && !type.starts_with("'i1'") && !type.starts_with("'<i1'")) {
    const std::string found(type.substr(0, type.find(',')));
    return InvalidArgument(label + " holds values of type " + found + ", not int8; convert with .astype(numpy.int8)");
  }
  if (!ValueOf(header.text, "fortran_order").starts_with("False")) {
    return InvalidArgument(label + " is not in C order; convert with numpy.ascontiguousarray");
  }
  const std::optional<std::vector<std::int64_t>> shape = ParseShape(ValueOf(header.text, "shape"));
  if (!shape) return InvalidArgument(label + " has a malformed or too large shape");
  std::int64_t count = 1;
  for (const std::int64_t size : *shape) count *= size;
  const std::size_t available = bytes.size() - header.data_from;
  if (available != static_cast<std::size_t>(count)) {
    return InvalidArgument(label + " should hold " + std::to_string(count) + " values but holds " +
                           std::to_string(available));
  }
  Int8Array array;
  array.shape = *shape;
  array.values.resize(count);
  if (count > 0) std::memcpy(array.values.data(), bytes.data() + header.data_from, count);
  return array;
}

std::string FormatNpy(const Int8Array& array) {
  std::string header = "{'descr': '|i1', 'fortran_order': False, 'shape': (";
  for (const std::int64_t size : array.shape) header += std::to_string(size) + ", ";
  header += "), }";
  constexpr std::size_t kPrefix = 10;  // magic, version, header length
  while ((kPrefix + header.size() + 1) % kAlignment != 0) header += ' ';
  header += '\n';
  std::string bytes(kMagic);
  bytes += {'\x01', '\x00', static_cast<char>(header.size() & 0xff), static_cast<char>(header.size() >> 8)};
  bytes += header;
  bytes.append(reinterpret_cast<const char*>(array.values.data()), array.values.size());
  return bytes;
}

Result<Int8Array> ReadNpy(const std::string& path) {
  PHOTINUS_ASSIGN_OR_RETURN(const std::string bytes, ReadFile(path));
  return ParseNpy(bytes, path);
}

Result<void> WriteNpy(const std::string& path, const Int8Array& array) { return WriteFile(path, FormatNpy(array)); }

}  // namespace photinus::net
