/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/strlist.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

void
strlist_free(struct strlist *list)
{
	if (list == NULL)
		return;
	for (size_t i = 0; i < list->len; i++)
		free(list->items[i]);
	free(list->items);
	*list = (struct strlist){0};
}

bool
strlist_add_bytes(struct strlist *list, const char *data, size_t len)
{
	char *text = NULL;
	char **items;

	if (len == SIZE_MAX || list->len >= SIZE_MAX / sizeof(char *) - 1)
		return false;
	text = malloc(len + 1);
	if (text == NULL)
		return false;
	if (len > 0)
		memcpy(text, data, len);
	text[len] = '\0';
	items = realloc(list->items, (list->len + 1) * sizeof(char *));
	if (items == NULL) {
		free(text);
		return false;
	}
	list->items = items;
	list->items[list->len++] = text;
	return true;
}

bool
strlist_add(struct strlist *list, const char *text)
{
	return strlist_add_bytes(list, text, strlen(text));
}

bool
strlist_remove(struct strlist *list, const char *text)
{
	for (size_t i = 0; i < list->len; i++) {
		if (strcmp(list->items[i], text) != 0)
			continue;
		free(list->items[i]);
		list->len--;
		memmove(list->items + i, list->items + i + 1, (list->len - i) * sizeof(char *));
		if (list->len == 0)
			strlist_free(list);
		return true;
	}
	return false;
}

static size_t
count_of(const struct strlist *list, const char *text)
{
	size_t count = 0;

	for (size_t i = 0; i < list->len; i++)
		count += strcmp(list->items[i], text) == 0;
	return count;
}

bool
strlist_has(const struct strlist *list, const char *text)
{
	return count_of(list, text) > 0;
}

bool
strlist_copy(struct strlist *out, const struct strlist *from)
{
	*out = (struct strlist){0};
	for (size_t i = 0; i < from->len; i++) {
		if (!strlist_add(out, from->items[i])) {
			strlist_free(out);
			return false;
		}
	}
	return true;
}

bool
strlist_equal(const struct strlist *a, const struct strlist *b)
{
	if (a->len != b->len)
		return false;
	for (size_t i = 0; i < a->len; i++) {
		if (strcmp(a->items[i], b->items[i]) != 0)
			return false;
	}
	return true;
}

bool
strlist_equal_set(const struct strlist *a, const struct strlist *b)
{
	if (a->len != b->len)
		return false;
	for (size_t i = 0; i < a->len; i++) {
		if (count_of(a, a->items[i]) != count_of(b, a->items[i]))
			return false;
	}
	return true;
}

bool
strlist_split(struct strlist *out, const char *text)
{
	static const char separators[] = " \t,";

	text += strspn(text, separators);
	while (*text != '\0') {
		size_t len = strcspn(text, separators);

		if (!strlist_add_bytes(out, text, len)) {
			strlist_free(out);
			return false;
		}
		text += len;
		text += strspn(text, separators);
	}
	return true;
}
