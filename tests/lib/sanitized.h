/* SPDX-License-Identifier: BSD-2-Clause */
/* Whether AddressSanitizer is built in: it brings an allocator that nothing can be put behind, and
 * an address space that cannot be limited. */
#ifndef SANITIZED_H
#define SANITIZED_H

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#define SANITIZED __has_feature(address_sanitizer)
#else
#define SANITIZED 0
#endif

#endif
