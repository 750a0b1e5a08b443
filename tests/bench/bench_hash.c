/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The password hash alone, at the least cost there is: what the figures called "hash excluded"
 * still have of it, to be taken off. Between two hashes the program sleeps as long as a login
 * takes, so that its caches are as cold as a service's.
 *
 *   bench_hash ROUNDS PAUSE_US
 *
 * Prints one line of nanoseconds a round.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "core/password.h"
#include "core/secret.h"

int
main(int argc, char **argv)
{
	static const char password[] = "correct horse battery staple";
	const struct password_cost least = {.memory_kib = 8, .passes = 1};
	const struct password_bound bound = {.memory_kib = 8, .passes = 1};
	char hash[PASSWORD_HASH_SIZE];

	if (argc != 3 || !secret_init() ||
	    password_make(&least, password, strlen(password), hash) != PD_OK) {
		fprintf(stderr, "usage: bench_hash ROUNDS PAUSE_US\n");
		return 2;
	}
	for (long round = atol(argv[1]); round > 0; round--) {
		int64_t start;

		usleep((useconds_t)atol(argv[2]));
		start = clock_ns();
		if (password_verify(hash, &bound, password, strlen(password)) != PASSWORD_MATCH)
			return 1;
		printf("%lld\n", (long long)(clock_ns() - start));
	}
	return 0;
}
