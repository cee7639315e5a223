// The products behind the tables of panel_kernels.hpp, where they have a file of their own.
#pragma once

namespace plimsoll::executor {

struct PanelProduct;

void multiply_avx2_f32(const PanelProduct& product);
void multiply_avx2_bf16(const PanelProduct& product);
void multiply_avx512_f32(const PanelProduct& product);
void multiply_avx512_bf16(const PanelProduct& product);

}  // namespace plimsoll::executor
