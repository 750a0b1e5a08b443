/* SPDX-License-Identifier: BSD-2-Clause */
#include "service/crowd.h"

static bool
has_room(const struct crowd *crowd, const struct connection *comer)
{
	const struct call_protocol *protocol = comer->protocol;
	const struct peer *peer = &comer->peer;
	size_t own = comer->trusted ? protocol->per_trusted : protocol->per_uid;
	const struct connection *connection;
	size_t same = 0, others = 0;

	if (peer->uid == 0)
		return crowd->count < CROWD_MAX;
	if (crowd->count >= CROWD_MAX - CROWD_ROOT)
		return false;
	for (connection = crowd->first; connection != NULL; connection = connection->next) {
		if (connection->protocol != protocol || connection->peer.uid == 0)
			continue;
		others++;
		if (connection->peer.uid == peer->uid || (connection->stranger && comer->stranger))
			same++;
	}
	return same < own && others < protocol->others;
}

bool
crowd_add(struct crowd *crowd, struct connection *connection)
{
	if (!has_room(crowd, connection))
		return false;
	connection->prev = NULL;
	connection->next = crowd->first;
	if (connection->next != NULL)
		connection->next->prev = connection;
	crowd->first = connection;
	crowd->count++;
	return true;
}

void
crowd_remove(struct crowd *crowd, struct connection *connection)
{
	if (connection->prev != NULL)
		connection->prev->next = connection->next;
	else
		crowd->first = connection->next;
	if (connection->next != NULL)
		connection->next->prev = connection->prev;
	crowd->count--;
}
