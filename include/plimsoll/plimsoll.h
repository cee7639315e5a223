/* The C interface of Plimsoll (C11, C++). */
#ifndef PLIMSOLL_PLIMSOLL_H
#define PLIMSOLL_PLIMSOLL_H

#include <stdint.h>

#include "plimsoll/export.h"

#ifdef __cplusplus
extern "C" {
#endif

#define PLIMSOLL_ABI_VERSION 1u

/* The ABI of the library that is loaded; programs compare it with PLIMSOLL_ABI_VERSION. */
PLIMSOLL_API uint32_t plimsoll_abi_version(void);
/* "0.1.0"; lives as long as the library. */
PLIMSOLL_API const char* plimsoll_version(void);

#ifdef __cplusplus
}
#endif

#endif
