/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Transactions of nf_tables (linux/netfilter/nfnetlink.h). */

#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <netlink/msg.h>
#include <netlink/socket.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/log.h"
#include "lib/netlink.h"
#include "masqd/batch.h"
#include "masqd/table-message.h"

/* A session's transaction is far below this; that of ten thousand takes 8 MiB, and comes once in a while. */
enum { KEPT_MAX = 64 * 1024 };

struct batch {
	struct nl_sock *sock;
	char *bytes;	/* messages of the transaction, one after the other */
	size_t used, size;
	uint32_t sequence;	/* of the next message */
	uint32_t first;		/* the transaction's */
	size_t last;		/* where in bytes the last change is; 0: there is none */
	int error;	/* what went wrong while it was built */
};

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

/* The begin and the end of a transaction. */
static struct nl_msg *mark(int type)
{
	struct nfgenmsg header = { .nfgen_family = AF_UNSPEC, .version = NFNETLINK_V0, .res_id = htons(NFNL_SUBSYS_NFTABLES) };
	struct nl_msg *msg = nlmsg_alloc_simple(type, NLM_F_REQUEST);

	if (msg && nlmsg_append(msg, &header, sizeof(header), NLMSG_ALIGNTO) == 0)
		return msg;
	if (msg)
		nlmsg_free(msg);
	return NULL;
}

void batch_begin(struct batch *batch)
{
	batch->used = 0;
	batch->last = 0;
	batch->first = batch->sequence;
	batch->error = 0;
	append(batch, mark(NFNL_MSG_BATCH_BEGIN));
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
	append_change(batch, element_set_message(NFT_MSG_DELSETELEM, 0, set));
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

	append(batch, mark(NFNL_MSG_BATCH_END));
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

int batch_dump(struct batch *batch, const char *set, void (*on_element)(void *ctx, const struct element_view *view), void *ctx)
{
	struct element_reader reader = { .on_element = on_element, .ctx = ctx };
	int rc;

	do {
		struct nl_msg *msg = element_set_message(NFT_MSG_GETSETELEM, NLM_F_DUMP, set);

		rc = msg ? netlink_request(batch->sock, msg, element_read, &reader) : -ENOMEM;
		if (msg)
			nlmsg_free(msg);
	} while (rc == -EINTR);
	return rc;
}

int batch_find_table(struct batch *batch)
{
	struct nl_msg *msg = table_message(NFT_MSG_GETTABLE, 0);
	int rc = msg ? netlink_request(batch->sock, msg, NULL, NULL) : -ENOMEM;

	if (msg)
		nlmsg_free(msg);
	return rc;
}

int batch_get(struct batch *batch, const struct element *element, void (*on_element)(void *ctx, const struct element_view *view), void *ctx)
{
	struct nl_msg *msg = element_message(NFT_MSG_GETSETELEM, 0, element);
	struct element_reader reader = { .on_element = on_element, .ctx = ctx };
	int rc = msg ? netlink_request(batch->sock, msg, element_read, &reader) : -ENOMEM;

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
