/* SPDX-License-Identifier: BSD-2-Clause */
/* Configuration files: whatever is taken is inside the table's bounds, whatever is refused says why
 * and leaves nothing behind. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/conf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool good)
{
	if (!good)
		abort();
}

static void
check_value(const struct conf *conf, const struct conf_key *key)
{
	const void *value = (const char *)conf + key->offset;
	const struct strlist *list = value;
	bool known = false;

	switch (key->type) {
	case CONF_STRING:
		must(key->rule(*(char *const *)value) == NULL);
		break;
	case CONF_NUMBER:
		must(*(const int64_t *)value >= key->min && *(const int64_t *)value <= key->max);
		break;
	case CONF_BOOL:
		must(*(const unsigned char *)value <= 1);
		break;
	case CONF_ENUM:
		for (size_t i = 0; key->words[i].word != NULL; i++)
			known = known || *(const int *)value == key->words[i].value;
		must(known);
		break;
	case CONF_LIST:
		for (size_t i = 0; i < list->len; i++)
			must(key->rule(list->items[i]) == NULL);
		break;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct conf zero;
	struct conf conf;
	char reason[LOG_LINE_MAX];
	enum pd_error error = conf_parse(
	    "FILE", (const char *)data, size, NULL, reason, sizeof(reason), &conf);

	if (error == PD_OK) {
		for (size_t i = 0; i < conf_key_count; i++)
			check_value(&conf, &conf_keys[i]);
		conf_free(&conf);
	} else {
		must(error == PD_CONFIG);
		must(strncmp(reason, "FILE:", 5) == 0 && strchr(reason, ';') != NULL);
		must(strchr(reason, '\n') == NULL);
	}
	must(memcmp(&conf, &zero, sizeof(conf)) == 0);
	return 0;
}
