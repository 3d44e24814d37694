/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Each block of ports has a chain with the ports in its rules, and a client's element names the block by its number. So the
 * address is masquerade's own choice, which follows the uplink without masqd. Protocols without ports are translated by
 * address only. Clients without a block stay out of the range of the blocks, so that a port in it says whose it is. */

#include "config.h"

#include "masqd/public.h"
#include "masqd/ruleset-forward.h"
#include "masqd/ruleset-ipv6.h"
#include "masqd/ruleset-nat.h"
#include "masqd/ruleset-policy.h"

/* nft wants to know of ports before it takes a range of them. */
#define HAS_PORTS "meta l4proto { icmp, tcp, udp }"
#define SNAT "snat ip to ct mark map @snat_address"

static void print_block_chains(FILE *out, unsigned size, bool has_snat)
{
	struct public block;

	for (unsigned i = 0; i < public_block_count(size); i++) {
		public_block(size, i, &block);
		fprintf(out, "\tchain ports_%u_%u {\n", block.port_first, block.port_last);
		if (has_snat)
			fprintf(out, "\t\t" HAS_PORTS " " SNAT ":%u-%u\n", block.port_first, block.port_last);
		fprintf(out, "\t\t" HAS_PORTS " masquerade to :%u-%u\n\t}\n", block.port_first, block.port_last);
	}
}

static void print_block_verdicts(FILE *out, unsigned size)
{
	struct public block;

	for (unsigned i = 0; i < public_block_count(size); i++) {
		public_block(size, i, &block);
		fprintf(out, ", %u : jump ports_%u_%u", (unsigned)block.port_first << 16 | block.port_last, block.port_first,
			block.port_last);
	}
}

void ruleset_nat_print(FILE *out, unsigned features)
{
	bool has_snat = features & RULESET_SNAT, has_blocks = features & RULESET_PORT_BLOCKS;

	for (unsigned size = PUBLIC_BLOCK_MIN; size <= PUBLIC_BLOCK_MAX; size *= 2)
		if (features & size)
			print_block_chains(out, size, has_snat);
	fprintf(out, "\tchain translate {\n\t\ttype nat hook postrouting priority srcnat; policy accept;\n%s%s\t\toifname != @uplinks accept\n",
		ruleset_ipv6(features).translate, ruleset_forward(features).translate);
	if (has_blocks) {
		fputs("\t\tmeta mark set ct mark map @port_block meta mark vmap { 0 : accept", out);
		for (unsigned size = PUBLIC_BLOCK_MIN; size <= PUBLIC_BLOCK_MAX; size *= 2)
			if (features & size)
				print_block_verdicts(out, size);
		fputs(" }\n", out);
	}
	if (has_blocks && has_snat)
		fprintf(out, "\t\t" HAS_PORTS " " SNAT ":1024-%d\n", PUBLIC_PORT_FIRST - 1);
	if (has_snat)
		fputs("\t\t" SNAT "\n", out);
	if (has_blocks)
		fprintf(out, "\t\t" HAS_PORTS " ct mark @translated masquerade to :1024-%d\n", PUBLIC_PORT_FIRST - 1);
	fputs("\t\tct mark @translated masquerade\n\t}\n", out);
}
