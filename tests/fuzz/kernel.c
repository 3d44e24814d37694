/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

#include "config.h"

#include <errno.h>
#include <event2/event.h>
#include <linux/netlink.h>
#include <netlink/attr.h>
#include <sanitizer/asan_interface.h>
#include <sys/socket.h>

#include "lib/netlink.h"
#include "tests/fuzz/kernel.h"

enum { LISTENERS_MAX = 16 };

static const uint8_t *datagrams;
static size_t left;
static uint32_t sequence;		/* of the last request */
static struct listener {
	event_callback_fn callback;
	void *ctx;
} listeners[LISTENERS_MAX];
static unsigned listener_count;
static struct {
	void *begin;
	size_t size;
} hidden;	/* what of a buffer is behind the last datagram */

int __real_netlink_request(struct nl_sock *sock, struct nl_msg *msg, void (*on_message)(void *ctx, struct nlmsghdr *header), void *ctx);
int __wrap_netlink_request(struct nl_sock *sock, struct nl_msg *msg, void (*on_message)(void *ctx, struct nlmsghdr *header), void *ctx);
struct event *__real_event_new(struct event_base *base, evutil_socket_t fd, short what, event_callback_fn callback, void *ctx);
struct event *__wrap_event_new(struct event_base *base, evutil_socket_t fd, short what, event_callback_fn callback, void *ctx);
ssize_t __wrap_send(int fd, const void *bytes, size_t size, int flags);
ssize_t __wrap_sendto(int fd, const void *bytes, size_t size, int flags, const struct sockaddr *to, socklen_t length);
ssize_t __wrap_sendmsg(int fd, const struct msghdr *message, int flags);
ssize_t __wrap_recv(int fd, void *bytes, size_t size, int flags);
ssize_t __wrap_recvmsg(int fd, struct msghdr *message, int flags);

static void show(void)
{
	__asan_unpoison_memory_region(hidden.begin, hidden.size);
	hidden.size = 0;
}

static void hide(void *begin, size_t size)
{
	hidden.begin = begin;
	hidden.size = size;
	__asan_poison_memory_region(begin, size);
}

void kernel_begin(const uint8_t *data, size_t size)
{
	datagrams = data;
	left = size;
	listener_count = 0;
}

/* The buffer is the caller's of this level: another request may be made from its callback. */
int __wrap_netlink_request(struct nl_sock *sock, struct nl_msg *msg, void (*on_message)(void *ctx, struct nlmsghdr *header), void *ctx)
{
	void *begin = hidden.begin;
	size_t size = hidden.size;
	int rc;

	hidden.size = 0;
	rc = __real_netlink_request(sock, msg, on_message, ctx);
	show();
	hidden.begin = begin;
	hidden.size = size;
	return rc;
}

struct event *__wrap_event_new(struct event_base *base, evutil_socket_t fd, short what, event_callback_fn callback, void *ctx)
{
	if ((what & EV_READ) && listener_count < LISTENERS_MAX)
		listeners[listener_count++] = (struct listener){ .callback = callback, .ctx = ctx };
	return __real_event_new(base, fd, what, callback, ctx);
}

void kernel_notify(void)
{
	size_t before;

	do {
		before = left;
		for (unsigned i = 0; i < listener_count; i++)
			listeners[i].callback(-1, EV_READ, listeners[i].ctx);
	} while (listener_count && left && left < before);
	show();
}

/* ---- requests */

static void note_sequence(const void *bytes, size_t size)
{
	struct nlmsghdr header;

	while (size >= sizeof(header)) {
		memcpy(&header, bytes, sizeof(header));
		sequence = header.nlmsg_seq;
		if (header.nlmsg_len < sizeof(header) || NLMSG_ALIGN(header.nlmsg_len) >= size)
			return;
		/* The last change of a transaction is followed by its end. */
		if (header.nlmsg_flags & NLM_F_ACK)
			return;
		bytes = (const char *)bytes + NLMSG_ALIGN(header.nlmsg_len);
		size -= NLMSG_ALIGN(header.nlmsg_len);
	}
}

