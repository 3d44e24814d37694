/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* masqd/session: the table, and the note that the kernel keeps of a session. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "masqd/session.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct in_addr address_of(const char *text)
{
	struct in_addr address;

	assert_null(addr_parse(text, &address));
	return address;
}

static void a_session_is_found_by_all_it_has(void **state)
{
	struct session_table table = { 0 };
	struct session *a = session_new(&table, 12, SESSION_PPP), *b = session_new(&table, 13, SESSION_ATTACHED);

	assert_int_equal(a->address.length, 32);
	assert_true(a->started > 1000000000);
	assert_null(session_find_ifindex(&table, 0));
	assert_null(session_find_address(&table, (struct in_addr){ 0 }));
	session_set_address(&table, a, address_of("10.0.0.1"));
	session_set_ifindex(&table, a, 7);
	session_set_address(&table, b, address_of("10.0.0.2"));
	assert_ptr_equal(session_find(&table, 12), a);
	assert_ptr_equal(session_find_address(&table, address_of("10.0.0.1")), a);
	assert_ptr_equal(session_find_ifindex(&table, 7), a);
	assert_ptr_equal(session_find_address(&table, address_of("10.0.0.2")), b);
	session_set_address(&table, a, address_of("10.0.0.3"));
	session_set_ifindex(&table, a, 8);
	assert_null(session_find_address(&table, address_of("10.0.0.1")));
	assert_null(session_find_ifindex(&table, 7));
	assert_ptr_equal(session_find_ifindex(&table, 8), a);
	session_free(&table, a);
	assert_null(session_find(&table, 12));
	assert_null(session_find_address(&table, address_of("10.0.0.3")));
	assert_null(session_find_ifindex(&table, 8));
	session_free(&table, b);
	assert_null(table.by_serial);
}

static void networks_share_what_they_have(void **state)
{
	struct session_table table = { 0 };
	struct session *a = session_new(&table, 1, SESSION_NETWORK), *b = session_new(&table, 2, SESSION_NETWORK);

	for (struct session *s = a; s; s = s == a ? b : NULL) {
		session_set_address(&table, s, address_of("10.0.0.0"));
		session_set_ifindex(&table, s, 7);
	}
	assert_null(session_find_ifindex(&table, 7));
	assert_null(session_find_address(&table, address_of("10.0.0.0")));
	session_free(&table, b);
	assert_ptr_equal(session_find(&table, 1), a);
	session_free(&table, a);
}

static void a_host_is_known_by_interface_and_address_together(void **state)
{
	struct session_table table = { 0 };
	struct session *line = session_new(&table, 1, SESSION_PPP), *host = session_new(&table, 2, SESSION_HOST);
	struct session *other = session_new(&table, 3, SESSION_HOST);

	session_set_address(&table, line, address_of("10.0.0.2"));
	session_set_ifindex(&table, line, 8);
	session_set_address(&table, host, address_of("10.0.0.2"));
	assert_null(session_find_host(&table, 0, address_of("10.0.0.2")));
	session_set_ifindex(&table, host, 7);
	session_set_ifindex(&table, other, 9);
	session_set_address(&table, other, address_of("10.0.0.2"));
	assert_ptr_equal(session_find_host(&table, 7, address_of("10.0.0.2")), host);
	assert_ptr_equal(session_find_host(&table, 9, address_of("10.0.0.2")), other);
	assert_null(session_find_host(&table, 8, address_of("10.0.0.2")));
	assert_null(session_find_host(&table, 7, address_of("10.0.0.3")));
	/* whoever claims a line's address does not take it away */
	assert_ptr_equal(session_find_address(&table, address_of("10.0.0.2")), line);
	assert_null(session_find_ifindex(&table, 7));
	session_free(&table, host);
	assert_null(session_find_host(&table, 7, address_of("10.0.0.2")));
	session_free(&table, other);
	session_free(&table, line);
	assert_null(table.by_host);
}

static void a_session_can_be_freed_while_all_are_visited(void **state)
{
	struct session_table table = { 0 };
	struct session *s, *next;
	unsigned visited = 0;

	for (uint32_t serial = 1; serial <= 100; serial++)
		session_set_ifindex(&table, session_new(&table, serial, SESSION_PPP), serial);
	session_each(&table, s, next) {
		visited++;
		session_free(&table, s);
	}
	assert_int_equal(visited, 100);
	assert_null(table.by_serial);
	assert_null(table.by_ifindex);
}

static void a_line_is_copied(void **state)
{
	struct session_table table = { 0 };
	struct session *s = session_new(&table, 1, SESSION_PPP);
	char user[] = "alice", ifname[] = "an-interface-name-too-long";
	struct line line = { .ifname = ifname, .user = user, .speed = 115200, .pid = 70 };

	session_set_line(s, &line);
	user[0] = ifname[0] = '?';
	assert_string_equal(s->user, "alice");
	assert_string_equal(s->ifname, "an-interface-na");
	assert_null(s->tty);
	assert_int_equal(s->speed, 115200);
	line.user = NULL;
	line.tty = "/dev/ttyS0";
	session_set_line(s, &line);
	assert_null(s->user);
	assert_string_equal(s->tty, "/dev/ttyS0");
	session_free(&table, s);
}

static void names(void **state)
{
	struct session s = { .serial = 12, .address = { { 0 }, 32 } };

	assert_string_equal(session_text(&s), "#12");
	s.address.address = address_of("192.168.0.100");
	assert_string_equal(session_text(&s), "#12 192.168.0.100");
	strcpy(s.ifname, "ppp0");
	s.user = "alice@example.net";
	assert_string_equal(session_text(&s), "#12 alice@example.net on ppp0 192.168.0.100");
	s.address = (struct prefix){ address_of("10.1.0.0"), 16 };
	s.user = NULL;
	assert_string_equal(session_text(&s), "#12 on ppp0 10.1.0.0/16");
}

