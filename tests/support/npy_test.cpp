#include "support/npy.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>

namespace plimsoll::support {
namespace {

namespace fs = std::filesystem;

template <class T>
std::string npy(const std::string& type, const std::string& shape, const std::vector<T>& values, int version = 1,
                const std::string& order = "False") {
  const std::string header = "{'descr': '" + type + "', 'fortran_order': " + order + ", 'shape': " + shape + ", }\n";
  std::string bytes = std::string("\x93NUMPY") + static_cast<char>(version) + '\0';
  const std::size_t length_bytes = version == 1 ? 2 : 4;
  for (std::size_t i = 0; i < length_bytes; ++i) bytes += static_cast<char>(header.size() >> (8 * i));
  bytes += header;
  if (!values.empty()) bytes.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
  return bytes;
}

std::string refusal(const std::string& bytes) {
  try {
    static_cast<void>(NpyArray::parse(bytes, "a.npy", "/load"));
  } catch (const Error& error) {
    EXPECT_EQ(error.pointer(), "/load");
    EXPECT_EQ(error.code(), ErrorCode::input);
    return error.what();
  }
  return "";
}

template <class T>
void expect_values(const std::string& type) {
  const std::vector<T> values = {std::numeric_limits<T>::min(), T{0}, T{7}, std::numeric_limits<T>::max()};
  for (const int version : {1, 2, 3}) {
    const std::string bytes = npy(type, "(2, 2)", values, version);
    const NpyArray array = NpyArray::parse(bytes, "a.npy", "");
    EXPECT_EQ(array.shape(), (std::vector<std::size_t>{2, 2}));
    ASSERT_EQ(array.size(), 4U);
    for (std::size_t i = 0; i < 4; ++i) {
      EXPECT_EQ(array.number(i), static_cast<double>(values[i])) << type;
      if (type == "<u8" || type[1] == 'f') continue;
      EXPECT_EQ(array.integer(i), static_cast<std::int64_t>(values[i])) << type;
    }
    EXPECT_EQ(array.integer(2), 7);
  }
}

TEST(Npy, EveryType) {
  expect_values<float>("<f4");
  expect_values<double>("<f8");
  expect_values<std::int8_t>("|i1");
  expect_values<std::int16_t>("<i2");
  expect_values<std::int32_t>("<i4");
  expect_values<std::int64_t>("<i8");
  expect_values<std::uint8_t>("|u1");
  expect_values<std::uint16_t>("<u2");
  expect_values<std::uint32_t>("<u4");
  expect_values<std::uint64_t>("<u8");
}

TEST(Npy, IntegersAreNeverRounded) {
  const std::string floats = npy<double>("<f8", "(4,)", {1.5, 1e300, std::numeric_limits<double>::quiet_NaN(), -0.0});
  const NpyArray array = NpyArray::parse(floats, "a.npy", "");
  EXPECT_FALSE(array.integer(0).has_value());
  EXPECT_FALSE(array.integer(1).has_value());
  EXPECT_FALSE(array.integer(2).has_value());
  EXPECT_EQ(array.integer(3), 0);
  const std::string large = npy<std::uint64_t>("<u8", "(1,)", {std::numeric_limits<std::uint64_t>::max()});
  EXPECT_FALSE(NpyArray::parse(large, "a.npy", "").integer(0).has_value());
}

TEST(Npy, AnyRank) {
  EXPECT_EQ(NpyArray::parse(npy<double>("<f8", "()", {3}), "", "").size(), 1U);
  EXPECT_EQ(NpyArray::parse(npy<double>("<f8", "(0, 5)", {}), "", "").size(), 0U);
  EXPECT_EQ(NpyArray::parse(npy<double>("<f8", "(1, 2, 1, 2)", {1, 2, 3, 4}), "", "").shape_text(), "(1, 2, 1, 2)");
}

TEST(Npy, HeadersAreNotBelieved) {
  EXPECT_EQ(refusal(npy<double>("<f8", "(4611686018427387904, 4)", {1})),
            "\"a.npy\" is too short for its shape (4611686018427387904, 4)");
  EXPECT_EQ(refusal(npy<double>("<f8", "(2,)", {1})), "\"a.npy\" is too short for its shape (2)");
  EXPECT_EQ(refusal(npy<double>("<f8", "(1,)", {1, 2})), "\"a.npy\" holds 16 bytes of values, its shape (1) needs 8");
  EXPECT_EQ(refusal(npy<double>("<f8", "(99999999999999999999999,)", {1})), "\"a.npy\" has a broken header");
  EXPECT_EQ(refusal(npy<double>("<f8", "(-1,)", {1})), "\"a.npy\" has a broken header");
  EXPECT_EQ(refusal(npy<double>("<f8", "(1,), 'shape': (1,)", {1})), "\"a.npy\" has a broken header");
  EXPECT_NE(refusal(npy<double>("<f8", "(1,)", {1}, 1, "True")).find("Fortran"), std::string::npos);
  EXPECT_NE(refusal(npy<double>(">f8", "(1,)", {1})).find("big-endian"), std::string::npos);
  for (const char* type : {"|b1", "<f2", "<c8", "|O", "<U3", "", "<i3", "|S8"}) {
    EXPECT_NE(refusal(npy<double>(type, "(1,)", {1})).find("holds values of type"), std::string::npos) << type;
  }
}

TEST(Npy, EveryTruncationIsRefused) {
  for (const int version : {1, 2}) {
    const std::string whole = npy<double>("<f8", "(2, 2)", {1, 2, 3, 4}, version);
    for (std::size_t length = 0; length < whole.size(); ++length)
      EXPECT_NE(refusal(whole.substr(0, length)), "") << length;
    EXPECT_NE(refusal(whole + "x"), "");
  }
}

class AttachmentTest : public ::testing::Test {
 protected:
  void SetUp() override {
    root_ = fs::temp_directory_path() / ("plimsoll-npy-" + std::to_string(::getpid()));
    attachments_.folder = root_ / "inside";
    fs::create_directories(attachments_.folder / "deep");
    write(root_ / "outside.npy");
    write(attachments_.folder / "a.npy");
    write(attachments_.folder / "deep" / "b.npy");
    fs::create_symlink(root_ / "outside.npy", attachments_.folder / "leaves.npy");
    fs::create_symlink(root_, attachments_.folder / "up");
    fs::create_symlink("deep/b.npy", attachments_.folder / "stays.npy");
  }
  void TearDown() override { fs::remove_all(root_); }

