#include "c/instance.hpp"

#include <filesystem>
#include <string_view>

#include "c/call.hpp"
#include "c/text.hpp"
#include "support/file.hpp"

using plimsoll::c::call;
using plimsoll::c::expect;
using plimsoll::c::make;

namespace plimsoll::c {

plimsoll_instance* make_instance(const std::string& text, const std::string& folder) {
  return new plimsoll_instance{InstanceDocument(text, folder)};
}

}  // namespace plimsoll::c

extern "C" plimsoll_instance* plimsoll_instance_from_json(const char* text, uint64_t bytes, const char* folder,
                                                          plimsoll_error* error) {
  return make(error, [&] {
    expect(text, "plimsoll_instance_from_json: text");
    return plimsoll::c::make_instance(std::string(text, bytes), folder == nullptr ? "." : folder);
  });
}

extern "C" plimsoll_instance* plimsoll_instance_from_file(const char* path, plimsoll_error* error) {
  return make(error, [&] {
    expect(path, "plimsoll_instance_from_file: path");
    return plimsoll::c::make_instance(plimsoll::support::read_file(path),
                                      std::filesystem::path(path).parent_path().string());
  });
}

extern "C" int32_t plimsoll_instance_kind(const plimsoll_instance* instance) {
  if (instance == nullptr) return -1;
  // The order of InstanceDocument::Instance is that of PLIMSOLL_KIND_...
  return static_cast<int32_t>(instance->document.instance().index());
}

extern "C" int32_t plimsoll_instance_json(const plimsoll_instance* instance, char* text, uint64_t bytes,
                                          uint64_t* needed, plimsoll_error* error) {
  return call(error, [&] {
    expect(instance, "plimsoll_instance_json: instance");
    plimsoll::c::give_text(instance->document.text(), text, bytes, needed);
  });
}

extern "C" void plimsoll_instance_free(plimsoll_instance* instance) { delete instance; }
