#include "support/zip.hpp"

#include <zlib.h>

#include <algorithm>

#include "plimsoll/error.hpp"
#include "support/text.hpp"

namespace plimsoll::support {
namespace {

constexpr std::uint32_t kLocal = 0x04034b50;
constexpr std::uint32_t kCentral = 0x02014b50;
constexpr std::uint32_t kEnd = 0x06054b50;
constexpr std::size_t kLocalBytes = 30;
constexpr std::size_t kCentralBytes = 46;
constexpr std::size_t kEndBytes = 22;
constexpr std::size_t kMostComment = 65535;
constexpr std::size_t kMostRatio = 1100;         // deflate makes at most 1032 bytes of one
constexpr std::size_t kMostBytes = 1ULL << 30U;  // of one file

std::uint32_t little_endian(std::string_view bytes) {
  std::uint32_t value = 0;
  for (std::size_t i = bytes.size(); i-- > 0;) value = value << 8U | static_cast<unsigned char>(bytes[i]);
  return value;
}

// False where the bytes are no such stream, or one of another length.
bool inflate_to(std::string_view packed, std::string& content) {
  z_stream stream{};
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) return false;
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));  // zlib only reads it
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(content.data());
  stream.avail_out = static_cast<uInt>(content.size());
  const int result = inflate(&stream, Z_FINISH);
  const bool whole = result == Z_STREAM_END && stream.avail_in == 0 && stream.avail_out == 0;
  inflateEnd(&stream);
  return whole;
}

}  // namespace

bool is_zip(std::string_view bytes) {
  return bytes.size() >= 4 &&
         (little_endian(bytes.substr(0, 4)) == kLocal || little_endian(bytes.substr(0, 4)) == kEnd);
}

ZipArchive::ZipArchive(std::string_view bytes, std::string name) : bytes_(bytes), name_(std::move(name)) {
  const std::size_t end = find_end();
  const std::uint32_t count = number(end + 10, 2);
  const std::size_t size = number(end + 12, 4);
  std::size_t place = number(end + 16, 4);
  if (number(end + 4, 4) != 0 || number(end + 8, 2) != count) refuse("is a part of an archive");
  if (count == 0xFFFF || place == 0xFFFFFFFF) refuse("is an archive with 64-bit sizes");
  if (place > end || size != end - place) refuse("has a broken directory");
  for (std::uint32_t i = 0; i < count; ++i) entries_.push_back(read_entry(place));
  if (place != end) refuse("has a broken directory");
}

void ZipArchive::refuse(const std::string& reason, const std::string& advice) const {
  throw Error(ErrorCode::input, in_quotes(name_) + " " + reason, {}, advice);
}

std::uint32_t ZipArchive::number(std::size_t place, std::size_t bytes) const {
  return little_endian(bytes_.substr(place, bytes));
}

// The end of the directory stands at the end, but for a comment whose length it knows.
std::size_t ZipArchive::find_end() const {
  for (std::size_t comment = 0; comment <= kMostComment && bytes_.size() >= kEndBytes + comment; ++comment) {
    const std::size_t place = bytes_.size() - kEndBytes - comment;
    if (number(place, 4) == kEnd && number(place + 20, 2) == comment) return place;
  }
  refuse("is no ZIP archive, or is cut off");
}

ZipArchive::Entry ZipArchive::read_entry(std::size_t& place) const {
  if (bytes_.size() - place < kCentralBytes || number(place, 4) != kCentral) refuse("has a broken directory");
  const std::uint32_t flags = number(place + 8, 2);
  Entry entry;
  entry.method = number(place + 10, 2);
  entry.checksum = number(place + 16, 4);
  entry.packed_bytes = number(place + 20, 4);
  entry.bytes = number(place + 24, 4);
  entry.header = number(place + 42, 4);
  const std::size_t name_bytes = number(place + 28, 2);
  const std::size_t more = number(place + 30, 2) + number(place + 32, 2);
  if (bytes_.size() - place - kCentralBytes < name_bytes + more) refuse("has a broken directory");
  entry.name = bytes_.substr(place + kCentralBytes, name_bytes);
  place += kCentralBytes + name_bytes + more;
  const std::string called = in_quotes(entry.name);
  if ((flags & 1U) != 0) refuse("holds " + called + " encrypted");
  if (entry.bytes == 0xFFFFFFFF || entry.packed_bytes == 0xFFFFFFFF) refuse("holds " + called + " with 64-bit sizes");
  if (entry.bytes > kMostBytes) refuse("holds " + called + " of more than 1 GiB");
  if (entry.method != 0 && entry.method != Z_DEFLATED) {
    refuse("holds " + called + " packed in a way other than deflate", "Maybe save it with numpy.savez_compressed.");
  }
  return entry;
}

std::string_view ZipArchive::packed(const Entry& entry) const {
  const auto broken = [&] { refuse("has a broken header of " + in_quotes(entry.name)); };
  if (entry.header > bytes_.size() || bytes_.size() - entry.header < kLocalBytes) broken();
  if (number(entry.header, 4) != kLocal) broken();
  const std::size_t start = entry.header + kLocalBytes + number(entry.header + 26, 2) + number(entry.header + 28, 2);
  if (start > bytes_.size() || bytes_.size() - start < entry.packed_bytes) broken();
  return bytes_.substr(start, entry.packed_bytes);
}

std::vector<std::string> ZipArchive::names() const {
  std::vector<std::string> names;
  for (const Entry& entry : entries_) names.push_back(entry.name);
  return names;
}

std::string ZipArchive::read(std::size_t index) const {
  const Entry& entry = entries_[index];
  const std::string_view stored = packed(entry);
  const auto damaged = [&] { refuse("holds a damaged " + in_quotes(entry.name)); };
  std::string content;
  if (entry.method == 0) {
    if (stored.size() != entry.bytes) damaged();
    content = stored;
  } else {
    if (entry.bytes / kMostRatio > stored.size()) damaged();
    content.resize(entry.bytes);
    if (!inflate_to(stored, content)) damaged();
  }
  const uLong checksum = crc32(0, reinterpret_cast<const Bytef*>(content.data()), static_cast<uInt>(content.size()));
  if (checksum != entry.checksum) damaged();
  return content;
}

}  // namespace plimsoll::support
