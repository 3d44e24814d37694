/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Elements of nf_tables sets, by linux/netfilter/nf_tables.h. */

#include "config.h"

#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <netlink/socket.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/log.h"
#include "lib/netlink.h"
#include "masqd/batch.h"
#include "masqd/session.h"

static const char table[] = "masqgate";

/* A session's transaction is far below this; that of ten thousand takes 8 MiB, and comes once in a while. */
enum { KEPT_MAX = 64 * 1024 };

/* Userdata of an element is a list of type, length, value; nft shows type 0 as the element's comment (a C string). */
enum { COMMENT_TYPE = 0 };

struct batch {
	struct nl_sock *sock;
	char *bytes;	/* messages of the transaction, one after the other */
	size_t used, size;
	uint32_t sequence;	/* of the next message */
	uint32_t first;		/* the transaction's */
	size_t last;		/* where in bytes the last change is; 0: there is none */
	int error;	/* what went wrong while it was built */
};

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

int batch_open(struct batch **out)
{
	struct batch *batch = calloc(1, sizeof(*batch));
	int size = 64 * 1024 * 1024;

	if (!batch)
		return -ENOMEM;
	batch->sock = netlink_request_open(NETLINK_NETFILTER);
	if (!batch->sock) {
		free(batch);
		return -errno;
	}
	/* A transaction is one datagram, also that of ten thousand sessions. */
	if (setsockopt(nl_socket_get_fd(batch->sock), SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)))
		log_warn("cannot have a large netlink buffer: %s", strerror(errno));
	*out = batch;
	return 0;
}

uint32_t batch_port(const struct batch *batch)
{
	return nl_socket_get_local_port(batch->sock);
}

void batch_close(struct batch *batch)
{
	if (!batch)
		return;
	nl_socket_free(batch->sock);
	free(batch->bytes);
	free(batch);
}

/* Appends a message to the batch and frees it; NULL counts as no memory. */
static void append(struct batch *batch, struct nl_msg *msg)
{
	size_t len = msg ? NLMSG_ALIGN(nlmsg_hdr(msg)->nlmsg_len) : 0;

	if (msg && batch->used + len > batch->size) {
		size_t size = batch->size ? 2 * batch->size : 4096;
		char *bytes = realloc(batch->bytes, size);

		if (bytes) {
			batch->bytes = bytes;
			batch->size = size;
		}
	}
	if (!msg || batch->used + len > batch->size) {
		batch->error = -ENOMEM;
	} else {
		nlmsg_hdr(msg)->nlmsg_seq = batch->sequence++;
		memset(batch->bytes + batch->used, 0, len);
		memcpy(batch->bytes + batch->used, nlmsg_hdr(msg), nlmsg_hdr(msg)->nlmsg_len);
		batch->used += len;
	}
	if (msg)
		nlmsg_free(msg);
}

static struct nl_msg *message(int type, int flags, int family, int resource)
{
	struct nfgenmsg header = { .nfgen_family = family, .version = NFNETLINK_V0, .res_id = htons(resource) };
	struct nl_msg *msg = nlmsg_alloc_simple(type, NLM_F_REQUEST | flags);

	if (msg && nlmsg_append(msg, &header, sizeof(header), NLMSG_ALIGNTO) == 0)
		return msg;
	if (msg)
		nlmsg_free(msg);
	return NULL;
}

static struct nl_msg *set_message(int type, int flags, const char *set)
{
	struct nl_msg *msg = message(NFNL_SUBSYS_NFTABLES << 8 | type, flags, NFPROTO_INET, 0);

