/* SPDX-License-Identifier: BSD-2-Clause */
/* What every unit test of the page includes. */
#ifndef WEB_UNIT_H
#define WEB_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

#endif
