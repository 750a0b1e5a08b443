/* SPDX-License-Identifier: BSD-2-Clause */
/* Runs the suite over the engine that the arguments name (contract.h). Without arguments: memory.
 */
#include "contract.h"

#include <sys/stat.h>
#include <unistd.h>

#include "core/secret.h"
#include "tests/engines/engine_failing.h"
#include "tests/engines/engine_memory.h"

#define INIT_MS 60000

static const struct log log_errors = {.level = LOG_LEVEL_ERROR, .sink = log_to_stderr};

static const struct contract_group *const groups[] = {
    &contract_general,
    &contract_users,
    &contract_unique,
    &contract_companions,
    &contract_untransacted,
    &contract_list,
    &contract_state,
    &contract_failures,
    &contract_tokens,
    &contract_rates,
    &contract_sessions,
};

static const struct store_engine *
set_plain(const char *argument, const struct store_engine *engine)
{
	(void)argument;
	contract.transactions = true;
	return engine;
}

static const struct store_engine *
set_sqlite(const char *argument, const struct store_engine *engine)
{
	char path[1024];

	if (argument == NULL)
		return NULL;
	snprintf(path, sizeof(path), "%s/users.db", argument);
	contract_set(&contract.conf.path, path);
	contract.transactions = true;
	return engine;
}

/* Tables of this run alone, so that a server can stay up over several. */
static const struct store_engine *
set_dynamodb(const char *argument, const struct store_engine *engine)
{
	static const char without[] = ",no-transactions";
	char table[64];
	char *url;
	char *comma;

	if (argument == NULL || (url = strdup(argument)) == NULL)
		return NULL;
	comma = strstr(url, without);
	contract.transactions = comma == NULL;
	if (comma != NULL)
		*comma = '\0';
	contract_set(&contract.conf.endpoint, url);
	contract_set(&contract.conf.region, "us-east-1");
	contract_id(table, "contract_users_");
	contract_set(&contract.conf.users_table, table);
	contract_id(table, "contract_state_");
	contract_set(&contract.conf.state_table, table);
	contract.conf.credentials = CONF_CREDENTIALS_ENVIRONMENT;
	contract.conf.attempt_timeout_ms = 5000;
	setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE", 1);
	setenv("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI", 1);
	free(url);
	return engine;
}

static const struct {
	const char *name;
	const struct store_engine *engine;
	const struct store_engine *(*set)(const char *argument, const struct store_engine *engine);
} engines[] = {
    {"memory", &engine_memory, set_plain},
    {"failing", &engine_failing, set_plain},
    {"sqlite", &store_sqlite, set_sqlite},
    {"dynamodb", &store_dynamodb, set_dynamodb},
};

/* Whether the group is among those that the arguments name, or they name none. */
static bool
asked_for(const char *name, char **names)
{
	if (*names == NULL)
		return true;
	for (; *names != NULL; names++)
		if (strcmp(*names, name) == 0)
			return true;
	return false;
}

static int
run_groups(char **names)
{
	int failed = 0;

	for (size_t i = 0; i < COUNT_OF(groups); i++) {
		const struct contract_group *group = groups[i];

		if (!asked_for(group->name, names))
			continue;
		if ((group->transactions && !contract.transactions) ||
		    (group->no_transactions && contract.transactions))
			continue;
		failed += _cmocka_run_group_tests(
		    group->name, group->tests, group->count, NULL, NULL);
	}
	return failed;
}

int
main(int argc, char **argv)
{
	struct store_call call = {.deadline_ms = clock_monotonic_ms() + INIT_MS};
	const struct store_engine *engine = NULL;
	const char *name = argc > 1 ? argv[1] : "memory";
	int failed = 1;

	if (!secret_init() || conf_init(&contract.conf) != PD_OK)
		return 1;
	for (size_t i = 0; i < COUNT_OF(engines); i++)
		if (strcmp(engines[i].name, name) == 0)
			engine = engines[i].set(argc > 2 ? argv[2] : NULL, engines[i].engine);
	if (engine == NULL)
		fprintf(stderr,
		    "usage: test_store memory|failing|sqlite DIR|dynamodb URL[,no-transactions]"
		    " [GROUP...]\n");
	else if (store_open_engine(engine, &contract.conf, STORE_CALLER_COMMAND, &log_errors,
		     &contract.store) == PD_OK &&
	    store_init(contract.store, &call, NULL, NULL) == PD_OK)
		failed = run_groups(argc > 3 ? argv + 3 : argv + argc);
	store_close(contract.store);
	conf_free(&contract.conf);
	return failed == 0 ? 0 : 1;
}
