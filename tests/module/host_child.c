/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/module/host_child.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/module/host_state.h"

void
host_child_unchanged(char *before)
{
	char *after = host_state();
	char *difference = host_state_difference(before, after);

	if (difference != NULL) {
		fprintf(stderr, "the host changed: %s\n", difference);
		_exit(HOST_CHILD_CHANGED);
	}
	free(before);
	free(after);
}

int
host_child_status(pid_t pid)
{
	int status = -1;

	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	return status;
}
