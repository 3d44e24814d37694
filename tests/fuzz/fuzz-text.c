/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Bytes of peers made fit for people, for JSON and for the kernel's memory (lib/text, masqd/session's notes). Whatever they are: what
 * is escaped is printable, and means the same; JSON gives them back as they were; a note is plain ASCII that needs no quotes, not
 * longer than the kernel takes, and one that was read says the same when it is written again. */

#include "config.h"

#include "masqd/session.h"
#include "tests/fuzz/fuzz.h"

/* The reverse of text_escape, which nothing but this needs. */
static void unescape(char *text)
{
	char *to = text, digits[3] = "";

	while (*text) {
		if (*text != '\\') {
			*to++ = *text++;
			continue;
		}
		must(text[1] == 'x' && text[2] && text[3]);
		memcpy(digits, text + 2, 2);
		*to++ = (char)strtoul(digits, NULL, 16);
		text += 4;
	}
	*to = '\0';
}

static void try_escape(const char *text)
{
	char *escaped = text_escape(text);

	must(escaped && fuzz_is_printable(escaped));
	unescape(escaped);
	must(strcmp(escaped, text) == 0);
	free(escaped);
}

static void try_json(const char *text)
{
	json_t *json = text_json(text), *hex = text_json_hex(text);
	char *back = text_from_json(json, hex);

	must(json_is_string(json) && text_is_utf8(json_string_value(json)));
	must(json_is_null(hex) == text_is_utf8(text));
	must(back && strcmp(back, text) == 0);
	free(back);
	/* As a peer would write it. */
	back = text_from_json(NULL, json);
	must(!back || strlen(back) == strlen(json_string_value(json)) / 2);
	free(back);
	json_decref(json);
	json_decref(hex);
}

static bool same(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

/* What a session says of itself is what it is read as. */
static void try_write(const struct session *s)
{
	struct session_table table = { 0 };
	struct session *again = session_new(&table, s->serial, SESSION_PPP);
	char note[SESSION_NOTE_MAX + 1], second[SESSION_NOTE_MAX + 1];

	must(again);
	session_note(s, note);
	must(strlen(note) <= SESSION_NOTE_MAX && fuzz_is_plain(note) && !strpbrk(note, "\"\\"));
	must(session_parse_note(again, note) == 0);
	must(again->type == s->type && again->started == s->started && again->speed == s->speed);
	/* Cut where it is too long, once. */
	must(!s->tty == !again->tty && !s->user == !again->user);
	session_note(again, second);
	must(strcmp(note, second) == 0);
	session_free(&table, again);
}

/* A note that somebody else wrote. */
static void try_read(const char *note)
{
	const char *number = note[0] == '#' ? note + 1 : note;
	struct session_table table = { 0 };
	struct session *s = session_new(&table, (uint32_t)strtoul(number, NULL, 10), SESSION_PPP);

	must(s);
	if (session_parse_note(s, note) == 0)
		try_write(s);
	session_free(&table, s);
}

/* A line that a plugin announces: each word is one of its texts. */
static void try_line(char *text)
{
	struct session_table table = { 0 };
	struct session *s = session_new(&table, UINT32_MAX, SESSION_HOST);
	struct line line = { .ifname = "ppp0", .speed = UINT32_MAX };
	const char *words[4];

	must(s);
	for (int i = 0; i < 4; i++)
		words[i] = strsep(&text, "\n");
	line.user = words[0];
	line.tty = words[1];
	line.caller = words[2];
	line.policy = words[3];
	session_set_line(s, &line);
	try_write(s);
	must(same(s->user, line.user) && strlen(session_text(s)) < 512);
	session_free(&table, s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);

	try_escape(text);
	try_json(text);
	try_read(text);
	try_line(text);
	free(text);
	return 0;
}
