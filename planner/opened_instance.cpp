#include "planner/opened_instance.hpp"

#include <utility>

#include "plimsoll/error.hpp"

namespace plimsoll {

const common::ProblemKind& kind_of(const support::Json& instance) {
  if (instance.object() == nullptr) {
    throw Error(ErrorCode::input, "expected an instance, a JSON object, but found " + instance.shown());
  }
  if (instance.find("certificate") != nullptr) {
    throw Error(ErrorCode::input, "this is a plan, but an instance is expected", {},
                "Maybe the order is wrong: the instance comes first.");
  }
  const support::Json* problem = instance.find("problem");
  if (problem == nullptr || problem->string() == nullptr) {
    std::string known;
    for (const auto& kind : problems()) known += (known.empty() ? "\"" : ", \"") + std::string(kind.name) + "\"";
    throw Error(ErrorCode::input,
                "expected one of " + known + (problem == nullptr ? ", but it is missing" : ", not " + problem->shown()),
                "/problem");
  }
  return find_problem(*problem->string());
}

OpenedInstance open_instance(common::Document document) {
  OpenedInstance opened;
  opened.document = std::move(document);
  opened.kind = &kind_of(opened.document.json);
  opened.instance = opened.kind->load(opened.document);
  opened.sha256 = common::identity(opened.document);  // after loading: attached files belong to it
  return opened;
}

}  // namespace plimsoll
