// The files in a ZIP archive (PKWARE's APPNOTE 6.3), as numpy.savez writes them: stored or deflated, without
// encryption, parts or 64-bit sizes. Nothing that the archive claims is believed before it is compared with its bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace plimsoll::support {

// Begins like an archive.
bool is_zip(std::string_view bytes);

// Views the bytes, which must live on. `name` is how messages call the archive.
class ZipArchive {
 public:
  // Throws Error(input).
  ZipArchive(std::string_view bytes, std::string name);

  [[nodiscard]] std::vector<std::string> names() const;
  // The content of the file of this index. Throws Error(input) where it is damaged.
  [[nodiscard]] std::string read(std::size_t index) const;

 private:
  struct Entry {
    std::string name;
    std::uint32_t method = 0;
    std::uint32_t checksum = 0;
    std::size_t packed_bytes = 0;
    std::size_t bytes = 0;
    std::size_t header = 0;  // where its local header begins
  };

  [[noreturn]] void refuse(const std::string& reason, const std::string& advice = {}) const;
  [[nodiscard]] std::uint32_t number(std::size_t place, std::size_t bytes) const;
  [[nodiscard]] std::size_t find_end() const;
  [[nodiscard]] Entry read_entry(std::size_t& place) const;
  [[nodiscard]] std::string_view packed(const Entry& entry) const;

  std::string_view bytes_;
  std::string name_;
  std::vector<Entry> entries_;
};

}  // namespace plimsoll::support
