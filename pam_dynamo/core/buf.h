/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A growing byte buffer with a sticky error: add as often as you like, ask once at the end. The
 * data is always NUL-terminated (the NUL is not counted in len). Not for passwords: growth copies;
 * bodies that hold a password hash are freed with buf_wipe, and growth wipes what it leaves behind.
 */
#ifndef BUF_H
#define BUF_H

#include <stdbool.h>
#include <stddef.h>

struct buf {
	char *data; /* NULL while empty */
	size_t len;
	size_t size;
	size_t max;  /* refuses to grow beyond this many bytes; 0: BUF_MAX_DEFAULT */
	bool failed; /* out of memory or over max: every later add does nothing */
};

#define BUF_MAX_DEFAULT (16u * 1024 * 1024)

void buf_init(struct buf *buf, size_t max);
void buf_free(struct buf *buf);  /* wipes too; leaves an empty, usable buffer */
void buf_reset(struct buf *buf); /* len = 0, failed = false; keeps the memory */
void buf_add(struct buf *buf, const void *data, size_t len);
void buf_add_string(struct buf *buf, const char *text);
void buf_add_char(struct buf *buf, char c);
void buf_add_format(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The text so far, "" while empty: never NULL. Valid until the next call on buf. */
const char *buf_string(const struct buf *buf);

#endif
