#include "support/file.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "plimsoll/error.hpp"

namespace plimsoll::support {
namespace {

namespace fs = std::filesystem;

class FileTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto* info = ::testing::UnitTest::GetInstance()->current_test_info();
    folder_ =
        fs::temp_directory_path() / ("plimsoll-file-" + std::string(info->name()) + "-" + std::to_string(::getpid()));
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  [[nodiscard]] std::string path(const std::string& name) const { return (folder_ / name).string(); }
  [[nodiscard]] std::size_t entries() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()));
  }

  fs::path folder_;
};

template <class Action>
void expect_file_error(const Action& action, const std::string& path, const std::string& reason) {
  try {
    action();
    ADD_FAILURE() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::file);
    EXPECT_NE(std::string(error.what()).find(path), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.what()).find(reason), std::string::npos) << error.what();
  }
}

TEST_F(FileTest, WhatIsWrittenIsRead) {
  const std::string text("a\0b\r\n\xff", 6);
  write_file_whole(path("a.json"), text);
  EXPECT_EQ(read_file(path("a.json")), text);
  write_file_whole(path("a.json"), "");
  EXPECT_EQ(read_file(path("a.json")), "");
  const std::string large(300000, 'x');
  write_file_whole(path("a.json"), large);
  EXPECT_EQ(read_file(path("a.json")), large);
  EXPECT_EQ(entries(), 1U);  // no temporary file is left
}

TEST_F(FileTest, KeepsTheModeOfTheFile) {
  write_file_whole(path("a"), "1");
  fs::permissions(path("a"), fs::perms::owner_read | fs::perms::owner_write | fs::perms::group_read);
  write_file_whole(path("a"), "2");
  EXPECT_EQ(fs::status(path("a")).permissions(),
            fs::perms::owner_read | fs::perms::owner_write | fs::perms::group_read);
}

TEST_F(FileTest, WritesThroughALink) {
  write_file_whole(path("target"), "1");
  fs::create_symlink("target", path("link"));
  write_file_whole(path("link"), "2");
  EXPECT_TRUE(fs::is_symlink(path("link")));
  EXPECT_EQ(read_file(path("target")), "2");
}

TEST_F(FileTest, WritesToWhatIsNoRegularFile) {
  write_file_whole("/dev/null", "gone");
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
  EXPECT_EQ(read_file("/dev/null"), "");
}

TEST_F(FileTest, FailuresNameThePathAndTheReason) {
  expect_file_error([&] { read_file(path("nowhere")); }, path("nowhere"), "No such file");
  expect_file_error([&] { read_file(folder_.string()); }, folder_.string(), "Is a directory");
  expect_file_error([&] { write_file_whole(path("no/folder"), "x"); }, path("no/folder"), "No such file");
  expect_file_error([&] { write_file_whole(folder_.string(), "x"); }, folder_.string(), "Is a directory");
  expect_file_error([&] { write_file_whole("", "x"); }, "", "No such file");
  EXPECT_EQ(entries(), 0U);
}

TEST_F(FileTest, AFailedWriteLeavesTheOldFileAndNothingElse) {
  // A full device is no regular file and is written directly; a folder without write permission takes no temporary.
  if (fs::exists("/dev/full")) {
    expect_file_error([] { write_file_whole("/dev/full", "x"); }, "/dev/full", "No space left");
  }
  write_file_whole(path("a"), "old");
  fs::permissions(folder_, fs::perms::owner_read | fs::perms::owner_exec);
  if (::geteuid() != 0) {  // root may write anywhere
    expect_file_error([&] { write_file_whole(path("a"), "new"); }, path("a"), "Permission denied");
  }
  fs::permissions(folder_, fs::perms::owner_all);
  EXPECT_EQ(entries(), 1U);
}

}  // namespace
}  // namespace plimsoll::support
