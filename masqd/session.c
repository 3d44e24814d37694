/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* The table of sessions, and how a session is written down. */

#include "config.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "masqd/clock.h"
#include "masqd/session.h"

static const char *const type_texts[] = {
	[SESSION_PPP] = "ppp",
	[SESSION_SERIAL] = "serial",
	[SESSION_NETWORK] = "network",
	[SESSION_ATTACHED] = "attached",
	[SESSION_HOST] = "host",
};

static const char *const state_texts[] = {
	[SESSION_ADMITTED] = "admitted",
	[SESSION_OPEN] = "open",
	[SESSION_ORPHANED] = "orphaned",
};

const char *session_type_text(enum session_type type)
{
	return type_texts[type];
}

const char *session_state_text(enum session_state state)
{
	return state_texts[state];
}

struct session *session_new(struct session_table *table, uint32_t serial, enum session_type type)
{
	struct session *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->serial = serial;
	s->type = type;
	s->address.length = 32;
	s->live.kind = "live";
	s->started = time(NULL);
	s->begun = clock_since_boot();
	HASH_ADD(by_serial, table->by_serial, serial, sizeof(s->serial), s);
	return s;
}

void session_set_policy(struct session *s, const struct policy *policy, const struct layers *layers)
{
	derive_put(s->chosen_policy);
	s->chosen_policy = s->policy = policy;
	s->layers = layers ? *layers : (struct layers){ 0 };
}

void session_free(struct session_table *table, struct session *s)
{
	session_set_address(table, s, (struct in_addr){ 0 });
	session_set_address6(table, s, &in6addr_any);
	session_set_ifindex(table, s, 0);
	HASH_DELETE(by_serial, table->by_serial, s);
	session_set_policy(s, NULL, NULL);
	layer_release(&s->live);
	free(s->user);
	free(s->tty);
	free(s->caller);
	free(s->ipparam);
	free(s->wanted_policy);
	free(s);
}

void session_set_started(struct session *s, time_t started)
{
	time_t now = time(NULL);

	s->started = started;
	/* Not even a clock that is wrong shows what was before the epoch. */
	s->begun = clock_since_boot() - (started >= 0 && now > started ? now - started : 0);
}

int64_t session_age(const struct session *s)
{
	int64_t now = clock_since_boot();

	return now > s->begun ? now - s->begun : 0;
}

static void set_text(char **to, const char *text)
{
	free(*to);
	*to = text ? strdup(text) : NULL;
}

void session_set_line(struct session *s, const struct line *line)
{
	snprintf(s->ifname, sizeof(s->ifname), "%s", line->ifname);
	set_text(&s->user, line->user);
	set_text(&s->tty, line->tty);
	set_text(&s->caller, line->caller);
	set_text(&s->ipparam, line->ipparam);
	set_text(&s->wanted_policy, line->policy);
	s->speed = line->speed;
	s->pid = line->pid;
}

/* Do others have its interface too, or in its interface its addresses? */
static bool is_shared(const struct session *s)
{
	return s->type == SESSION_NETWORK || s->type == SESSION_HOST;
}

static void file_host(struct session_table *table, struct session *s, unsigned ifindex, struct in_addr address)
{
	if (s->host.ifindex)
		HASH_DELETE(by_host, table->by_host, s);
	s->host = (struct host_key){ 0 };
	if (s->type != SESSION_HOST || !ifindex || !address.s_addr)
		return;
	s->host = (struct host_key){ .ifindex = ifindex, .address = address };
	HASH_ADD(by_host, table->by_host, host, sizeof(s->host), s);
}

void session_set_address(struct session_table *table, struct session *s, struct in_addr address)
{
	if (s->address.address.s_addr && !is_shared(s))
		HASH_DELETE(by_address, table->by_address, s);
	s->address.address = address;
	if (address.s_addr && !is_shared(s))
		HASH_ADD(by_address, table->by_address, address.address, sizeof(address), s);
	file_host(table, s, s->ifindex, address);
}

void session_set_address6(struct session_table *table, struct session *s, const struct in6_addr *address6)
{
	if (!IN6_IS_ADDR_UNSPECIFIED(&s->address6))
		HASH_DELETE(by_address6, table->by_address6, s);
	s->address6 = *address6;
	if (!IN6_IS_ADDR_UNSPECIFIED(address6))
		HASH_ADD(by_address6, table->by_address6, address6, sizeof(s->address6), s);
}

void session_set_ifindex(struct session_table *table, struct session *s, unsigned ifindex)
{
	if (s->ifindex && !is_shared(s))
		HASH_DELETE(by_ifindex, table->by_ifindex, s);
	s->ifindex = ifindex;
	if (ifindex && !is_shared(s))
		HASH_ADD(by_ifindex, table->by_ifindex, ifindex, sizeof(s->ifindex), s);
	file_host(table, s, ifindex, s->address.address);
}

static int older(const struct session *a, const struct session *b)
{
	return (a->serial > b->serial) - (a->serial < b->serial);
}

void session_sort(struct session_table *table)
{
	HASH_SRT(by_serial, table->by_serial, older);
}

unsigned session_count(const struct session_table *table)
{
	return HASH_CNT(by_serial, table->by_serial);
}

struct session *session_find(const struct session_table *table, uint32_t serial)
{
	struct session *s;

	HASH_FIND(by_serial, table->by_serial, &serial, sizeof(serial), s);
	return s;
}

