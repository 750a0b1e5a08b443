/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/pd_error.h"

#include <stddef.h>

static const char *const texts[PD_ERROR_COUNT] = {
    [PD_OK] = "ok",
    [PD_NOT_FOUND] = "not found",
    [PD_CONFLICT] = "conflict",
    [PD_INVALID] = "invalid input",
    [PD_CONFIG] = "configuration error",
    [PD_UNAVAILABLE] = "unavailable",
    [PD_UNCERTAIN] = "write of unknown fate",
    [PD_CORRUPT] = "corrupt data",
    [PD_NO_MEMORY] = "out of memory",
    [PD_BUG] = "internal error",
};

const char *
pd_error_text(enum pd_error error)
{
	if ((size_t)error >= PD_ERROR_COUNT)
		return "unknown error";
	return texts[error];
}
