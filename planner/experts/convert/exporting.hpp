// Plans in other people's formats: the writers, one per format, and what the targets cannot take.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "plimsoll/experts.hpp"

namespace plimsoll::experts {

enum class Duplicates { allowed, forbidden };  // an expert twice on a device

// Throws Error(unsupported), naming the target, the place and a way out, unless every device is alive, has the same
// number of slots, and holds an expert in each of them.
void require_even_slots(const ExpertInstance& instance, const ExpertPlan& plan, std::string_view target,
                        Duplicates duplicates);

std::string write_vllm_ascend(const ExpertInstance& instance, const ExpertPlan& plan);
// `layers` are the numbers of the instance's layers in the model, ascending.
std::string write_trtllm(const ExpertInstance& instance, const ExpertPlan& plan,
                         const std::vector<std::int64_t>& layers);
std::string write_sglang(const ExpertInstance& instance, const ExpertPlan& plan,
                         const std::vector<std::int64_t>& layers);
// A row per slot: layer, slot, device, expert, share.
std::string write_csv(const ExpertInstance& instance, const ExpertPlan& plan, const std::vector<std::int64_t>& layers);

}  // namespace plimsoll::experts
