/* SPDX-License-Identifier: BSD-2-Clause */
/* One request of the login protocol with its answer: fields in, reply frame out. */
#ifndef EXCHANGE_H
#define EXCHANGE_H

#include <stdbool.h>

#include "core/login.h"
#include "ipc/frame.h"
#include "service/call.h"

#define EXCHANGE_TEXT_SIZE 256 /* names and labels with their NUL */
#define EXCHANGE_INFO_SIZE 128

struct web;

struct exchange {
	struct call *call;
	struct frame frame;
	char name[EXCHANGE_TEXT_SIZE]; /* "": none, or not a text */
	char service[EXCHANGE_TEXT_SIZE];
	char rhost[EXCHANGE_TEXT_SIZE];
	char tty[EXCHANGE_TEXT_SIZE];
	char ruser[EXCHANGE_TEXT_SIZE];
	struct web *web;              /* of the page's operations; else NULL */
	struct login_request request; /* points into this struct and the call's data */
	struct login_result result;
	bool asked_login;  /* result came from a login function: login_finish is due */
	bool trusted;      /* the peer is one of trusted_users */
	bool held;         /* above its rate, or a stranger's: its audit line may be held back */
	unsigned requests; /* sent to the store for the permission alone */
	bool has_ticket;
	unsigned char ticket[PROTOCOL_TICKET_LEN]; /* for the reply */
	char info[EXCHANGE_INFO_SIZE];
	int64_t latency_us;
};

/* Fills all but the answer. False: malformed, another version, or a field that breaks its bounds.
 * out is usable for exchange_reply either way, and its verdict denies. */
bool exchange_read(struct call *call, struct exchange *out);

void exchange_answer(struct exchange *exchange, enum verdict verdict, enum policy_reason reason);

/* Sends the reply, without waiting: it fits into the socket of a peer that sends one request. Root
 * peers get reason, cost and latency. False: the peer is gone. */
bool exchange_reply(struct exchange *exchange);

#endif
