// exp(x) = 2^n * exp(r), n = round(x / ln 2), |r| <= ln 2 / 2, exp(r) = 1 + r + r^2 * (c0 + c1 r + .. + c5 r^5): the
// coefficients of Cephes' expf (Moshier), relative error below 2^-22 in exact arithmetic.
#pragma once

namespace plimsoll::executor {

inline constexpr float exp_log2e = 1.44269504088896341F;
inline constexpr float exp_ln2_high = 0.693359375F;  // few bits: n * this is exact
inline constexpr float exp_ln2_low = -2.12194440e-4F;
inline constexpr float exp_c0 = 5.0000001201e-1F;
inline constexpr float exp_c1 = 1.6666665459e-1F;
inline constexpr float exp_c2 = 4.1665795894e-2F;
inline constexpr float exp_c3 = 8.3334519073e-3F;
inline constexpr float exp_c4 = 1.3981999507e-3F;
inline constexpr float exp_c5 = 1.9875691500e-4F;
// 2^r = 1 + c1 r + .. + c5 r^5 for |r| <= 1/2, fitted for the least relative error, 2^-23.4.
inline constexpr float exp2_c1 = 6.9314697761e-1F;
inline constexpr float exp2_c2 = 2.4022242086e-1F;
inline constexpr float exp2_c3 = 5.5507336920e-2F;
inline constexpr float exp2_c4 = 9.6715125276e-3F;
inline constexpr float exp2_c5 = 1.3264745868e-3F;
// 1.5 * 2^23 + 127: a sum with it has no bits below 1, and the biased exponent of 2^n in its last ones.
inline constexpr float exp2_rounding = 12583039.0F;
inline constexpr float exp_lowest = -87.3365448F;  // ln of the smallest normal number
inline constexpr float exp_highest = 88.0F;

}  // namespace plimsoll::executor
