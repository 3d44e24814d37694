/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* What masqctl knows about the members of a session, an ARP entry and an uplink. Tables, blocks, JSON, filters and
 * sorting all speak from these. Pure. */

#ifndef CLI_COLUMN_H
#define CLI_COLUMN_H

#include <jansson.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

enum column_kind {
	COLUMN_SERIAL,		/* number, shown as #12 */
	COLUMN_TEXT,
	COLUMN_STATE,		/* text that has a colour */
	COLUMN_ADDRESS,		/* address or prefix of either family */
	COLUMN_NUMBER,
	COLUMN_BYTES,
	COLUMN_RATE,		/* bit/s */
	COLUMN_DURATION,	/* seconds */
	COLUMN_TIME,		/* seconds since the epoch */
	COLUMN_BOOL,
	COLUMN_WORDS,		/* array of strings */
	COLUMN_SERIALS,		/* serial numbers by name, shown as name by #12 */
};

enum column_flags {
	COLUMN_DEFAULT = 1 << 0,	/* shown without being asked for */
	COLUMN_HAS_HEX = 1 << 1,	/* bytes from a peer: the original stands in the member with _hex */
	COLUMN_COSTS = 1 << 2,		/* the daemon has to count for it */
	COLUMN_MOVES = 1 << 3,		/* changes without an event */
	COLUMN_POLICYS = 1 << 4,	/* a key of the policy, which many sessions have in common */
};

struct column {
	const char *name;	/* upper case; the JSON name is the same in lower case with underscores */
	const char *member;	/* in the daemon's interface */
	enum column_kind kind;
	unsigned flags;
	const char *help;
};

struct column_set {
	const char *schema;	/* of the JSON */
	const char *list;	/* the JSON member that holds the rows */
	const struct column *columns;	/* ended by a NULL name */
};

/* Some of a set's. */
#define COLUMNS_MAX 96
struct columns {
	const struct column *items[COLUMNS_MAX];
	size_t count;
};

extern const struct column_set column_sessions, column_entries, column_conflicts, column_policies, column_uplinks, column_changes, column_mismatches,
	column_owners, column_past;

/* The column of this name in either case, with dashes or underscores; NULL if there is none. */
const struct column *column_find(const struct column_set *set, const char *name, size_t length);

/* The name nearest to one that was not found, in lower case in text; NULL if none is near. */
#define COLUMN_NAME_MAX 32
const char *column_suggest(const struct column_set *set, const char *name, char text[COLUMN_NAME_MAX]);

/* The name in lower case; words joined by the given character. */
const char *column_lower(const struct column *column, char joint, char text[COLUMN_NAME_MAX]);

/* What a person sees, bytes from peers escaped; is_raw: in base units. Caller frees; NULL if object has no such thing. */
char *column_text(const struct column *column, const json_t *object, bool is_raw);

/* Adds the column to row, under its JSON name; null if object has no such thing. */
void column_put_json(const struct column *column, const json_t *object, json_t *row);

/* A row with these columns. */
json_t *column_row_json(const struct columns *columns, const json_t *object);

/* Adds those of a set that have all flags of with and none of without. */
void columns_take(struct columns *columns, const struct column_set *set, unsigned with, unsigned without);

/* Appends the names of the members that they are made from, as masqd's List takes them. */
void column_add_fields(const struct column *column, json_t *fields);
void columns_add_fields(const struct columns *columns, json_t *fields);

/* Does object have a value of the column's kind? */
bool column_is_present(const struct column *column, const json_t *object);

/* Is its value a number, as far as comparing goes? For addresses it is their first address, as lib/ip.h has it: IPv4 before IPv6. */
bool column_is_number(const struct column *column);
int64_t column_number(const struct column *column, const json_t *object);
struct in6_addr column_address(const struct column *column, const json_t *object);

/* Smaller, equal, larger: <0, 0, >0. What is absent comes last. */
int column_compare(const struct column *column, const json_t *a, const json_t *b);

#endif
