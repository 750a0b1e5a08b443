/* SPDX-License-Identifier: BSD-2-Clause */
/* The operations of the login protocol: one table of name, number, who may call it, handler. */
#ifndef OPERATIONS_H
#define OPERATIONS_H

#include <stddef.h>
#include <stdint.h>

#include "service/call.h"
#include "service/exchange.h"

enum operation_caller {
	OPERATION_ANYONE,
	OPERATION_WEB,      /* the self-service page, and nobody else */
	OPERATION_OWN_NAME, /* root about everyone, others about the name that their uid has */
};

struct operation {
	uint8_t number;
	const char *name; /* the audit line's phase */
	enum operation_caller caller;
	void (*handle)(struct exchange *exchange); /* sets the answer */
};

extern const struct operation operations[];
extern const size_t operation_count;

/* The login protocol for the server. */
extern const struct call_protocol operations_protocol;

#endif