/* What is put into a note comes out again. */
static void goes_round(const struct session *s)
{
	struct session back = { .serial = s->serial };
	char note[SESSION_NOTE_MAX + 1];

	session_note(s, note);
	assert_true(strlen(note) <= SESSION_NOTE_MAX);
	for (const char *p = note; *p; p++)
		assert_true(*p >= ' ' && *p < 0x7f && *p != '"' && *p != '\\');
	assert_int_equal(session_parse_note(&back, note), 0);
	assert_int_equal(back.type, s->type);
	assert_int_equal(back.started, s->started);
	assert_int_equal(back.begun, s->begun);
	for (size_t i = 0; i < 4; i++) {
		const char *in[] = { s->wanted_policy, s->tty, s->caller, s->user };
		char *out[] = { back.wanted_policy, back.tty, back.caller, back.user };

		assert_int_equal(!out[i], !in[i]);
		if (in[i])
			assert_string_equal(out[i], in[i]);
		free(out[i]);
	}
}

static void notes_go_round(void **state)
{
	static char *const users[] = {
		NULL, "", "alice", "alice@example.net", "=", "==", " ", "a b  c ", "\"", "a\";flush table;\"", "\n\r\t\x01\x7f", "\xff\xfe\x80",
		"M\xc3\xbcller", "%", "%41", "%%", "%s%n%d", "\\x41\\", "#1 ppp 0 = =", "{};'$(halt)",
	};

	for (size_t i = 0; i < COUNT(users); i++) {
		struct session s = { .serial = 12, .started = 1760000000, .type = SESSION_ATTACHED, .user = users[i] };

		goes_round(&s);
		s.user = NULL;
		s.tty = users[i];
		goes_round(&s);
		s.wanted_policy = "dialup";
		s.caller = "+49 30 1234567";
		s.user = users[i];
		goes_round(&s);
	}
	for (enum session_type type = SESSION_PPP; type <= SESSION_HOST; type++)
		goes_round(&(struct session){ .serial = UINT32_MAX, .started = 253402300799, .begun = 1234567890, .type = type, .tty = "/dev/ttyS0", .caller = "0301234567", .user = "alice" });
}

static void long_texts_are_cut_and_never_overrun(void **state)
{
	char text[300];

	for (size_t len = 1; len < sizeof(text); len++) {
		for (int which = 1; which < 16; which++) {
			struct session s = { .serial = UINT32_MAX, .started = 253402300799, .speed = UINT32_MAX, .type = SESSION_ATTACHED }, back = { .serial = UINT32_MAX };
			struct {
				char text[SESSION_NOTE_MAX + 1];
				char guard[8];
			} note = { .guard = "guarded" };

			/* a byte that stands as three, and one that does not */
			memset(text, len % 2 ? '"' : 'x', len);
			text[len] = '\0';
			s.wanted_policy = which & 1 ? text : NULL;
			s.tty = which & 2 ? text : NULL;
			s.user = which & 4 ? text : NULL;
			s.caller = which & 8 ? text : NULL;
			session_note(&s, note.text);
			assert_string_equal(note.guard, "guarded");
			assert_true(strlen(note.text) <= SESSION_NOTE_MAX);
			assert_int_equal(session_parse_note(&back, note.text), 0);
			if (back.user)
				assert_memory_equal(back.user, text, strlen(back.user));
			free(back.user);
			free(back.caller);
			free(back.tty);
			free(back.wanted_policy);
		}
	}
}

static void other_notes_are_refused(void **state)
{
	static const char *const notes[] = {
		"", "#", "12 ppp 5 0 = = =", "#12", "#12 ppp", "#12 ppp x 0 = = =", "#12 modem 5 0 = = =", "#13 ppp 5 0 = = =", "#12 ppp 5 0", "#12 ppp 5 0 ",
		"#12 ppp 5 0 =", "#12 ppp 5 0 = =", "#12 ppppppppppppppppppppppppppp 5 0 = = =", "Masq-Gate",
		/* escapes that session_note does not make */
		"#12 ppp 5 0 = = %", "#12 ppp 5 0 = = %4", "#12 ppp 5 0 = = %-1", "#12 ppp 5 0 = = %00", "#12 ppp 5 0 = = a%0x1", "#12 ppp 5 0 % = =",
		"#12 ppp 5/9223372036854775807 0 = = = =", "#12 ppp 5/-9223372036854775808 0 = = = =",
	};

	for (size_t i = 0; i < COUNT(notes); i++) {
		struct session s = { .serial = 12 };
		/* exactly as long as it is, so that reading beyond it is noticed */
		char *note = strdup(notes[i]);

		assert_int_equal(session_parse_note(&s, note), -EINVAL);
		free(note);
		free(s.user);
		free(s.tty);
		free(s.wanted_policy);
		free(s.caller);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_session_is_found_by_all_it_has),
		cmocka_unit_test(networks_share_what_they_have),
		cmocka_unit_test(a_host_is_known_by_interface_and_address_together),
		cmocka_unit_test(a_session_can_be_freed_while_all_are_visited),
		cmocka_unit_test(a_line_is_copied),
		cmocka_unit_test(names),
		cmocka_unit_test(notes_go_round),
		cmocka_unit_test(long_texts_are_cut_and_never_overrun),
		cmocka_unit_test(other_notes_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
