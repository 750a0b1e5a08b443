/* SPDX-License-Identifier: BSD-2-Clause */
/* What the server's workers do. */
#include <pthread.h>
#include <stddef.h>
#include <sys/eventfd.h>

#include "service/generation.h"
#include "service/server_private.h"

struct connection *
server_job_connection(struct job *job)
{
	return (struct connection *)((char *)job - offsetof(struct connection, job));
}

/* To the I/O thread, which is woken only for what it must do now: a connection that is closed can
 * wait until something else wakes it. */
static void
give_back(struct server *server, struct connection *connection)
{
	bool wake;

	pthread_mutex_lock(&server->done_mutex);
	wake = connection->keep || server->draining;
	connection->next_done = server->done_list;
	server->done_list = connection;
	pthread_mutex_unlock(&server->done_mutex);
	if (wake)
		(void)eventfd_write(server->done.fd, 1);
}

void
server_serve(struct server *server, struct job *job)
{
	struct connection *connection = server_job_connection(job);
	struct generation *generation = connection->generation;
	struct call call = {.service = server->service,
	    .generation = generation,
	    .peer = connection->peer,
	    .data = connection->data,
	    .len = connection->message_len,
	    .received_us = connection->received_us,
	    .deadline_ms = connection->deadline_ms,
	    .write = connection_write,
	    .write_ctx = connection};

	connection->keep = connection->protocol->handle(&call);
	connection_next(connection);
	connection->generation = NULL;
	if (!connection->keep)
		connection_close(connection);
	give_back(server, connection);
	generation_drop(generation);
}

void
server_work(void *ctx, void *item)
{
	struct job *job = item;

	job->run(ctx, job);
}

static void
free_retired(struct server *server, struct job *job)
{
	(void)server;
	generation_free((struct generation *)((char *)job - offsetof(struct generation, job)));
}

static void
push_retired(struct server *server, struct generation *generation)
{
	generation->job.run = free_retired;
	if (queue_push(server->queue, QUEUE_OTHER, &generation->job, INT64_MAX))
		return;
	generation->next = server->retired;
	server->retired = generation;
}

void
server_retire(struct server *server, struct generation *generation)
{
	if (generation != NULL && generation_leave(generation))
		push_retired(server, generation);
}

void
server_retire_rest(struct server *server)
{
	struct generation *generation = server->retired, *next;

	server->retired = NULL;
	for (; generation != NULL; generation = next) {
		next = generation->next;
		push_retired(server, generation);
	}
}
