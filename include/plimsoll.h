/* For programs that write #include <plimsoll.h>. */
#include "plimsoll/plimsoll.h"
