/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What can go wrong, one value per different reaction of the caller. The text of what happened is
 * logged where it is first known (log.h); the value only says what to do about it.
 */
#ifndef PD_ERROR_H
#define PD_ERROR_H

enum pd_error {
	PD_OK = 0,
	PD_NOT_FOUND,   /* the thing asked for does not exist */
	PD_CONFLICT,    /* a condition did not hold: taken, or changed by somebody else */
	PD_INVALID,     /* input breaks a rule: the caller's user must change it */
	PD_CONFIG,      /* configuration, credentials, permission: an administrator must act */
	PD_UNAVAILABLE, /* directory, network, deadline, throttling: later may succeed */
	PD_UNCERTAIN,   /* a write of unknown fate: re-read and compare */
	PD_CORRUPT,     /* stored or received data breaks its format */
	PD_NO_MEMORY,
	PD_BUG, /* cannot happen; refuse and log */
};

#define PD_ERROR_COUNT 10

/* A short constant lower-case phrase for messages, never NULL ("not found", ...). */
const char *pd_error_text(enum pd_error error);

#endif
