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
conf_rule_fn conf_rule_web_user; /* one that is not root, or empty */
conf_rule_fn conf_rule_domain;
conf_rule_fn conf_rule_label;
conf_rule_fn conf_rule_pattern;          /* may be empty */
extern const char conf_rule_no_memory[]; /* what a rule answers that had none */
conf_rule_fn conf_rule_shell;
conf_rule_fn conf_rule_attribute; /* of a DynamoDB item */
conf_rule_fn conf_rule_attribute_or_empty;
conf_rule_fn conf_rule_attribute_or_not; /* may begin with '!' */
conf_rule_fn conf_rule_key_value;        /* may be empty */
conf_rule_fn conf_rule_status;           /* may be empty */
conf_rule_fn conf_rule_sender;           /* may be empty */
conf_rule_fn conf_rule_place;            /* an element of hosts */

const struct conf_key *conf_find(const char *section, const char *name); /* NULL: unknown */
bool conf_section_known(const char *section, size_t len);

/* Sets one value from text in what the key's offset is about: a struct conf, or a struct
 * conf_field. `more`: a list grows instead of being replaced. PD_INVALID: why says what is wrong;
 * the record is unchanged. PD_NO_MEMORY. */
enum pd_error conf_set(
    const struct conf_key *key, const char *text, bool more, void *record, char why[CONF_WHY_SIZE]);

/* All defaults of one table of keys over a zeroed record, and the way back. */
enum pd_error conf_set_defaults(const struct conf_key *keys, size_t count, void *record);
void conf_free_values(const struct conf_key *keys, size_t count, void *record);

/* [field NAME] sections. A section is opened by its whole name, "field office": the field of that
 * name, a new one if need be. PD_INVALID: why says what is wrong. PD_NOT_FOUND: a section of
 * another kind. PD_NO_MEMORY. */
enum pd_error conf_field_open(
    struct conf *conf, const char *section, size_t *place, char why[CONF_WHY_SIZE]);
const struct conf_key *conf_field_key(const char *name); /* NULL: unknown */
enum pd_error conf_fields_init(struct conf *conf);
void conf_fields_free(struct conf *conf);

/* The rules between the keys of one field. NULL: all are good; else what is wrong, and *place and
 * *key are where. */
const char *conf_fields_check(const struct conf *conf, size_t *place, const struct conf_key **key);

/* Gives the keys of [attributes] that no line set (lines: by row of the table) what the profile
 * says. PD_NO_MEMORY. */
enum pd_error conf_attributes_fill(struct conf *conf, const unsigned *lines);

/* The rules between the keys of [attributes]. False: why says what is wrong, and *key is where,
 * a key that a line set if there is one. */
bool conf_attributes_check(const struct conf *conf, const unsigned *lines,
    const struct conf_key **key, char why[CONF_WHY_SIZE]);

/* The rules between keys. NULL: good; else what is wrong, and *key is where. */
const char *conf_check(const struct conf *conf, const struct conf_key **key);

#endif
