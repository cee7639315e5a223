#include "support/zip.hpp"

#include <gtest/gtest.h>

#include "plimsoll/error.hpp"
#include "support/file.hpp"
#include "tests/damage.hpp"
#include "tests/golden.hpp"

namespace plimsoll::support {
namespace {

// Written by Python's zipfile as numpy.savez_compressed does: counts.npy deflated, iters.npy stored.
std::string archive() { return read_file(plimsoll::testing::golden("foreign/microsteps.npz").string()); }

std::string refusal_of(const std::string& bytes) {
  try {
    const ZipArchive zip(bytes, "a.npz");
    for (std::size_t index = 0; index < zip.names().size(); ++index) static_cast<void>(zip.read(index));
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::input);
    return error.what();
  }
  return "read";
}

TEST(Zip, StoredAndDeflatedFilesAreRead) {
  const std::string bytes = archive();
  EXPECT_TRUE(is_zip(bytes));
  const ZipArchive zip(bytes, "a.npz");
  EXPECT_EQ(zip.names(), (std::vector<std::string>{"counts.npy", "iters.npy"}));
  EXPECT_EQ(zip.read(0), read_file(plimsoll::testing::golden("foreign/microsteps.npy").string()));
  EXPECT_EQ(zip.read(1).substr(1, 5), "NUMPY");
}

TEST(Zip, WhatIsNoArchiveIsRefused) {
  EXPECT_FALSE(is_zip(""));
  EXPECT_FALSE(is_zip("\x93NUMPY"));
  EXPECT_EQ(refusal_of(""), "\"a.npz\" is no ZIP archive, or is cut off");
  const std::string bytes = archive();
  for (std::size_t size = 0; size < bytes.size(); ++size) EXPECT_NE(refusal_of(bytes.substr(0, size)), "read") << size;
  EXPECT_NE(refusal_of(bytes + "x"), "read");
}

TEST(Zip, DamageIsSeen) {
  const std::string bytes = archive();
  // Every byte of both contents counts: the checksum tells.
  const std::size_t counts = bytes.find("counts.npy") + 10;
  const std::size_t iters = bytes.find("NUMPY", bytes.find("iters.npy"));
  for (const std::size_t place : {counts + 40, iters, iters + 20}) {
    std::string damaged = bytes;
    damaged[place] = static_cast<char>(damaged[place] ^ 1);
    EXPECT_NE(refusal_of(damaged), "read") << place;
  }
}

TEST(Zip, AnyDamageIsReadOrRefused) {
  int refused = 0;
  for (std::size_t i = 0; i < 2000; ++i) {
    const std::string damaged = plimsoll::testing::Damage(i).apply(archive());
    refused += plimsoll::testing::refuses([&] {
      const ZipArchive zip(damaged, "a.npz");
      for (std::size_t index = 0; index < zip.names().size(); ++index) static_cast<void>(zip.read(index));
    });
  }
  EXPECT_GT(refused, 1000);
}

TEST(Zip, AClaimedSizeIsNotBelieved) {
  std::string bytes = archive();
  const std::size_t central = bytes.find("PK\x01\x02");
  ASSERT_NE(central, std::string::npos);
  for (std::size_t i = 0; i < 4; ++i) bytes[central + 24 + i] = static_cast<char>(i == 3 ? 0x3F : 0xFF);
  EXPECT_EQ(refusal_of(bytes), "\"a.npz\" holds a damaged \"counts.npy\"");
}

}  // namespace
}  // namespace plimsoll::support
