/* SPDX-License-Identifier: BSD-2-Clause */
/* What the service says about its forms: WEB_INFO. */
#ifndef WEB_INFO_H
#define WEB_INFO_H

#include <stdbool.h>
#include <stdint.h>

#include "web/field.h"
#include "web/form.h"

#include "ipc/frame.h"
#include "ipc/web.h"

#define INFO_MODE_SIZE 24
#define INFO_FIELDS_SIZE 8192 /* bytes of all rows */
#define INFO_MIN_LENGTH 15    /* of a new password, until the service says another */

enum info_use { INFO_REGISTER = 1, INFO_EDIT = 2 };

struct info {
	bool loaded;
	char mode[INFO_MODE_SIZE];
	uint32_t min_length;
	size_t field_count;
	struct field fields[WEB_FIELDS_MAX];
	unsigned uses[WEB_FIELDS_MAX]; /* enum info_use of each */
	char text[INFO_FIELDS_SIZE];   /* what fields point into */
};

/* False: a row is not of the form `name TAB label TAB type TAB flags TAB max_length TAB pattern`,
 * or the reply has no mode. */
bool info_read(const struct frame *reply, struct info *out);
/* While the service does not answer: fields for what a form that came back holds, apart from those
 * of the page itself, so that nothing that was typed is lost. Borrows the form's texts. */
void info_guess(const struct form *form, struct info *out);
bool info_by_mail(const struct info *info); /* the mode asks for a confirmed address */

#endif