	if (msg && nla_put_string(msg, NFTA_SET_ELEM_LIST_TABLE, table) == 0 && nla_put_string(msg, NFTA_SET_ELEM_LIST_SET, set) == 0)
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

static struct nl_msg *element_message(int type, int flags, const struct element *element)
{
	bool is_new = type == NFT_MSG_NEWSETELEM;
	struct nl_msg *msg = set_message(type, flags, element->set);
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

void batch_begin(struct batch *batch)
{
	batch->used = 0;
	batch->last = 0;
	batch->first = batch->sequence;
	batch->error = 0;
	append(batch, message(NFNL_MSG_BATCH_BEGIN, 0, AF_UNSPEC, NFNL_SUBSYS_NFTABLES));
}

static void append_change(struct batch *batch, struct nl_msg *msg)
{
	batch->last = batch->used;
	append(batch, msg);
}

void batch_add(struct batch *batch, const struct element *element)
{
	append_change(batch, element_message(NFT_MSG_NEWSETELEM, NLM_F_CREATE, element));
}

void batch_del(struct batch *batch, const struct element *element)
{
	append_change(batch, element_message(NFT_MSG_DELSETELEM, 0, element));
}

void batch_flush(struct batch *batch, const char *set)
{
	append_change(batch, set_message(NFT_MSG_DELSETELEM, 0, set));
}

/* Reads answers until that to the last change, and notes the first error. True: it has come. */
static bool read_datagram(const struct batch *batch, char *buffer, int len, uint32_t last, int *rc)
{
	for (struct nlmsghdr *h = (struct nlmsghdr *)buffer; nlmsg_ok(h, len); h = nlmsg_next(h, &len)) {
		const struct nlmsgerr *error = nlmsg_data(h);

		/* What an earlier transaction left behind is not about this one. */
		if (h->nlmsg_type != NLMSG_ERROR || nlmsg_datalen(h) < (int)sizeof(*error) ||
		    h->nlmsg_seq - batch->first >= batch->sequence - batch->first)
			continue;
		if (error->error && !*rc)
			*rc = netlink_code(error->error);
		if (h->nlmsg_seq == last)
			return true;
	}
	return false;
}

/* The kernel works a transaction off inside the send: all answers are there when it returns. It answers to what failed, in the order
 * of the messages, that of the whole first, and to the last change in any case. */
static int read_answers(const struct batch *batch, uint32_t last)
{
	char buffer[32 * 1024] __attribute__((aligned(NLMSG_ALIGNTO)));
	int rc = 0;

	for (;;) {
		ssize_t len = recv(nl_socket_get_fd(batch->sock), buffer, sizeof(buffer), MSG_DONTWAIT);

		if (len >= 0) {
			if (read_datagram(batch, buffer, (int)len, last, &rc))
				return rc;
		} else if (errno == ENOBUFS) {
			/* Answers were lost: whatever the others say, this may have failed. */
			rc = -ENOBUFS;
		} else if (errno != EINTR) {
			return rc ? rc : errno == EAGAIN ? -EIO : -errno;
		}
	}
}

static int send_changes(struct batch *batch)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	/* One acknowledgement does: an answer to each message takes as long as the change itself. */
	struct nlmsghdr *last = (struct nlmsghdr *)(batch->bytes + batch->last);

	last->nlmsg_flags |= NLM_F_ACK;
	if (sendto(nl_socket_get_fd(batch->sock), batch->bytes, batch->used, 0, (struct sockaddr *)&kernel, sizeof(kernel)) < 0)
		return -errno;
	return read_answers(batch, last->nlmsg_seq);
}

int batch_commit(struct batch *batch)
{
	int rc;

	append(batch, message(NFNL_MSG_BATCH_END, 0, AF_UNSPEC, NFNL_SUBSYS_NFTABLES));
	rc = batch->error;
	if (!rc && batch->last)
		rc = send_changes(batch);
	if (batch->size > KEPT_MAX) {
		free(batch->bytes);
		batch->bytes = NULL;
		batch->size = 0;
	}
	return rc;
}

struct dump {
	void (*on_element)(void *ctx, const struct element_view *view);
	void *ctx;
};

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

static void dump_element(const struct dump *dump, struct nlattr *item)
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
	dump->on_element(dump->ctx, &view);
}

static void on_dump(void *ctx, struct nlmsghdr *header)
{
	struct nlattr *list, *item;
	int rest;

	list = nlmsg_find_attr(header, sizeof(struct nfgenmsg), NFTA_SET_ELEM_LIST_ELEMENTS);
	if (list)
		nla_for_each_nested(item, list, rest)
			dump_element(ctx, item);
}

int batch_dump(struct batch *batch, const char *set, void (*on_element)(void *ctx, const struct element_view *view), void *ctx)
{
	struct dump dump = { .on_element = on_element, .ctx = ctx };
	int rc;

	do {
		struct nl_msg *msg = set_message(NFT_MSG_GETSETELEM, NLM_F_DUMP, set);

		rc = msg ? netlink_request(batch->sock, msg, on_dump, &dump) : -ENOMEM;
		if (msg)
			nlmsg_free(msg);
	} while (rc == -EINTR);
	return rc;
}

int batch_find_table(struct batch *batch)
{
	struct nl_msg *msg = message(NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETTABLE, 0, NFPROTO_INET, 0);
	int rc = msg && nla_put_string(msg, NFTA_TABLE_NAME, table) == 0 ? netlink_request(batch->sock, msg, NULL, NULL) : -ENOMEM;

	if (msg)
		nlmsg_free(msg);
	return rc;
}

int batch_get(struct batch *batch, const struct element *element, void (*on_element)(void *ctx, const struct element_view *view), void *ctx)
{
	struct nl_msg *msg = element_message(NFT_MSG_GETSETELEM, 0, element);
	struct dump dump = { .on_element = on_element, .ctx = ctx };
	int rc = msg ? netlink_request(batch->sock, msg, on_dump, &dump) : -ENOMEM;

	if (msg)
		nlmsg_free(msg);
	return rc;
}

struct holding {
	const struct element *element;
	bool is_held;
};

static void on_held(void *ctx, const struct element_view *view)
{
	struct holding *holding = ctx;
	const struct element_bytes *value = &holding->element->value;

	holding->is_held = !value->len || (view->value_len >= value->len && memcmp(view->value, value->bytes, value->len) == 0);
}

int batch_holds(struct batch *batch, const struct element *element)
{
	struct holding holding = { .element = element };
	int rc = batch_get(batch, element, on_held, &holding);

	return rc == -ENOENT ? 0 : rc ? rc : holding.is_held;
}
