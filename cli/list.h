/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Tables of what a daemon has. */

#ifndef CLI_LIST_H
#define CLI_LIST_H

#include <stdbool.h>

#include "cli/column.h"
#include "cli/connect.h"

struct list_source {
	const struct column_set *set;
	enum connect_daemon daemon;
	const char *method;
	const char *member;	/* of each reply, which is a row; NULL: all rows are in one answer, under the name of the set's list */
	bool has_fields;	/* the method gives no more than is asked for */
};

/* Lists the rows that the words, which are filters, let through. 0 or an exit code, reported. */
int list_rows(const struct options *opt, int count, char **words, const struct list_source *source);

#endif
