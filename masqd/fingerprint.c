/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* A rule is known by its handle: the kernel gives each number once in a table's life, also to a rule that replaces another. Elements of a
 * set come in any order. */

#include "config.h"

#include "masqd/fingerprint.h"

#include <errno.h>
#include <linux/netfilter/nf_tables.h>
#include <netlink/attr.h>
#include <netlink/socket.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/netlink.h"
#include "masqd/table-message.h"

static const char *const filled_sets[] = {
	"lines", "networks", "uplinks", "lans", "policies", "out_policies", "to_policies", "gateway_policies",
};

/* One that is being taken. */
struct taking {
	struct fingerprint **list;
	struct fingerprint *set;
	int error;
};

/* FNV-1a. */
static uint64_t mix(uint64_t value, const void *bytes, size_t length)
{
	const unsigned char *byte = bytes;

	for (size_t i = 0; i < length; i++)
		value = (value ^ byte[i]) * 0x100000001b3ULL;
	return value;
}

static uint64_t mix_attribute(uint64_t value, struct nlattr *attribute)
{
	return attribute ? mix(value, nla_data(attribute), (size_t)nla_len(attribute)) : value;
}

static struct fingerprint *find(struct fingerprint *list, const char *name)
{
	struct fingerprint *print;

	HASH_FIND_STR(list, name, print);
	return print;
}

/* The one of this kind and name, new if there is none yet. NULL without memory. */
static struct fingerprint *get(struct taking *taking, const char *kind, const char *name)
{
	char full[FINGERPRINT_NAME_MAX];
	struct fingerprint *print;

	snprintf(full, sizeof(full), "%s %s", kind, name);
	print = find(*taking->list, full);
	if (print)
		return print;
	print = calloc(1, sizeof(*print));
	if (!print) {
		taking->error = -ENOMEM;
		return NULL;
	}
	strcpy(print->name, full);
	print->value = 0xcbf29ce484222325ULL;
	HASH_ADD_STR(*taking->list, name, print);
	return print;
}

static void on_table(void *ctx, struct nlmsghdr *header)
{
	struct fingerprint *print = get(ctx, "table", "masqgate");

	/* A table may be switched off. */
	if (print)
		print->value = mix_attribute(print->value, table_message_find(header, NFTA_TABLE_FLAGS));
}

static void on_chain(void *ctx, struct nlmsghdr *header)
{
	static const int attributes[] = { NFTA_CHAIN_HOOK, NFTA_CHAIN_POLICY, NFTA_CHAIN_TYPE, NFTA_CHAIN_FLAGS };
	struct nlattr *name = table_message_find(header, NFTA_CHAIN_NAME);
	struct fingerprint *print = name && table_message_is_ours(header) ? get(ctx, "chain", nla_get_string(name)) : NULL;

	for (size_t i = 0; print && i < sizeof(attributes) / sizeof(attributes[0]); i++)
		print->value = mix_attribute(print->value, table_message_find(header, attributes[i]));
}

static void on_rule(void *ctx, struct nlmsghdr *header)
{
	struct nlattr *chain = table_message_find(header, NFTA_RULE_CHAIN);
	struct fingerprint *print = chain && table_message_is_ours(header) ? get(ctx, "chain", nla_get_string(chain)) : NULL;

	if (print)
		print->value = mix_attribute(print->value, table_message_find(header, NFTA_RULE_HANDLE));
}

static void on_elements(void *ctx, struct nlmsghdr *header)
{
	static const int attributes[] = { NFTA_SET_ELEM_KEY, NFTA_SET_ELEM_KEY_END, NFTA_SET_ELEM_DATA, NFTA_SET_ELEM_FLAGS };
	struct nlattr *list = table_message_find(header, NFTA_SET_ELEM_LIST_ELEMENTS), *item;
	struct taking *taking = ctx;
	int rest;

	if (!list)
		return;
	nla_for_each_nested(item, list, rest) {
		uint64_t value = 0xcbf29ce484222325ULL;

		for (size_t i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++)
			value = mix_attribute(value, nla_find(nla_data(item), nla_len(item), attributes[i]));
		taking->set->value += value;
	}
}

static int ask(struct nl_sock *sock, struct nl_msg *msg, void (*on_message)(void *ctx, struct nlmsghdr *header), struct taking *taking)
{
	int rc = msg ? netlink_request(sock, msg, on_message, taking) : -ENOMEM;

	if (msg)
		nlmsg_free(msg);
	return rc ? rc : taking->error;
}

static int read_set(struct nl_sock *sock, const char *set, struct taking *taking)
{
	struct nl_msg *msg = table_message(NFT_MSG_GETSETELEM, NLM_F_DUMP);

	taking->set = get(taking, "set", set);
	if (!taking->set || !msg || nla_put_string(msg, NFTA_SET_ELEM_LIST_SET, set)) {
		if (msg)
			nlmsg_free(msg);
		return -ENOMEM;
	}
	return ask(sock, msg, on_elements, taking);
}

static int read_all(struct nl_sock *sock, struct fingerprint **list)
{
	struct taking taking = { .list = list };
	int rc = ask(sock, table_message(NFT_MSG_GETTABLE, 0), on_table, &taking);

	if (!rc)
		rc = ask(sock, table_message(NFT_MSG_GETCHAIN, NLM_F_DUMP), on_chain, &taking);
	if (!rc)
		rc = ask(sock, table_message(NFT_MSG_GETRULE, NLM_F_DUMP), on_rule, &taking);
	for (size_t i = 0; !rc && i < sizeof(filled_sets) / sizeof(filled_sets[0]); i++)
		rc = read_set(sock, filled_sets[i], &taking);
	return rc;
}

int fingerprints_read(struct fingerprint **list)
{
	struct nl_sock *sock = netlink_request_open(NETLINK_NETFILTER);
	int rc;

	if (!sock)
		return -errno;
	/* -EINTR: somebody changed it meanwhile. */
	do {
		fingerprints_free(list);
		rc = read_all(sock, list);
	} while (rc == -EINTR);
	nl_socket_free(sock);
	if (rc)
		fingerprints_free(list);
	return rc;
}

void fingerprints_free(struct fingerprint **list)
{
	struct fingerprint *print, *next;

	HASH_ITER(hh, *list, print, next) {
		HASH_DEL(*list, print);
		free(print);
	}
}

static void tell(const struct mismatch_handler *handler, enum mismatch_type type, const struct fingerprint *print)
{
	char kind[FINGERPRINT_NAME_MAX];
	size_t length = strcspn(print->name, " ");

	snprintf(kind, sizeof(kind), "%.*s", (int)length, print->name);
	handler->tell(handler->ctx, &(struct mismatch){ .type = type, .object = kind, .name = print->name + length + 1 });
}

void fingerprints_compare(struct fingerprint *wanted, struct fingerprint *found, const struct mismatch_handler *handler)
{
	struct fingerprint *print, *other, *next;

	HASH_ITER(hh, wanted, print, next) {
		other = find(found, print->name);
		if (!other)
			tell(handler, MISMATCH_MISSING, print);
		else if (other->value != print->value)
			tell(handler, MISMATCH_DIFFERS, print);
	}
	HASH_ITER(hh, found, print, next)
		if (!find(wanted, print->name))
			tell(handler, MISMATCH_EXTRA, print);
}
