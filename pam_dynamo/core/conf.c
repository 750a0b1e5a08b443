/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The configuration file, line by line. inih splits a line; what inih would take silently - lines
 * that it cuts, empty unknown sections, a byte order mark, text after a section - is refused in the
 * reader that hands it the lines.
 */
#include <ini.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/conf_private.h"
#include "core/utf8.h"

#define BLANKS " \t"

struct parse {
	const char *name; /* of the file */
	const char *text;
	size_t len;
	size_t at;
	unsigned line;
	char section[64];                /* of the current line; "": none yet */
	const struct conf_key *last_key; /* of the line before; NULL: a section began */
	bool continued;                  /* the current line begins with a blank */
	unsigned *lines;                 /* where each key of the table was set; 0: nowhere */
	unsigned *field_lines;           /* the same of each field's keys, field by field */
	bool in_field;
	size_t field; /* place in conf->fields, in_field */
	struct conf *conf;
	const struct log *log;
	char *reason;
	size_t reason_size;
	enum pd_error error;
};

/* Notes and logs the first error: FILE:LINE: [section] key: what is wrong; what to do. */
static void __attribute__((format(printf, 5, 6))) fail(struct parse *parse, unsigned line,
    const char *section, const char *key, const char *format, ...)
{
	char where[LOG_LINE_MAX];
	char what[CONF_WHY_SIZE];
	char number[16] = "";
	va_list args;

	if (parse->error != PD_OK)
		return;
	parse->error = PD_CONFIG;
	va_start(args, format);
	(void)vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	if (line > 0)
		(void)snprintf(number, sizeof(number), ":%u", line);
	(void)snprintf(where, sizeof(where), "%s%s:%s%s%s%s%s%s %s", parse->name, number,
	    section[0] != '\0' ? " [" : "", section, section[0] != '\0' ? "]" : "",
	    key[0] != '\0' ? " " : "", key, section[0] != '\0' || key[0] != '\0' ? ":" : "", what);
	log_line(parse->log, LOG_LEVEL_ERROR, "%s", where);
	if (parse->reason != NULL && parse->reason_size > 0)
		(void)log_escape(parse->reason, parse->reason_size, where, strlen(where));
}

static bool
bytes_good(const char *line, size_t len)
{
	for (size_t i = 0; i < len;) {
		uint32_t point;
		size_t n = utf8_next(line + i, len - i, &point);

		if (n == 0 || (utf8_control(point) && point != '\t') || point == 0xfeff)
			return false;
		i += n;
	}
	return true;
}

/* parse->section begins: of the table, or of a field. */
static void
open_section(struct parse *parse)
{
	char why[CONF_WHY_SIZE];
	enum pd_error error = conf_field_open(parse->conf, parse->section, &parse->field, why);

	parse->in_field = error == PD_OK;
	if (error == PD_INVALID)
		fail(parse, parse->line, parse->section, "", "%s", why);
	else if (error == PD_NO_MEMORY)
		parse->error = error;
	else if (error == PD_NOT_FOUND &&
	    !conf_section_known(parse->section, strlen(parse->section)))
		fail(parse, parse->line, parse->section, "",
		    "unknown section; see pam_dynamo.conf(5)");
}

/* Where a key of the current section is kept, and where its line is noted; NULL: unknown. */
static const struct conf_key *
find_key(struct parse *parse, const char *name, void **record, unsigned **line)
{
	const struct conf_key *key;

	if (!parse->in_field) {
		key = conf_find(parse->section, name);
		*record = parse->conf;
		*line = key == NULL ? NULL : &parse->lines[key - conf_keys];
		return key;
	}
	key = conf_field_key(name);
	*record = &parse->conf->fields[parse->field];
	*line = key == NULL ? NULL
			    : &parse->field_lines[parse->field * conf_field_key_count +
				  (size_t)(key - conf_field_keys)];
	return key;
}

/* A line "[name]". */
static void
judge_section(struct parse *parse, const char *line)
{
	const char *end = strchr(line, ']');
	const char *rest = end != NULL ? end + 1 + strspn(end + 1, BLANKS) : "x";
	size_t len = end != NULL ? (size_t)(end - line - 1) : 0;

	parse->section[0] = '\0';
	parse->last_key = NULL;
	if (rest[0] != '\0' && (rest[0] != ';' || rest == end + 1)) {
		fail(parse, parse->line, "", "", "not a section; write [name] and nothing else");
		return;
	}
	if (len >= sizeof(parse->section))
		len = sizeof(parse->section) - 1;
	memcpy(parse->section, line + 1, len);
	parse->section[len] = '\0';
	open_section(parse);
}

/* Refuses what inih would misread. `line` has no newline. */
static void
judge_line(struct parse *parse, const char *line, size_t len)
{
	size_t blanks = strspn(line, BLANKS);
	size_t name = strcspn(line, "=:");

	parse->continued = false;
	if (!bytes_good(line, len)) {
		fail(parse, parse->line, "", "",
		    "a byte that is not text (control, byte order mark, Windows line end or not "
		    "UTF-8); remove it");
		return;
	}
	if (line[blanks] == '\0' || line[blanks] == '#' || line[blanks] == ';')
		return;
	if (line[0] == '[') {
		judge_section(parse, line);
		return;
	}
	if (blanks == 0) {
		if (line[name] != '=' || name == 0)
			fail(parse, parse->line, parse->section, "",
			    "not a setting; write key = value");
		return;
	}
	parse->continued = true;
	if (parse->last_key == NULL || parse->last_key->type != CONF_LIST)
		fail(parse, parse->line, parse->section, "",
		    "begins with a blank, which only continues a list; remove it");
}

