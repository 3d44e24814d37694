/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* The program is run here, instruction by instruction, as the kernel would. */

#include "config.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "masqd/egress-program.h"

/* What the kernel knows of a packet: its protocol, and its bytes from the network header on. */
struct packet {
	uint16_t protocol;
	uint8_t bytes[40];
};

static uint32_t load(const struct packet *packet, uint32_t offset, unsigned size)
{
	uint32_t value = 0;
	const uint8_t *bytes;

	if (offset == (uint32_t)(SKF_AD_OFF + SKF_AD_PROTOCOL))
		return packet->protocol;
	offset -= (uint32_t)SKF_NET_OFF;
	assert_true(offset + size <= sizeof(packet->bytes));
	bytes = packet->bytes + offset;
	for (unsigned i = 0; i < size; i++)
		value = value << 8 | bytes[i];
	return value;
}

static int run(const struct egress_program *program, const struct packet *packet)
{
	uint32_t a = 0;

	assert_true(program->length <= EGRESS_PROGRAM_MAX);
	for (unsigned i = 0; i < program->length; i++) {
		const struct sock_filter *op = &program->code[i];

		switch (op->code) {
		case BPF_LD | BPF_IMM: a = op->k; break;
		case BPF_LD | BPF_B | BPF_ABS: a = load(packet, op->k, 1); break;
		case BPF_LD | BPF_H | BPF_ABS: a = load(packet, op->k, 2); break;
		case BPF_LD | BPF_W | BPF_ABS: a = load(packet, op->k, 4); break;
		case BPF_ALU | BPF_AND | BPF_K: a &= op->k; break;
		case BPF_JMP | BPF_JA: i += op->k; break;
		case BPF_JMP | BPF_JEQ | BPF_K: i += a == op->k ? op->jt : op->jf; break;
		case BPF_JMP | BPF_JGT | BPF_K: i += a > op->k ? op->jt : op->jf; break;
		case BPF_JMP | BPF_JGE | BPF_K: i += a >= op->k ? op->jt : op->jf; break;
		case BPF_RET | BPF_K: return (int)op->k;
		default: fail_msg("instruction %u: %#x", i, op->code);
		}
	}
	fail_msg("it has no end");
	return 0;
}

static int from(const struct egress_program *program, const char *text)
{
	struct packet packet = { .protocol = strchr(text, ':') ? ETH_P_IPV6 : ETH_P_IP };
	bool is_v6 = packet.protocol == ETH_P_IPV6;

	assert_int_equal(inet_pton(is_v6 ? AF_INET6 : AF_INET, text, packet.bytes + (is_v6 ? 8 : 12)), 1);
	return run(program, &packet);
}

#define assert_passes(program, ...) assert_all(program, TC_ACT_UNSPEC, (const char *[]){ __VA_ARGS__, NULL })
#define assert_drops(program, ...) assert_all(program, TC_ACT_SHOT, (const char *[]){ __VA_ARGS__, NULL })

static void assert_all(const struct egress_program *program, int wanted, const char *const *addresses)
{
	for (; *addresses; addresses++)
		if (from(program, *addresses) != wanted)
			fail_msg("%s: %d", *addresses, from(program, *addresses));
}

static struct range range(const char *text)
{
	struct range range;

	assert_null(range_parse(text, &range));
	return range;
}

static struct link_address6 prefix6(const char *address, unsigned length)
{
	struct link_address6 prefix = { .length = length };

	assert_int_equal(inet_pton(AF_INET6, address, &prefix.address), 1);
	return prefix;
}

static void private_sources_are_dropped(void **state)
{
	struct egress_program program;

	(void)state;
	egress_program_build(&program, NULL, 0, NULL, 0);
	assert_int_equal(program.code[0].k, EGRESS_PROGRAM_SIGNATURE);
	assert_drops(&program, "10.0.0.0", "10.255.255.255", "172.16.0.0", "172.31.255.255", "192.168.0.0", "192.168.255.255", "fc00::1",
		     "fdff:ffff::1");
	assert_passes(&program, "9.255.255.255", "11.0.0.0", "172.15.255.255", "172.32.0.0", "192.167.255.255", "192.169.0.0", "0.0.0.0",
		      "255.255.255.255", "203.0.113.1", "2001:db8::1", "fe80::1", "::", "fbff::1", "fe00::1");
}

static void other_protocols_pass(void **state)
{
	struct packet packet = { .protocol = ETH_P_ARP, .bytes = { [12] = 10, 0, 0, 1 } };
	struct egress_program program;

	(void)state;
	egress_program_build(&program, NULL, 0, NULL, 0);
	assert_int_equal(run(&program, &packet), TC_ACT_UNSPEC);
}

static void what_is_allowed_passes(void **state)
{
	const struct range allowed[] = { range("192.168.1.0/24"), range("10.0.0.5"), range("172.16.0.9-172.16.0.12") };
	const struct link_address6 allowed6[] = { prefix6("fd00:1:2:3::99", 64), prefix6("fd00::1", 128), prefix6("fd77:8000::", 17) };
	struct egress_program program;

	(void)state;
	egress_program_build(&program, allowed, 3, allowed6, 3);
	assert_passes(&program, "192.168.1.0", "192.168.1.255", "10.0.0.5", "172.16.0.9", "172.16.0.12", "fd00:1:2:3:ffff::", "fd00::1",
		      "fd77:ffff::1", "8.8.8.8", "2001:db8::1");
	assert_drops(&program, "192.168.0.255", "192.168.2.0", "10.0.0.4", "10.0.0.6", "172.16.0.8", "172.16.0.13", "fd00:1:2:4::1", "fd00::2",
		     "fd77:7fff::1", "fc00:1:2:3::1");
}

static void more_than_fits_is_not_allowed(void **state)
{
	struct range allowed[EGRESS_ALLOWED_MAX + 1];
	struct link_address6 allowed6[EGRESS_ALLOWED6_MAX + 1];
	struct egress_program program;

	(void)state;
	for (unsigned i = 0; i <= EGRESS_ALLOWED_MAX; i++)
		allowed[i].first.s_addr = allowed[i].last.s_addr = htonl(0x0a000000 + i);
	for (unsigned i = 0; i <= EGRESS_ALLOWED6_MAX; i++) {
		allowed6[i] = prefix6("fd00::", 128);
		allowed6[i].address.s6_addr[15] = (uint8_t)i;
	}
	egress_program_build(&program, allowed, EGRESS_ALLOWED_MAX + 1, allowed6, EGRESS_ALLOWED6_MAX + 1);
	assert_passes(&program, "10.0.0.0", "10.0.0.47", "fd00::", "fd00::7", "203.0.113.1");
	assert_drops(&program, "10.0.0.48", "fd00::8");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(private_sources_are_dropped),
		cmocka_unit_test(other_protocols_pass),
		cmocka_unit_test(what_is_allowed_passes),
		cmocka_unit_test(more_than_fits_is_not_allowed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