  static void write(const fs::path& path) {
    std::ofstream(path, std::ios::binary) << npy<double>("<f8", "(2,)", {1, 2});
  }
  [[nodiscard]] bool reads(const std::string& name) {
    const Json json(Json::Object{{"npy", Json(name)}});
    try {
      return Reader(json, "/a", &attachments_).numbers(2, 0, 9) == std::vector<double>{1, 2};
    } catch (const Error& error) {
      EXPECT_EQ(error.pointer(), "/a");
      return false;
    }
  }

  fs::path root_;
  Attachments attachments_;
};

TEST_F(AttachmentTest, OnlyFilesInsideTheFolder) {
  EXPECT_TRUE(reads("a.npy"));
  EXPECT_TRUE(reads("./deep/./b.npy"));
  EXPECT_TRUE(reads("stays.npy"));
  EXPECT_EQ(attachments_.contents.size(), 3U);
  EXPECT_FALSE(reads("leaves.npy"));
  EXPECT_FALSE(reads("up/outside.npy"));
  EXPECT_FALSE(reads("../outside.npy"));
  EXPECT_FALSE(reads("deep/../a.npy"));
  EXPECT_FALSE(reads((attachments_.folder / "a.npy").string()));
  EXPECT_FALSE(reads("deep"));
  EXPECT_FALSE(reads(""));
  EXPECT_FALSE(reads("nowhere.npy"));
  EXPECT_FALSE(reads(std::string("a.npy\0b", 7)));
  EXPECT_FALSE(reads(std::string(10000, 'a')));
  EXPECT_EQ(attachments_.contents.size(), 3U);
}

TEST_F(AttachmentTest, LengthIsReadFromEither) {
  const Json file(Json::Object{{"npy", Json(std::string("a.npy"))}});
  EXPECT_EQ(array_length(Reader(file, "", &attachments_)), 2U);
  EXPECT_EQ(array_length(Reader(parse("[1, 2, 3]"))), 3U);
  EXPECT_TRUE(attachments_.contents.empty());
  EXPECT_THROW(array_length(Reader(file)), Error);  // a plan has no folder
}

}  // namespace
}  // namespace plimsoll::support
