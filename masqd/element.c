/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

#include "config.h"

#include "masqd/element.h"

#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <netlink/attr.h>
#include <stdlib.h>
#include <string.h>

#include "masqd/session.h"
#include "masqd/table-message.h"

/* Userdata of an element is a list of type, length, value; nft shows type 0 as the element's comment (a C string). */
enum { COMMENT_TYPE = 0 };

void element_append(struct element_bytes *to, const void *bytes, size_t len)
{
	size_t padded = (len + 3) / 4 * 4;

	if (to->len + padded > sizeof(to->bytes))
		abort();
	memcpy(to->bytes + to->len, bytes, len);
	to->len += padded;
}

void element_append_u32(struct element_bytes *to, uint32_t host_order)
{
	element_append(to, &host_order, sizeof(host_order));
}

void element_append_be32(struct element_bytes *to, uint32_t host_order)
{
	element_append_u32(to, htonl(host_order));
}

static bool is_same(const struct element_bytes *a, const struct element_bytes *b)
{
	return a->len == b->len && memcmp(a->bytes, b->bytes, a->len) == 0;
}

bool element_equal(const struct element *a, const struct element *b)
{
	return strcmp(a->set, b->set) == 0 && is_same(&a->key, &b->key) && is_same(&a->end, &b->end) && is_same(&a->value, &b->value) &&
	       a->state == b->state && a->rate == b->rate && a->burst == b->burst;
}

struct nl_msg *element_set_message(int type, int flags, const char *set)
{
	struct nl_msg *msg = table_message(type, flags);

	if (msg && nla_put_string(msg, NFTA_SET_ELEM_LIST_SET, set) == 0)
		return msg;
	if (msg)
		nlmsg_free(msg);
	return NULL;
}

static int put_bytes(struct nl_msg *msg, int attribute, const struct element_bytes *bytes)
{
	struct nlattr *nest;

	if (!bytes->len)
		return 0;
	nest = nla_nest_start(msg, attribute | NLA_F_NESTED);
	if (!nest || nla_put(msg, NFTA_DATA_VALUE, bytes->len, bytes->bytes))
		return -ENOMEM;
	return nla_nest_end(msg, nest);
}

static int put_note(struct nl_msg *msg, const char *note)
{
	unsigned char tlv[2 + SESSION_NOTE_MAX + 1];
	size_t len = strlen(note) + 1;

	tlv[0] = COMMENT_TYPE;
	tlv[1] = (unsigned char)len;
	memcpy(tlv + 2, note, len);
	return nla_put(msg, NFTA_SET_ELEM_USERDATA, 2 + len, tlv);
}

/* Numbers of expressions are in network order. */
static int put_be32(struct nl_msg *msg, int attribute, uint32_t value)
{
	return nla_put_u32(msg, attribute, htonl(value));
}

static int put_be64(struct nl_msg *msg, int attribute, uint64_t value)
{
	return nla_put_u64(msg, attribute, htobe64(value));
}

static int put_limit(struct nl_msg *msg, const struct element *element)
{
	uint32_t type = element->state == ELEMENT_LIMIT_BYTES ? NFT_LIMIT_PKT_BYTES : NFT_LIMIT_PKTS;

	return put_be64(msg, NFTA_LIMIT_RATE, element->rate) || put_be64(msg, NFTA_LIMIT_UNIT, 1) ||
	       put_be32(msg, NFTA_LIMIT_BURST, element->burst) || put_be32(msg, NFTA_LIMIT_TYPE, type) ||
	       put_be32(msg, NFTA_LIMIT_FLAGS, NFT_LIMIT_F_INV);
}

static int put_connlimit(struct nl_msg *msg, const struct element *element)
{
	return put_be32(msg, NFTA_CONNLIMIT_COUNT, (uint32_t)element->rate) || put_be32(msg, NFTA_CONNLIMIT_FLAGS, NFT_CONNLIMIT_F_INV);
}

static int put_counter(struct nl_msg *msg, const struct element *element)
{
	return put_be64(msg, NFTA_COUNTER_BYTES, 0) || put_be64(msg, NFTA_COUNTER_PACKETS, 0);
}

struct expression {
	const char *name;	/* NULL: none */
	int (*put)(struct nl_msg *msg, const struct element *element);
};

static int put_expression(struct nl_msg *msg, int attribute, const struct expression *expression, const struct element *element)
{
	struct nlattr *nest = nla_nest_start(msg, attribute | NLA_F_NESTED), *data;

	if (!nest || nla_put_string(msg, NFTA_EXPR_NAME, expression->name))
		return -ENOMEM;
	data = nla_nest_start(msg, NFTA_EXPR_DATA | NLA_F_NESTED);
	if (!data || expression->put(msg, element))
		return -ENOMEM;
	nla_nest_end(msg, data);
	return nla_nest_end(msg, nest);
}

static int put_state(struct nl_msg *msg, const struct element *element)
{
	/* The second sees only what the first matches. */
	static const struct expression states[][2] = {
		[ELEMENT_PLAIN] = { { NULL, NULL } },
		[ELEMENT_COUNTER] = { { "counter", put_counter } },
		[ELEMENT_LIMIT_BYTES] = { { "limit", put_limit }, { "counter", put_counter } },
		[ELEMENT_LIMIT_PACKETS] = { { "limit", put_limit } },
		[ELEMENT_CONNLIMIT] = { { "connlimit", put_connlimit } },
	};
	const struct expression *state = states[element->state];
	struct nlattr *list;

	if (!state[0].name)
		return 0;
	if (!state[1].name)
		return put_expression(msg, NFTA_SET_ELEM_EXPR, state, element);
	list = nla_nest_start(msg, NFTA_SET_ELEM_EXPRESSIONS | NLA_F_NESTED);
	if (!list || put_expression(msg, NFTA_LIST_ELEM, &state[0], element) || put_expression(msg, NFTA_LIST_ELEM, &state[1], element))
		return -ENOMEM;
	return nla_nest_end(msg, list);
}

