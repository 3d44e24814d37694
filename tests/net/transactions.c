/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* masqd's transactions without masqd, on the table that it left behind.
 *
 *   transactions CHANGE FIRST COUNT [CHANGE FIRST COUNT]... [, CHANGE...]...
 *
 * CHANGE is add, del or, to the policy with the next number, move. Sessions are numbers; a comma ends a transaction. Says for each what
 * became of it, and then which of the sessions 1 to 9 the kernel has as they were added. */

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/log.h"
#include "masqd/elements.h"

static const struct grant nothing;

static struct grant grant(unsigned session, uint32_t policy_id)
{
	return (struct grant){
		.is_open = true,
		.isolate = true,
		.nat = NAT_MASQUERADE,
		.serial = session,
		.ifindex = 1000 + session,
		.address = { .address.s_addr = htonl(0x0a000000 + session), .length = 32 },
		.policy_id = policy_id,
	};
}

static void put(struct elements *elements, const char *change, unsigned session)
{
	struct grant one = grant(session, 1), two = grant(session, 2);

	if (!strcmp(change, "add"))
		elements_replace(elements, &nothing, &one, "note");
	else if (!strcmp(change, "del"))
		elements_replace(elements, &one, &nothing, "note");
	else
		elements_replace(elements, &one, &two, "note");
}

static void commit(struct elements *elements)
{
	int rc = elements_commit(elements);

	printf("%s:", rc ? strerror(-rc) : "ok");
	for (unsigned i = 1; i < 10; i++) {
		struct grant added = grant(i, 1);

		if (!elements_missing(elements, &added))
			printf(" %u", i);
	}
	putchar('\n');
	elements_begin(elements);
}

int main(int argc, char *argv[])
{
	struct elements *elements;

	log_open("transactions", 0);
	if (elements_open(&elements))
		return 1;
	elements_begin(elements);
	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], ",")) {
			commit(elements);
			continue;
		}
		for (unsigned k = 0; i + 2 < argc && k < strtoul(argv[i + 2], NULL, 10); k++)
			put(elements, argv[i], (unsigned)strtoul(argv[i + 1], NULL, 10) + k);
		i += 2;
	}
	commit(elements);
	elements_close(elements);
	return 0;
}
