#include "solvers/mip/glpk_environment.hpp"

#include <glpk.h>

#include <exception>
#include <string>
#include <system_error>
#include <thread>

#include "plimsoll/error.hpp"

namespace plimsoll::solvers::mip {

namespace {

// What GLPK last wanted to print. Returning 1 keeps it from the terminal; errors are printed even with output off.
int keep_text(void* info, const char* text) {
  auto& kept = *static_cast<std::string*>(info);
  if (kept.size() > 2000) kept.clear();
  kept += text;
  return 1;
}

// GLPK aborts when this returns, so it must not; unwinding its frames is allowed if the environment is freed next.
void raise_fault(void* info) {
  std::string text = *static_cast<std::string*>(info);
  while (!text.empty() && text.back() == '\n') text.pop_back();
  for (char& character : text) {
    if (character == '\n') character = ' ';
  }
  const bool memory = text.find("no memory available") != std::string::npos;
  throw Error(memory ? ErrorCode::memory : ErrorCode::internal, "GLPK broke down: " + text);
}

}  // namespace

void in_glpk_environment(const std::function<void()>& task) {
  std::exception_ptr thrown;
  const auto work = [&] {
    std::string printed;
    try {
      glp_init_env();
      glp_term_hook(keep_text, &printed);
      glp_error_hook(raise_fault, &printed);
      task();
    } catch (...) {
      thrown = std::current_exception();
    }
    glp_error_hook(nullptr, nullptr);
    glp_term_hook(nullptr, nullptr);
    glp_free_env();
  };
  try {
    std::thread(work).join();
  } catch (const std::system_error& error) {
    throw Error(ErrorCode::internal, std::string("no thread for GLPK: ") + error.what());
  }
  if (thrown) std::rethrow_exception(thrown);
}

}  // namespace plimsoll::solvers::mip
