/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/dynamodb_clock.h"

int64_t
dynamodb_clock_offset(const struct dynamodb_clock *clock, int64_t now_s, int64_t monotonic_ms)
{
	int64_t moved = now_s - monotonic_ms / 1000 - clock->base_s;

	if (moved > DYNAMODB_CLOCK_JUMP_S || moved < -DYNAMODB_CLOCK_JUMP_S)
		return 0;
	return clock->offset_s;
}

void
dynamodb_clock_learn(
    struct dynamodb_clock *clock, int64_t server_s, int64_t now_s, int64_t monotonic_ms)
{
	int64_t known = dynamodb_clock_offset(clock, now_s, monotonic_ms);
	int64_t offset = server_s - now_s;

	clock->base_s = now_s - monotonic_ms / 1000;
	clock->offset_s = offset > known + 1 || offset < known - 1 ? offset : known;
}