/* Hands inih the next line as fgets(3) would. */
static char *
read_line(char *out, int size, void *ctx)
{
	struct parse *parse = ctx;
	const char *begin = parse->text + parse->at;
	const char *newline;
	size_t len;

	if (parse->error != PD_OK || parse->at >= parse->len || size < 2)
		return NULL;
	newline = memchr(begin, '\n', parse->len - parse->at);
	len = newline != NULL ? (size_t)(newline - begin) : parse->len - parse->at;
	parse->line++;
	parse->at += len + (newline != NULL);
	if (len + 2 > (size_t)size) {
		fail(parse, parse->line, parse->section, "",
		    "longer than %d bytes; a list may go on in the next line after a blank",
		    size - 2);
		return NULL;
	}
	memcpy(out, begin, len);
	out[len] = '\0';
	judge_line(parse, out, len);
	if (parse->error != PD_OK)
		return NULL;
	out[len] = '\n';
	out[len + 1] = '\0';
	return out;
}

/* inih found `name = value`. */
static int
take_value(void *ctx, const char *section, const char *name, const char *value)
{
	struct parse *parse = ctx;
	const struct conf_key *key;
	char why[CONF_WHY_SIZE];
	enum pd_error error;
	unsigned *line;
	void *record;

	if (parse->error != PD_OK)
		return 1;
	key = find_key(parse, name, &record, &line);
	parse->last_key = key;
	if (key == NULL) {
		fail(parse, parse->line, section, name,
		    section[0] != '\0' ? "unknown key; see pam_dynamo.conf(5)"
				       : "before the first section; write a [section] line above");
		return 1;
	}
	if (*line != 0 && !parse->continued) {
		fail(parse, parse->line, section, name,
		    "set in line %u already; remove one of them", *line);
		return 1;
	}
	error = conf_set(key, value, parse->continued, record, why);
	if (error == PD_INVALID)
		fail(parse, parse->line, section, name, "%s", why);
	else if (error != PD_OK)
		parse->error = error;
	*line = parse->line;
	return 1;
}

static void
judge_fields(struct parse *parse)
{
	char section[sizeof("field ") + CONF_FIELD_NAME_MAX];
	const struct conf_key *key = NULL;
	size_t place = 0;
	const char *wrong = conf_fields_check(parse->conf, &place, &key);
	size_t at;

	if (wrong == NULL)
		return;
	at = place * conf_field_key_count + (size_t)(key - conf_field_keys);
	(void)snprintf(section, sizeof(section), "field %s", parse->conf->fields[place].name);
	fail(parse, parse->field_lines[at], section, key->name, "%s", wrong);
}

enum pd_error
conf_parse(const char *name, const char *text, size_t len, const struct log *log, char *reason,
    size_t reason_size, struct conf *out)
{
	struct parse parse = {.name = name,
	    .text = text,
	    .len = len,
	    .conf = out,
	    .log = log,
	    .reason = reason,
	    .reason_size = reason_size};
	const struct conf_key *key = NULL;
	char why[CONF_WHY_SIZE];
	const char *wrong;
	int status;

	if (reason != NULL && reason_size > 0)
		reason[0] = '\0';
	parse.error = conf_init(out);
	parse.lines = calloc(conf_key_count, sizeof(*parse.lines));
	parse.field_lines = calloc(
	    CONF_FIELDS_MAX * conf_field_key_count, sizeof(*parse.field_lines));
	if (parse.lines == NULL || parse.field_lines == NULL)
		parse.error = PD_NO_MEMORY;
	if (parse.error != PD_OK)
		goto out;
	if (len > CONF_FILE_MAX) {
		fail(&parse, 0, "", "", "longer than 256 KiB; this is no configuration");
		goto out;
	}
	status = ini_parse_stream(read_line, &parse, take_value, &parse);
	if (status > 0)
		fail(&parse, (unsigned)status, parse.section, "",
		    "not a setting; write key = value");
	else if (status < 0 && parse.error == PD_OK)
		parse.error = PD_NO_MEMORY;
	if (parse.error != PD_OK)
		goto out;
	parse.error = conf_attributes_fill(out, parse.lines);
	if (parse.error != PD_OK)
		goto out;
	wrong = conf_check(out, &key);
	if (wrong == NULL && !conf_attributes_check(out, parse.lines, &key, why))
		wrong = why;
	if (wrong != NULL)
		fail(&parse, parse.lines[key - conf_keys], key->section, key->name, "%s", wrong);
	judge_fields(&parse);
out:
	if (parse.error != PD_OK)
		conf_free(out);
	free(parse.lines);
	free(parse.field_lines);
	return parse.error;
}
