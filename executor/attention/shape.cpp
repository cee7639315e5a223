#include "executor/attention/shape.hpp"

#include <string>

#include "plimsoll/error.hpp"

namespace plimsoll::executor {
namespace {

// Panels have 16 columns; the integer dot products of index keys stay below 2^31 up to 256 numbers.
constexpr int size_step = 16;
constexpr int largest_size = 256;

void check_size(int size, const char* name) {
  if (size >= size_step && size <= largest_size && size % size_step == 0) return;
  throw Error(ErrorCode::input,
              std::string(name) + " is " + std::to_string(size) + "; it must be a multiple of " +
                  std::to_string(size_step) + " up to " + std::to_string(largest_size),
              std::string("/") + name);
}

}  // namespace

void check(const AttentionShape& shape) {
  if (shape.groups < 1 || shape.query_heads < 1 || shape.query_heads % shape.groups != 0) {
    throw Error(ErrorCode::input,
                std::to_string(shape.query_heads) + " query heads do not divide into " + std::to_string(shape.groups) +
                    " groups",
                "/query_heads");
  }
  check_size(shape.head_size, "head_size");
  if (shape.index_size != 0) check_size(shape.index_size, "index_size");
}

void check(const Selection& selection) {
  if (selection.blocks >= 1) return;
  throw Error(ErrorCode::input, "a query cannot attend to " + std::to_string(selection.blocks) + " blocks", "/blocks",
              "Maybe use dense attention.");
}

}  // namespace plimsoll::executor
