/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* masqd/element-text: elements in words. Interface 7 is ppp0, and there is no other. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <string.h>

#include "masqd/element-text.h"

const struct link *__wrap_links_find(const struct links *links, unsigned ifindex);

const struct link *__wrap_links_find(const struct links *links, unsigned ifindex)
{
	static const struct link ppp0 = { .ifindex = 7, .name = "ppp0" };

	return ifindex == 7 ? &ppp0 : NULL;
}

static void add_address(struct element_bytes *to, const char *text)
{
	struct in6_addr address;
	bool is_v6 = strchr(text, ':');

	assert_int_equal(inet_pton(is_v6 ? AF_INET6 : AF_INET, text, &address), 1);
	element_append(to, &address, is_v6 ? 16 : 4);
}

static void says(const struct element *element, const char *key, const char *value)
{
	struct element_text text;

	element_text_wanted(&text, NULL, element);
	assert_string_equal(text.key, key);
	assert_string_equal(text.value, value);
}

static void a_session_is_said_by_interface_address_and_serial(void **state)
{
	struct element element = { .set = "serial", .note = "#12 ppp" };
	struct element_text text;

	element_append_u32(&element.key, 7);
	add_address(&element.key, "192.0.2.1");
	element_append_u32(&element.value, 12);
	says(&element, "ppp0 . 192.0.2.1", "#12 comment \"#12 ppp\"");
	element_text_wanted(&text, NULL, &element);
	assert_int_equal(text.serial, 12);
	assert_int_equal(text.ifindex, 7);
}

static void an_interface_that_is_gone_is_a_number(void **state)
{
	struct element element = { .set = "peers6" };

	element_append_u32(&element.key, 8);
	add_address(&element.key, "2001:db8::1");
	says(&element, "8 . 2001:db8::1", "");
}

static void an_interval_says_what_differs_in_it(void **state)
{
	struct element element = { .set = "owner_net" };

	element_append_be32(&element.key, 7);
	element_append_be32(&element.end, 7);
	add_address(&element.key, "192.0.2.0");
	add_address(&element.end, "192.0.2.255");
	element_append_be32(&element.key, 13);
	element_append_be32(&element.end, 13);
	element_append_u32(&element.value, 99);
	says(&element, "ppp0 . 192.0.2.0-192.0.2.255 . #13", "99");
}

static void ports_and_protocols_have_names(void **state)
{
	struct element element = { .set = "forwards" }, forwarded = { .set = "forwarded" };
	uint8_t tcp = IPPROTO_TCP, udp = IPPROTO_UDP;
	uint16_t port = htons(2222), to = htons(22);

	element_append(&element.key, &tcp, sizeof(tcp));
	element_append(&element.key, &port, sizeof(port));
	add_address(&element.value, "192.0.2.1");
	element_append(&element.value, &to, sizeof(to));
	says(&element, "tcp . 2222", "192.0.2.1 . 22");
	element_append_u32(&forwarded.key, 7);
	add_address(&forwarded.key, "192.0.2.1");
	element_append(&forwarded.key, &udp, sizeof(udp));
	element_append(&forwarded.key, &port, sizeof(port));
	says(&forwarded, "ppp0 . 192.0.2.1 . udp . 2222", "");
}

static void blocks_and_sizes_are_numbers(void **state)
{
	struct element block = { .set = "port_block" }, mss = { .set = "mss" };
	uint16_t size = htons(1412);

	element_append_u32(&block.key, 5);
	element_append_u32(&block.value, 1024U << 16 | 2047);
	says(&block, "#5", "1024-2047");
	element_append_u32(&mss.key, 7);
	element_append(&mss.value, &size, sizeof(size));
	mss.value.len = sizeof(size);
	says(&mss, "ppp0", "1412");
}

static void limits_are_said_as_nft_says_them(void **state)
{
	struct element element = { .set = "flow_limit", .state = ELEMENT_CONNLIMIT, .rate = 100 };

	element_append_u32(&element.key, 5);
	says(&element, "#5", "ct count over 100");
	element.state = ELEMENT_LIMIT_PACKETS;
	element.burst = 9;
	says(&element, "#5", "limit rate over 100/second burst 9 packets");
	element.state = ELEMENT_LIMIT_BYTES;
	says(&element, "#5", "limit rate over 100 bytes/second burst 9 bytes");
	element.state = ELEMENT_COUNTER;
	says(&element, "#5", "counter");
}

/* Whoever has put it there may have put anything. */
static void what_is_found_is_said_too(void **state)
{
	static const struct element identity = { .set = "snat_address" }, unknown = { .set = "somebody's" };
	struct element_bytes key = { .len = 0 }, value = { .len = 0 };
	struct element_view view = { .note = "" };
	struct element_text text;

	element_append_u32(&key, 77);
	add_address(&value, "203.0.113.1");
	view = (struct element_view){ .key = key.bytes, .key_len = key.len, .value = value.bytes, .value_len = value.len, .note = "mine" };
	element_text_found(&text, NULL, &identity, &view);
	assert_string_equal(text.key, "#77");
	assert_string_equal(text.value, "203.0.113.1 comment \"mine\"");
	element_text_found(&text, NULL, &unknown, &view);
	assert_string_equal(text.key, "");
	view.key_len = 2;
	element_text_found(&text, NULL, &identity, &view);
	assert_string_equal(text.key, "#77");
}

/* A comment of somebody else's may be longer than there is room. */
static void a_text_ends_where_its_room_does(void **state)
{
	struct element element = { .set = "translated" };
	struct element_text text;
	char note[2 * ELEMENT_TEXT_MAX];

	memset(note, 'x', sizeof(note) - 1);
	note[sizeof(note) - 1] = '\0';
	element.note = note;
	element_append_u32(&element.key, 1);
	element_text_wanted(&text, NULL, &element);
	assert_int_equal(strlen(text.value), ELEMENT_TEXT_MAX - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_session_is_said_by_interface_address_and_serial),
		cmocka_unit_test(an_interface_that_is_gone_is_a_number),
		cmocka_unit_test(an_interval_says_what_differs_in_it),
		cmocka_unit_test(ports_and_protocols_have_names),
		cmocka_unit_test(blocks_and_sizes_are_numbers),
		cmocka_unit_test(limits_are_said_as_nft_says_them),
		cmocka_unit_test(what_is_found_is_said_too),
		cmocka_unit_test(a_text_ends_where_its_room_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
