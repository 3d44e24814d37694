/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter/nf_tables.h>
#include <netlink/attr.h>
#include <netlink/socket.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/netlink.h"
#include "lib/text-stream.h"
#include "masqd/outline.h"
#include "masqd/table-message.h"

/* Userdata of a table is a list of type, length, value; nft shows type 0 as its comment (a C string). */
enum { COMMENT_TYPE = 0 };

static void on_table(void *out, struct nlmsghdr *header)
{
	struct nlattr *userdata = table_message_find(header, NFTA_TABLE_USERDATA);
	const unsigned char *tlv = userdata ? nla_data(userdata) : NULL;
	int len = userdata ? nla_len(userdata) : 0;

	while (len >= 2 && len >= 2 + tlv[1]) {
		if (tlv[0] == COMMENT_TYPE)
			fprintf(out, "\tcomment \"%.*s\"\n", tlv[1], (const char *)tlv + 2);
		len -= 2 + tlv[1];
		tlv += 2 + tlv[1];
	}
}

static void on_chain(void *out, struct nlmsghdr *header)
{
	struct nlattr *name = table_message_find(header, NFTA_CHAIN_NAME);

	if (table_message_is_ours(header) && name)
		fprintf(out, "\tchain %s {\n", nla_get_string(name));
}

static void on_object(void *out, struct nlmsghdr *header)
{
	struct nlattr *name = table_message_find(header, NFTA_OBJ_NAME), *type = table_message_find(header, NFTA_OBJ_TYPE);

	if (table_message_is_ours(header) && name && type && ntohl(nla_get_u32(type)) == NFT_OBJECT_CT_HELPER)
		fprintf(out, "\tct helper %s {\n", nla_get_string(name));
}

static int ask(struct nl_sock *sock, int type, int flags, void (*on_message)(void *out, struct nlmsghdr *header), FILE *out)
{
	struct nl_msg *msg = table_message(type, flags);
	int rc = msg ? netlink_request(sock, msg, on_message, out) : -ENOMEM;

	if (msg)
		nlmsg_free(msg);
	return rc;
}

static int read_all(struct nl_sock *sock, FILE *out)
{
	int rc = ask(sock, NFT_MSG_GETTABLE, 0, on_table, out);

	if (!rc)
		rc = ask(sock, NFT_MSG_GETCHAIN, NLM_F_DUMP, on_chain, out);
	return rc ? rc : ask(sock, NFT_MSG_GETOBJ, NLM_F_DUMP, on_object, out);
}

static int read_text(struct nl_sock *sock, char **text)
{
	struct text_stream stream;
	FILE *out = text_stream_open(&stream);
	int rc = out ? read_all(sock, out) : -ENOMEM;

	*text = text_stream_close(&stream);
	if (!rc && !*text)
		rc = -ENOMEM;
	if (rc) {
		free(*text);
		*text = NULL;
	}
	return rc;
}

int outline_read(char **text)
{
	struct nl_sock *sock = netlink_request_open(NETLINK_NETFILTER);
	int rc;

	*text = NULL;
	if (!sock)
		return -errno;
	/* Somebody changed it meanwhile. */
	do
		rc = read_text(sock, text);
	while (rc == -EINTR);
	nl_socket_free(sock);
	return rc;
}