struct session *session_find_address(const struct session_table *table, struct in_addr address)
{
	struct session *s;

	HASH_FIND(by_address, table->by_address, &address, sizeof(address), s);
	return s;
}

struct session *session_find_address6(const struct session_table *table, const struct in6_addr *address6)
{
	struct session *s;

	HASH_FIND(by_address6, table->by_address6, address6, sizeof(*address6), s);
	return s;
}

struct session *session_find_ifindex(const struct session_table *table, unsigned ifindex)
{
	struct session *s;

	HASH_FIND(by_ifindex, table->by_ifindex, &ifindex, sizeof(ifindex), s);
	return s;
}

struct session *session_find_host(const struct session_table *table, unsigned ifindex, struct in_addr address)
{
	struct host_key key = { .ifindex = ifindex, .address = address };
	struct session *s;

	HASH_FIND(by_host, table->by_host, &key, sizeof(key), s);
	return s;
}

const char *session_text(const struct session *s)
{
	static char text[512];
	char address[ADDR_TEXT_MAX];
	int len = snprintf(text, sizeof(text), "#%u", s->serial);

	if (s->user)
		len += snprintf(text + len, sizeof(text) - len, " %.128s", s->user);
	if (s->ifname[0])
		len += snprintf(text + len, sizeof(text) - len, " on %s", s->ifname);
	if (s->address.address.s_addr)
		snprintf(text + len, sizeof(text) - len, " %s", prefix_text(&s->address, address));
	return text;
}

/* Where the note has room for all: the longest that a policy's name can be, a tty's path, a telephone number of ITU-T E.164
 * with its separators, and the rest for the user. */
enum { NOTE_POLICY_MAX = 32, NOTE_TTY_MAX = 28, NOTE_CALLER_MAX = 20 };

/* Seconds before or after the boot that a session may say it has begun at, whatever the clock showed: some 30 000 years. */
static const long long NOTE_BEGUN_MAX = 1LL << 40;

/* Appends a word in which everything but plain characters stands as %XX, "=" for none; cut where it is longer than max, or
 * the note is full but for this many words that come after it. */
static void note_word(char *note, const char *word, size_t max, unsigned after)
{
	size_t len = strlen(note), full = SESSION_NOTE_MAX - 2 * after, end = len + 1 + max < full ? len + 1 + max : full;

	note[len++] = ' ';
	if (!word)
		note[len++] = '=';
	for (; word && *word; word++) {
		bool is_plain = isalnum((unsigned char)*word) || strchr("@._-+/:", *word);

		if (len + (is_plain ? 1 : 3) > end)
			break;
		if (is_plain)
			note[len++] = *word;
		else
			len += sprintf(note + len, "%%%02X", (unsigned char)*word);
	}
	note[len] = '\0';
}

void session_note(const struct session *s, char note[SESSION_NOTE_MAX + 1])
{
	snprintf(note, SESSION_NOTE_MAX + 1, "#%u %s %lld/%lld %u", s->serial, type_texts[s->type], (long long)s->started,
		 (long long)s->begun, s->speed);
	note_word(note, s->wanted_policy, NOTE_POLICY_MAX, 3);
	note_word(note, s->tty, NOTE_TTY_MAX, 2);
	note_word(note, s->caller, NOTE_CALLER_MAX, 1);
	note_word(note, s->user, SESSION_NOTE_MAX, 0);
}

/* The reverse of note_word. *text is NULL for none, and without memory. */
static int parse_word(const char *word, char **text)
{
	char *to;
	unsigned byte;

	if (!word)
		return -EINVAL;
	*text = to = strcmp(word, "=") != 0 ? strdup(word) : NULL;
	for (; to && *word; to++) {
		if (*word != '%') {
			*to = *word++;
			continue;
		}
		if (!isxdigit((unsigned char)word[1]) || !isxdigit((unsigned char)word[2]) || sscanf(word + 1, "%2x", &byte) != 1 || !byte)
			return -EINVAL;
		*to = (char)byte;
		word += 3;
	}
	if (to)
		*to = '\0';
	return 0;
}

int session_parse_note(struct session *s, const char *note)
{
	char copy[SESSION_NOTE_MAX + 1], type[16] = "", *rest = copy;
	long long started, begun;
	unsigned serial, speed;
	int end = 0;
	bool has_begun = sscanf(note, "#%u %15s %lld/%lld %u%n", &serial, type, &started, &begun, &speed, &end) == 5;

	/* An older masqd's says only what the clock on the wall showed. */
	if (!has_begun && sscanf(note, "#%u %15s %lld %u%n", &serial, type, &started, &speed, &end) != 4)
		return -EINVAL;
	if (note[end] != ' ' || serial != s->serial || (has_begun && (begun < -NOTE_BEGUN_MAX || begun > NOTE_BEGUN_MAX)))
		return -EINVAL;
	for (s->type = SESSION_PPP; strcmp(type, type_texts[s->type]) != 0; s->type++)
		if (s->type == SESSION_HOST)
			return -EINVAL;
	session_set_started(s, started);
	if (has_begun)
		s->begun = begun;
	s->speed = speed;
	snprintf(copy, sizeof(copy), "%s", note + end + 1);
	if (parse_word(strsep(&rest, " "), &s->wanted_policy) || parse_word(strsep(&rest, " "), &s->tty) ||
	    parse_word(strsep(&rest, " "), &s->caller) || parse_word(rest, &s->user))
		return -EINVAL;
	return 0;
}