ssize_t __wrap_send(int fd, const void *bytes, size_t size, int flags)
{
	(void)fd;
	(void)flags;
	note_sequence(bytes, size);
	return (ssize_t)size;
}

ssize_t __wrap_sendto(int fd, const void *bytes, size_t size, int flags, const struct sockaddr *to, socklen_t length)
{
	(void)to;
	(void)length;
	return __wrap_send(fd, bytes, size, flags);
}

ssize_t __wrap_sendmsg(int fd, const struct msghdr *message, int flags)
{
	(void)fd;
	(void)flags;
	for (size_t i = 0; i < message->msg_iovlen; i++)
		note_sequence(message->msg_iov[i].iov_base, message->msg_iov[i].iov_len);
	return 1;
}

/* ---- answers */

static void set_sequences(uint8_t *bytes, size_t size)
{
	struct nlmsghdr *header = (struct nlmsghdr *)bytes;
	int rest = (int)size;

	for (; nlmsg_ok(header, rest); header = nlmsg_next(header, &rest))
		if (!header->nlmsg_seq)
			header->nlmsg_seq = sequence;
}

/* What ends every answer. */
static size_t say_done(uint8_t *buffer)
{
	struct nlmsgerr error = { 0 };
	struct nlmsghdr header = { .nlmsg_len = NLMSG_LENGTH(sizeof(error)), .nlmsg_type = NLMSG_ERROR, .nlmsg_seq = sequence };

	memcpy(buffer, &header, sizeof(header));
	memcpy(buffer + NLMSG_HDRLEN, &error, sizeof(error));
	return header.nlmsg_len;
}

static ssize_t receive(void *buffer, size_t size, int flags)
{
	size_t length = left >= 2 ? datagrams[0] | (size_t)datagrams[1] << 8 : 0;

	show();
	if (left < 2) {
		left = 0;
		if (flags & MSG_DONTWAIT) {
			errno = EAGAIN;
			return -1;
		}
		length = say_done(buffer);
		hide((char *)buffer + length, size - length);
		return (ssize_t)length;
	}
	datagrams += 2;
	left -= 2;
	if (length > left)
		length = left;
	must(size >= length);
	memcpy(buffer, datagrams, length);
	set_sequences(buffer, length);
	datagrams += length;
	left -= length;
	hide((char *)buffer + length, size - length);
	return (ssize_t)length;
}

ssize_t __wrap_recv(int fd, void *bytes, size_t size, int flags)
{
	ssize_t length;

	(void)fd;
	/* An answer to a transaction: its end comes as well, or there is no other. */
	if (left < 2) {
		show();
		return (ssize_t)say_done(bytes);
	}
	length = receive(bytes, size, flags);
	return length;
}

ssize_t __wrap_recvmsg(int fd, struct msghdr *message, int flags)
{
	(void)fd;
	message->msg_flags = 0;
	return receive(message->msg_iov[0].iov_base, message->msg_iov[0].iov_len, flags);
}

/* ---- libnl's, where ASan sees them */

uint8_t nla_get_u8(const struct nlattr *attr)
{
	return *(const uint8_t *)((const char *)attr + NLA_HDRLEN);
}

uint16_t nla_get_u16(const struct nlattr *attr)
{
	uint16_t value;

	memcpy(&value, (const char *)attr + NLA_HDRLEN, sizeof(value));
	return value;
}

uint32_t nla_get_u32(const struct nlattr *attr)
{
	uint32_t value;

	memcpy(&value, (const char *)attr + NLA_HDRLEN, sizeof(value));
	return value;
}

uint64_t nla_get_u64(const struct nlattr *attr)
{
	uint64_t value = 0;

	if (attr && attr->nla_len >= NLA_HDRLEN + sizeof(value))
		memcpy(&value, (const char *)attr + NLA_HDRLEN, sizeof(value));
	return value;
}
