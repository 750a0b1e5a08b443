/* SPDX-License-Identifier: BSD-2-Clause */
/* The store kept in memory, for tests only: each open starts empty, the connections of one store
 * share it. Nothing needs initialising. */
#ifndef ENGINE_MEMORY_H
#define ENGINE_MEMORY_H

#include "core/store_engine.h"

extern const struct store_engine engine_memory;

#endif
