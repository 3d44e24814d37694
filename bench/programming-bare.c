/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* linux/netfilter/nf_tables.h, once more. Only plain elements: what a session without limits has. */

#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "bench/programming-bare.h"
#include "bench/measure.h"
#include "masqd/grant-elements.h"

enum { TRANSACTION_MAX = 4096 };

int bare_open(void)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);

	if (fd < 0 || connect(fd, (struct sockaddr *)&kernel, sizeof(kernel)))
		fail("netlink");
	return fd;
}

static struct nl_msg *begin(int type, int flags, int family, int resource)
{
	struct nfgenmsg header = { .nfgen_family = family, .version = NFNETLINK_V0, .res_id = htons(resource) };
	struct nl_msg *msg = nlmsg_alloc_simple(type, NLM_F_REQUEST | flags);

	if (!msg || nlmsg_append(msg, &header, sizeof(header), NLMSG_ALIGNTO))
		fail("message");
	return msg;
}

static void put(struct bare_transaction *transaction, struct nl_msg *msg)
{
	size_t len = NLMSG_ALIGN(nlmsg_hdr(msg)->nlmsg_len);

	if (transaction->used + len > TRANSACTION_MAX)
		abort();
	memcpy(transaction->bytes + transaction->used, nlmsg_hdr(msg), nlmsg_hdr(msg)->nlmsg_len);
	transaction->used += len;
	nlmsg_free(msg);
}

static void put_value(struct nl_msg *msg, int attribute, const struct element_bytes *value)
{
	struct nlattr *nest;

	if (!value->len)
		return;
	nest = nla_nest_start(msg, attribute);
	if (!nest || nla_put(msg, NFTA_DATA_VALUE, (int)value->len, value->bytes))
		fail("message");
	nla_nest_end(msg, nest);
}

/* As nft writes and shows it: type, length, text. */
static void put_comment(struct nl_msg *msg, const char *note)
{
	unsigned char comment[2 + SESSION_NOTE_MAX + 1] = { 0, (unsigned char)(strlen(note) + 1) };

	memcpy(comment + 2, note, comment[1]);
	if (nla_put(msg, NFTA_SET_ELEM_USERDATA, 2 + comment[1], comment))
		fail("message");
}

static void put_element(struct bare_transaction *transaction, const struct element *element, bool is_opening, bool is_last)
{
	int type = is_opening ? NFT_MSG_NEWSETELEM : NFT_MSG_DELSETELEM;
	int flags = (is_opening ? NLM_F_CREATE : 0) | (is_last ? NLM_F_ACK : 0);
	struct nl_msg *msg = begin(NFNL_SUBSYS_NFTABLES << 8 | type, flags, NFPROTO_INET, 0);
	struct nlattr *list, *item;

	if (element->state != ELEMENT_PLAIN || element->end.len)
		abort();
	nla_put_string(msg, NFTA_SET_ELEM_LIST_TABLE, "masqgate");
	nla_put_string(msg, NFTA_SET_ELEM_LIST_SET, element->set);
	list = nla_nest_start(msg, NFTA_SET_ELEM_LIST_ELEMENTS);
	item = nla_nest_start(msg, NFTA_LIST_ELEM);
	if (!list || !item)
		fail("message");
	put_value(msg, NFTA_SET_ELEM_KEY, &element->key);
	if (is_opening) {
		put_value(msg, NFTA_SET_ELEM_DATA, &element->value);
		if (element->note)
			put_comment(msg, element->note);
	}
	nla_nest_end(msg, item);
	nla_nest_end(msg, list);
	put(transaction, msg);
}

void bare_build(struct bare_transaction *transaction, const struct programmed *programmed, int is_opening)
{
	struct element_list list;

	transaction->bytes = calloc(1, TRANSACTION_MAX);
	transaction->used = 0;
	if (!transaction->bytes)
		fail("transaction");
	grant_elements_list(&list, &programmed->grant, programmed->note);
	put(transaction, begin(NFNL_MSG_BATCH_BEGIN, 0, AF_UNSPEC, NFNL_SUBSYS_NFTABLES));
	for (unsigned i = 0; i < list.count; i++)
		put_element(transaction, &list.elements[i], is_opening, i == list.count - 1);
	put(transaction, begin(NFNL_MSG_BATCH_END, 0, AF_UNSPEC, NFNL_SUBSYS_NFTABLES));
}

void bare_free(struct bare_transaction *transaction)
{
	free(transaction->bytes);
}

void bare_send(int fd, const struct bare_transaction *transaction)
{
	struct {
		struct nlmsghdr header;
		struct nlmsgerr error;
		char rest[4096];	/* what it is about */
	} answer;

	if (send(fd, transaction->bytes, transaction->used, 0) < 0 || recv(fd, &answer, sizeof(answer), 0) < (ssize_t)sizeof(answer.header))
		fail("bare transaction");
	/* Errors come before the acknowledgement of the last message. */
	if (answer.header.nlmsg_type != NLMSG_ERROR || answer.error.error) {
		errno = -answer.error.error;
		fail("bare transaction refused");
	}
}