struct nl_msg *element_message(int type, int flags, const struct element *element)
{
	bool is_new = type == NFT_MSG_NEWSETELEM;
	struct nl_msg *msg = element_set_message(type, flags, element->set);
	struct nlattr *list = msg ? nla_nest_start(msg, NFTA_SET_ELEM_LIST_ELEMENTS | NLA_F_NESTED) : NULL;
	struct nlattr *item = list ? nla_nest_start(msg, NFTA_LIST_ELEM | NLA_F_NESTED) : NULL;

	if (!item || put_bytes(msg, NFTA_SET_ELEM_KEY, &element->key) || put_bytes(msg, NFTA_SET_ELEM_KEY_END, &element->end) ||
	    (is_new && (put_bytes(msg, NFTA_SET_ELEM_DATA, &element->value) || put_state(msg, element) ||
			(element->note && put_note(msg, element->note))))) {
		if (msg)
			nlmsg_free(msg);
		return NULL;
	}
	nla_nest_end(msg, item);
	nla_nest_end(msg, list);
	return msg;
}

static const unsigned char *view_bytes(struct nlattr *nest, size_t *len)
{
	struct nlattr *value = nest ? nla_find(nla_data(nest), nla_len(nest), NFTA_DATA_VALUE) : NULL;

	*len = value ? (size_t)nla_len(value) : 0;
	return value ? nla_data(value) : NULL;
}

static uint64_t get_be64(struct nlattr *nest, int attribute)
{
	struct nlattr *number = nla_find(nla_data(nest), nla_len(nest), attribute);

	return number && nla_len(number) >= 8 ? be64toh(nla_get_u64(number)) : 0;
}

static uint32_t get_be32(struct nlattr *nest, int attribute)
{
	struct nlattr *number = nla_find(nla_data(nest), nla_len(nest), attribute);

	return number && nla_len(number) >= 4 ? ntohl(nla_get_u32(number)) : 0;
}

/* The reverse of put_state. */
static void view_expression(struct nlattr *expression, struct element_view *view)
{
	struct nlattr *name = nla_find(nla_data(expression), nla_len(expression), NFTA_EXPR_NAME);
	struct nlattr *data = nla_find(nla_data(expression), nla_len(expression), NFTA_EXPR_DATA);

	if (!name || !data)
		return;
	if (nla_strcmp(name, "counter") == 0) {
		view->bytes = get_be64(data, NFTA_COUNTER_BYTES);
		view->packets = get_be64(data, NFTA_COUNTER_PACKETS);
		if (view->state == ELEMENT_PLAIN)
			view->state = ELEMENT_COUNTER;
	} else if (nla_strcmp(name, "limit") == 0) {
		view->state = get_be32(data, NFTA_LIMIT_TYPE) == NFT_LIMIT_PKT_BYTES ? ELEMENT_LIMIT_BYTES : ELEMENT_LIMIT_PACKETS;
		view->rate = get_be64(data, NFTA_LIMIT_RATE);
		view->burst = get_be32(data, NFTA_LIMIT_BURST);
	} else if (nla_strcmp(name, "connlimit") == 0) {
		view->state = ELEMENT_CONNLIMIT;
		view->rate = get_be32(data, NFTA_CONNLIMIT_COUNT);
	}
}

static void read_element(const struct element_reader *reader, struct nlattr *item)
{
	struct nlattr *a[NFTA_SET_ELEM_MAX + 1];
	struct element_view view = { .note = "" };
	struct nlattr *expression;
	int rest;
	char note[SESSION_NOTE_MAX + 1];
	const unsigned char *tlv;
	int tlv_len;

	if (nla_parse_nested(a, NFTA_SET_ELEM_MAX, item, NULL))
		return;
	view.key = view_bytes(a[NFTA_SET_ELEM_KEY], &view.key_len);
	view.end = view_bytes(a[NFTA_SET_ELEM_KEY_END], &view.end_len);
	view.value = view_bytes(a[NFTA_SET_ELEM_DATA], &view.value_len);
	if (a[NFTA_SET_ELEM_EXPR])
		view_expression(a[NFTA_SET_ELEM_EXPR], &view);
	if (a[NFTA_SET_ELEM_EXPRESSIONS])
		nla_for_each_nested(expression, a[NFTA_SET_ELEM_EXPRESSIONS], rest)
			view_expression(expression, &view);
	tlv = a[NFTA_SET_ELEM_USERDATA] ? nla_data(a[NFTA_SET_ELEM_USERDATA]) : NULL;
	tlv_len = tlv ? nla_len(a[NFTA_SET_ELEM_USERDATA]) : 0;
	if (tlv_len >= 2 && tlv_len >= 2 + tlv[1] && tlv[0] == COMMENT_TYPE && tlv[1] <= sizeof(note)) {
		snprintf(note, sizeof(note), "%.*s", tlv[1], (const char *)tlv + 2);
		view.note = note;
	}
	reader->on_element(reader->ctx, &view);
}

void element_read(void *ctx, struct nlmsghdr *header)
{
	struct nlattr *list, *item;
	int rest;

	list = nlmsg_find_attr(header, sizeof(struct nfgenmsg), NFTA_SET_ELEM_LIST_ELEMENTS);
	if (list)
		nla_for_each_nested(item, list, rest)
			read_element(ctx, item);
}
