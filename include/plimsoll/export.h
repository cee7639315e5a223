/* Marks what the shared library exports. Everything else in it is hidden. */
#ifndef PLIMSOLL_EXPORT_H
#define PLIMSOLL_EXPORT_H

#if defined(__GNUC__)
#define PLIMSOLL_API __attribute__((visibility("default")))
#else
#define PLIMSOLL_API
#endif

#endif
