/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One bounded request over an AF_UNIX stream socket, for hosts that must not notice: libc only, no
 * thread, no signal (MSG_NOSIGNAL), no descriptor left or below 3, close-on-exec, poll(2) so that
 * descriptors above 1,023 work, EINTR restarts with the time that is left.
 */
#ifndef CLIENT_H
#define CLIENT_H

#include <stddef.h>
#include <stdint.h>

enum client_status {
	CLIENT_NO_SERVICE = 0, /* no socket, refused, closed early, deadline: errno says why */
	CLIENT_BAD_REPLY,      /* a reply that breaks the format */
	CLIENT_BAD_PATH,       /* not absolute or longer than sun_path */
	CLIENT_OK,
};

/* Sends one frame (of frame_end) and reads one whole reply frame into reply. *reply_len: its bytes
 * with the length word. timeout_ms covers everything. The caller wipes both buffers. */
enum client_status client_request(const char *socket_path, const void *request, size_t request_len,
    void *reply, size_t reply_size, size_t *reply_len, int timeout_ms);

/* The clock that timeouts run on. */
int64_t client_clock_ms(void);

#endif
