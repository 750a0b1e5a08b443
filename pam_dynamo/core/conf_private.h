/* SPDX-License-Identifier: BSD-2-Clause */
/* Shared by the files of conf.c and by nothing else. */
#ifndef CONF_PRIVATE_H
#define CONF_PRIVATE_H

#include "core/conf.h"

#define CONF_FILE_MAX (256u * 1024) /* bytes */
#define CONF_WHY_SIZE 256           /* holds every text of what is wrong with a value */

conf_rule_fn conf_rule_path;
conf_rule_fn conf_rule_path_or_empty;
conf_rule_fn conf_rule_socket;
conf_rule_fn conf_rule_socket_or_empty;
conf_rule_fn conf_rule_region;   /* may be empty */
conf_rule_fn conf_rule_endpoint; /* may be empty */
conf_rule_fn conf_rule_url;
conf_rule_fn conf_rule_url_or_empty;
conf_rule_fn conf_rule_table;
conf_rule_fn conf_rule_profile;
conf_rule_fn conf_rule_host; /* may be empty */
conf_rule_fn conf_rule_group;
conf_rule_fn conf_rule_user; /* a name of the local passwd file */
conf_rule_fn conf_rule_home;
conf_rule_fn conf_rule_shell;

const struct conf_key *conf_find(const char *section, const char *name); /* NULL: unknown */
bool conf_section_known(const char *section, size_t len);

/* Sets one value from text. `more`: a list grows instead of being replaced. PD_INVALID: why says
 * what is wrong; conf is unchanged. PD_NO_MEMORY. */
enum pd_error conf_set(const struct conf_key *key, const char *text, bool more, struct conf *conf,
    char why[CONF_WHY_SIZE]);

/* The rules between keys. NULL: good; else what is wrong, and *key is where. */
const char *conf_check(const struct conf *conf, const struct conf_key **key);

#endif
