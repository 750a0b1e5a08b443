/* SPDX-License-Identifier: BSD-2-Clause */
/* The pages' functions and tables, for the map in routes.c. */
#ifndef WEB_PAGES_H
#define WEB_PAGES_H

#include "web/page.h"

/* Fields that several forms have. */
#define PAGES_PASSWORD_MAX 128 /* code points that a browser is told */

/* password and password2, with the service's minimum as {minimum}; needs page->info. */
void pages_add_new_password(struct page *page, const char *label);
/* Both typed and equal; else errors are added. */
bool pages_check_new_password(struct page *page);

/* Bytes of a name that the service reads; nobody has a longer one. */
#define PAGES_NAME_MAX 254

/* A mail address as it was typed, without outer blanks. False: it has not even the look of one;
 * what is right is the service's to say. */
#define PAGES_ADDRESS_SIZE 1024 /* bytes with the NUL: four for each of 254 characters */
bool pages_read_address(const char *typed, char out[PAGES_ADDRESS_SIZE]);

extern const struct field signin_fields[];
extern const struct field verify_fields[];
extern const struct field verify_query[];
extern const struct field profile_query[];
extern const struct field edit_fields[];
extern const struct field password_fields[];
extern const struct field email_fields[];
extern const struct field reset_fields[];
extern const struct field reset_confirm_fields[];
extern const struct field close_fields[];
extern const struct field language_fields[];

void home_show(struct page *page);
void signin_show(struct page *page);
void signin_post(struct page *page);
void signout_post(struct page *page);
bool register_prepare(struct page *page);
void register_show(struct page *page);
void register_post(struct page *page);
void submitted_show(struct page *page);
void verify_show(struct page *page);
void verify_post(struct page *page);
void profile_show(struct page *page);
bool edit_prepare(struct page *page);
void edit_show(struct page *page);
void edit_post(struct page *page);
bool password_prepare(struct page *page);
void password_show(struct page *page);
void password_post(struct page *page);
void email_show(struct page *page);
void email_post(struct page *page);
void resend_post(struct page *page);
void sessions_post(struct page *page);
void reset_show(struct page *page);
void reset_post(struct page *page);
void reset_sent_show(struct page *page);
bool reset_confirm_prepare(struct page *page);
void reset_confirm_show(struct page *page);
void reset_confirm_post(struct page *page);
void close_show(struct page *page);
void close_post(struct page *page);
void help_show(struct page *page);
void language_post(struct page *page);

#endif
