/* SPDX-License-Identifier: BSD-2-Clause */
/* The digests of one user's sessions, oldest first, in one state item: sessions#alice. */
#ifndef WEB_SESSION_LIST_H
#define WEB_SESSION_LIST_H

#include "core/store.h"

/* As it is stored; an empty one, version 0, where there is none. Free with state_free. */
enum pd_error web_session_list_get(
    struct store *store, struct store_call *call, const char *name, int64_t now, struct state *out);

struct web_session_list_change {
	const char *add;    /* a digest; the oldest make room for it; NULL: none */
	const char *remove; /* NULL: none */
	const char *keep;   /* nothing else stays; NULL: all do, "": nothing does */
};

/* *removed, empty before, are the digests that are in the list no more; the caller frees it. */
enum pd_error web_session_list_change(struct store *store, struct store_call *call,
    const char *name, const struct web_session_list_change *change, int64_t now,
    struct strlist *removed);

#endif
