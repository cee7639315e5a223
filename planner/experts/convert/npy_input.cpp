#include "planner/experts/convert/npy_input.hpp"

#include "planner/experts/convert/foreign.hpp"
#include "plimsoll/error.hpp"
#include "support/json_text.hpp"
#include "support/text.hpp"
#include "support/zip.hpp"

namespace plimsoll::experts {
namespace {

constexpr std::string_view ending = ".npy";

std::string without_ending(const std::string& name) {
  return name.ends_with(ending) ? name.substr(0, name.size() - ending.size()) : name;
}

}  // namespace

std::string npy_bytes(std::string_view text, const ConvertOptions& options) {
  const std::optional<std::string> wanted = options.text("array");
  if (!support::is_zip(text)) {
    if (wanted) throw Error(ErrorCode::usage, "--array needs an archive (.npz), the file is none");
    return std::string(text);
  }
  const support::ZipArchive archive(text, "the file");
  std::vector<std::string> names;
  std::string list;
  for (const std::string& name : archive.names()) {
    names.push_back(without_ending(name));
    if (names.size() <= 10) list += (list.empty() ? "" : ", ") + support::in_quotes(names.back(), 30);
  }
  if (names.empty()) throw Error(ErrorCode::input, "the archive is empty");
  if (!wanted && names.size() == 1) return archive.read(0);
  for (std::size_t index = 0; wanted && index < names.size(); ++index) {
    if (names[index] == without_ending(*wanted)) return archive.read(index);
  }
  const std::string guess = wanted ? support::nearest(*wanted, names) : names.front();
  throw Error(
      wanted ? ErrorCode::input : ErrorCode::usage,
      (wanted ? "the archive has no array " + support::in_quotes(*wanted) + ", only " : "the archive holds ") + list,
      {}, guess.empty() ? "" : "Maybe add --array " + guess + ".");
}

Steps chosen_steps(const ConvertOptions& options, std::size_t count) {
  const Steps all{0, static_cast<std::int64_t>(count)};
  const Steps chosen = options.steps().value_or(all);
  if (chosen.last <= all.last) return chosen;
  throw Error(ErrorCode::input, "the file holds the steps 0 to " + std::to_string(all.last - 1) + ", step " +
                                    std::to_string(chosen.last - 1) + " was asked for");
}

double tokens_at(const support::NpyArray& array, std::size_t index) {
  const double tokens = array.number(index);
  if (tokens >= 0 && tokens <= most_foreign_tokens) return tokens;
  throw Error(ErrorCode::input, "expected a number of tokens from 0 to 1e15, got " + support::number_text(tokens) +
                                    " at " + place_in(array, index));
}

std::string place_in(const support::NpyArray& array, std::size_t index) {
  const std::vector<std::size_t>& shape = array.shape();
  std::string text;
  for (std::size_t axis = shape.size(); axis-- > 0;) {
    text.insert(0, "[" + std::to_string(index % shape[axis]) + "]");
    index /= shape[axis];
  }
  return text;
}

}  // namespace plimsoll::experts
