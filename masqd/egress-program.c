/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* linux/filter.h: what is loaded is in host order; jumps count instructions, forwards only. */

#include "config.h"

#include "masqd/egress-program.h"

#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <stddef.h>

/* The kernel loads from the network header at this offset on. */
#define NETWORK(offset) ((uint32_t)(SKF_NET_OFF + (int)(offset)))

enum { WORDS6 = 4 };	/* of an IPv6 address */

static const struct range private_ranges[] = {
	{ { 0x0a000000 }, { 0x0affffff } },
	{ { 0xac100000 }, { 0xac1fffff } },
	{ { 0xc0a80000 }, { 0xc0a8ffff } },
};
enum { PRIVATE_RANGES = sizeof(private_ranges) / sizeof(private_ranges[0]) };

static void put(struct egress_program *program, uint16_t code, uint8_t jump_true, uint8_t jump_false, uint32_t k)
{
	program->code[program->length++] = (struct sock_filter){ .code = code, .jt = jump_true, .jf = jump_false, .k = k };
}

static void put_return(struct egress_program *program, int verdict)
{
	put(program, BPF_RET | BPF_K, 0, 0, (uint32_t)verdict);
}

/* Skips this many instructions unless the address that was loaded is in the range. */
static void put_range(struct egress_program *program, uint32_t first, uint32_t last, uint8_t skip)
{
	put(program, BPF_JMP | BPF_JGE | BPF_K, 0, skip + 1, first);
	put(program, BPF_JMP | BPF_JGT | BPF_K, skip, 0, last);
}

/* Most packets have a public source, and are through after the first part. */
static void put_ipv4(struct egress_program *program, const struct range *allowed, unsigned count)
{
	put(program, BPF_LD | BPF_W | BPF_ABS, 0, 0, NETWORK(offsetof(struct iphdr, saddr)));
	for (unsigned i = 0; i < PRIVATE_RANGES; i++) {
		put_range(program, private_ranges[i].first.s_addr, private_ranges[i].last.s_addr, 1);
		put(program, BPF_JMP | BPF_JA, 0, 0, (PRIVATE_RANGES - 1 - i) * 3 + 1);
	}
	put_return(program, TC_ACT_UNSPEC);
	for (unsigned i = 0; i < count && i < EGRESS_ALLOWED_MAX; i++) {
		put_range(program, ntohl(allowed[i].first.s_addr), ntohl(allowed[i].last.s_addr), 1);
		put_return(program, TC_ACT_UNSPEC);
	}
	put_return(program, TC_ACT_SHOT);
}

/* Returns for who is in the prefix. */
static void put_prefix6(struct egress_program *program, const struct link_address6 *prefix)
{
	unsigned words = (prefix->length + 31) / 32;

	for (unsigned i = 0; i < words; i++) {
		unsigned bits = prefix->length - i * 32 < 32 ? prefix->length - i * 32 : 32;
		/* cppcheck-suppress shiftTooManyBits // bits is at least 1 */
		uint32_t mask = UINT32_MAX << (32 - bits);
		uint8_t skip = (uint8_t)(3 * (words - 1 - i) + 1);

		put(program, BPF_LD | BPF_W | BPF_ABS, 0, 0, NETWORK(offsetof(struct ip6_hdr, ip6_src) + 4 * i));
		put(program, BPF_ALU | BPF_AND | BPF_K, 0, 0, mask);
		put(program, BPF_JMP | BPF_JEQ | BPF_K, 0, skip, ntohl(prefix->address.s6_addr32[i]) & mask);
	}
	put_return(program, TC_ACT_UNSPEC);
}

static void put_ipv6(struct egress_program *program, const struct link_address6 *allowed, unsigned count)
{
	put(program, BPF_LD | BPF_B | BPF_ABS, 0, 0, NETWORK(offsetof(struct ip6_hdr, ip6_src)));
	put(program, BPF_ALU | BPF_AND | BPF_K, 0, 0, 0xfe);
	put(program, BPF_JMP | BPF_JEQ | BPF_K, 1, 0, 0xfc);
	put_return(program, TC_ACT_UNSPEC);
	for (unsigned i = 0; i < count && i < EGRESS_ALLOWED6_MAX; i++)
		put_prefix6(program, &allowed[i]);
	put_return(program, TC_ACT_SHOT);
}

void egress_program_build(struct egress_program *program, const struct range *allowed, unsigned allowed_count,
			  const struct link_address6 *allowed6, unsigned allowed6_count)
{
	struct egress_program ipv4 = { .length = 0 };

	put_ipv4(&ipv4, allowed, allowed_count);
	program->length = 0;
	put(program, BPF_LD | BPF_IMM, 0, 0, EGRESS_PROGRAM_SIGNATURE);
	put(program, BPF_LD | BPF_H | BPF_ABS, 0, 0, (uint32_t)(SKF_AD_OFF + SKF_AD_PROTOCOL));
	put(program, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, ETH_P_IP);
	put(program, BPF_JMP | BPF_JA, 0, 0, 3);
	put(program, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, ETH_P_IPV6);
	put(program, BPF_JMP | BPF_JA, 0, 0, ipv4.length + 1);
	put_return(program, TC_ACT_UNSPEC);
	for (unsigned i = 0; i < ipv4.length; i++)
		program->code[program->length++] = ipv4.code[i];
	put_ipv6(program, allowed6, allowed6_count);
}
