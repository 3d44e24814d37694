/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* A state for each thing that can be waited for. Waiting with a deadline while the line comes up and looking without
 * waiting while it is up are the same step, so that a session is announced again by the code that announced it first. */

#include "pppd-plugin/masqd-link.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/text.h"
#include "lib/varlink-client.h"

#define INTERFACE "org.masqgate.Gateway."

/* A reconnection while the line is up must not keep pppd from answering LCP echoes. */
#define RECONNECT_MAX_MS 100
#define CLOSE_MAX_MS 100

enum link_state {
	LINK_ABSENT,	/* not connected */
	LINK_ADMITTING,	/* Admit is sent */
	LINK_ADMITTED,
	LINK_OPENING,	/* Open is sent */
	LINK_OPEN,	/* Open is granted and runs */
};

static struct varlink_client client = VARLINK_CLIENT_INIT;
static enum link_state state;
static struct masqd_session session;
static bool tells_ipv6;		/* this masqd says whether IPv6 is open */
static char reason[200];
static int (*signal_cancels)(void);

static bool is_cancelled(void)
{
	return signal_cancels();
}

void masqd_link_init(int (*cancels)(void))
{
	signal_cancels = cancels;
}

/* The words may come from anywhere and go to the peer and into pppd's log. */
__attribute__((format(printf, 1, 2))) static void because(const char *format, ...)
{
	char text[sizeof(reason)], *printable;
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	printable = text_escape(text);
	snprintf(reason, sizeof(reason), "%s", printable && *printable ? printable : "no reason given");
	free(printable);
}

static void disconnect(void)
{
	varlink_client_close(&client);
	state = LINK_ABSENT;
}

/* The connection is of no use any more. */
static enum masqd_answer lost(int rc)
{
	disconnect();
	switch (rc) {
	case -EINTR:
		because("interrupted");
		return MASQD_CANCELLED;
	case -ENOENT:
	case -ECONNREFUSED:
		because("masqd is not running");
		return MASQD_ABSENT;
	case -ETIMEDOUT:
		because("masqd does not answer");
		return MASQD_ABSENT;
	case -ECONNRESET:
	case -EPIPE:
		because("masqd closed the connection");
		return MASQD_ABSENT;
	case -EBADMSG:
	case -EMSGSIZE:
		because("masqd's answer makes no sense");
		return MASQD_ABSENT;
	}
	because("masqd cannot be asked: %s", strerror(-rc));
	return MASQD_ABSENT;
}

static enum masqd_answer refused(const struct varlink_reply *reply)
{
	const char *words = json_string_value(json_object_get(reply->parameters, "reason"));

	disconnect();
	if (strcmp(reply->error, INTERFACE "Refused") == 0) {
		because("%s", words ? words : "");
		return MASQD_REFUSED;
	}
	because("masqd says %s%s%s", reply->error, words ? ": " : "", words ? words : "");
	return MASQD_FAILED;
}

/* The name servers; of more than two the first two. */
static int parse_dns(json_t *dns, struct in_addr servers[2])
{
	json_t *server;
	size_t i;

	json_array_foreach(dns, i, server)
		if (i < 2 && (!json_is_string(server) || inet_pton(AF_INET, json_string_value(server), &servers[i]) != 1))
			return -EBADMSG;
	return 0;
}

static enum masqd_answer parse_admission(const struct masqd_line *line, json_t *parameters)
{
	json_t *serial = json_object_get(parameters, "serial");
	const char *address = json_string_value(json_object_get(parameters, "address"));
	const char *policy = json_string_value(json_object_get(parameters, "policy"));
	struct masqd_session admitted = { .started = json_integer_value(json_object_get(parameters, "started")) };

	if (!json_is_integer(serial) || json_integer_value(serial) < 1 || json_integer_value(serial) > UINT32_MAX ||
	    (address && inet_pton(AF_INET, address, &admitted.address) != 1) ||
	    parse_dns(json_object_get(parameters, "dns"), admitted.dns))
		return lost(-EBADMSG);
	if (line->address.s_addr && admitted.address.s_addr && admitted.address.s_addr != line->address.s_addr) {
		disconnect();
		because("the line has another address than %s, which is meant for it", address);
		return MASQD_REFUSED;
	}
	admitted.serial = json_integer_value(serial);
	snprintf(admitted.policy, sizeof(admitted.policy), "%s", policy ? policy : "");
	session = admitted;
	state = LINK_ADMITTED;
	return MASQD_ADMITTED;
}

static enum masqd_answer parse_opening(const struct varlink_reply *reply)
{
	const char *words = json_string_value(json_object_get(reply->parameters, "reason"));

	if (reply->continues) {
		json_t *ipv6 = json_object_get(reply->parameters, "ipv6");

		/* An older masqd does not say it, and has its rules only. */
		tells_ipv6 = json_is_boolean(ipv6);
		session.passes_ipv6 = !json_is_false(ipv6);
		state = LINK_OPEN;
		return MASQD_OPENED;
	}
	disconnect();
	because("%s", words ? words : "");
	return MASQD_CLOSED;
}

/* Takes the next reply, whatever it is to. A deadline of 0 does not wait. */
static enum masqd_answer step(const struct masqd_line *line, int64_t deadline_ms)
{
	struct varlink_reply reply;
	enum masqd_answer answer;
	int rc = varlink_client_receive(&client, &reply, deadline_ms);

	if (rc == -EAGAIN)
		return MASQD_NOTHING;
	if (rc)
		return lost(rc);
	if (reply.error)
		answer = refused(&reply);
	else if (state == LINK_ADMITTING)
		answer = parse_admission(line, reply.parameters);
	else if (state == LINK_OPENING || state == LINK_OPEN)
		answer = parse_opening(&reply);
	else
		answer = lost(-EBADMSG);
	varlink_reply_free(&reply);
	return answer;
}

/* Members that are not known are left out. */
static void set(json_t *object, const char *name, json_t *value)
{
	if (json_is_null(value))
		json_decref(value);
	else
		json_object_set_new(object, name, value);
}

static json_t *text_or_null(const char *text)
{
	return text && *text ? text_json(text) : json_null();
}

static json_t *line_json(const struct masqd_line *line)
{
	json_t *json = json_object();

	set(json, "ifname", text_json(line->ifname ? line->ifname : ""));
	set(json, "user", text_json(line->user ? line->user : ""));
	set(json, "user_hex", text_json_hex(line->user));
	set(json, "tty", text_or_null(line->tty));
	set(json, "speed", line->speed > 0 ? json_integer(line->speed) : json_null());
	set(json, "ipparam", text_or_null(line->ipparam));
	set(json, "caller", text_or_null(line->caller));
	/* pppd may have detached since the last message. */
	set(json, "pid", json_integer(getpid()));
	set(json, "policy", text_or_null(line->policy));
	set(json, "version", text_or_null(line->version));
	return json;
}

static json_t *address_json(struct in_addr address)
{
	char text[INET_ADDRSTRLEN];

	return address.s_addr ? json_string(inet_ntop(AF_INET, &address, text, sizeof(text))) : json_null();
}

static int connect_by(const struct masqd_line *line, int64_t deadline_ms)
{
	return client.fd >= 0 ? 0 : varlink_client_open(&client, line->socket, deadline_ms);
}

static int send_admit(const struct masqd_line *line, int64_t deadline_ms)
{
	json_t *parameters = json_pack("{s:o, s:o}", "line", line_json(line), "address", address_json(line->address));
	int rc = connect_by(line, deadline_ms);

	if (rc) {
		json_decref(parameters);
		return rc;
	}
	state = LINK_ADMITTING;
	return varlink_client_send(&client, INTERFACE "Admit", parameters, 0, deadline_ms);
}

static int send_open(const struct masqd_line *line, int64_t deadline_ms)
{
	json_t *parameters = json_pack("{s:o, s:I, s:I, s:I, s:o, s:o}", "line", line_json(line),
				       "serial", (json_int_t)session.serial, "started", (json_int_t)session.started,
				       "ifindex", (json_int_t)line->ifindex,
				       "local", address_json(line->local), "address", address_json(line->address));
	int rc = connect_by(line, deadline_ms);

	if (rc) {
		json_decref(parameters);
		return rc;
	}
	state = LINK_OPENING;
	return varlink_client_send(&client, INTERFACE "Open", parameters, VARLINK_MORE, deadline_ms);
}

enum masqd_answer masqd_link_admit(const struct masqd_line *line)
{
	int64_t deadline_ms = varlink_now_ms() + line->timeout_ms;
	int rc;

	disconnect();
	session = (struct masqd_session){ 0 };
	client.is_cancelled = is_cancelled;
	rc = send_admit(line, deadline_ms);
	return rc ? lost(rc) : step(line, deadline_ms);
}

enum masqd_answer masqd_link_open(const struct masqd_line *line)
{
	int64_t deadline_ms = varlink_now_ms() + line->timeout_ms;
	int was_connected = client.fd >= 0;
	enum masqd_answer answer;
	int rc;

	client.is_cancelled = is_cancelled;
	rc = send_open(line, deadline_ms);
	answer = rc ? lost(rc) : step(line, deadline_ms);
	/* masqd may have been restarted since it admitted the line; it knows the session by its serial and start. */
	if (answer == MASQD_ABSENT && was_connected && varlink_now_ms() < deadline_ms) {
		rc = send_open(line, deadline_ms);
		answer = rc ? lost(rc) : step(line, deadline_ms);
	}
	return answer;
}

void masqd_link_up(const struct masqd_line *line)
{
	json_t *parameters;

	if (state != LINK_OPEN)
		return;
	parameters = json_pack("{s:o, s:I, s:I}", "ifname", text_json(line->ifname), "pid", (json_int_t)getpid(),
			       "mtu", (json_int_t)line->mtu);
	/* A connection that takes no bytes is broken: the next poll sees it. */
	varlink_client_send(&client, INTERFACE "Up", parameters, VARLINK_ONEWAY, 0);
}

static json_t *address6_json(const struct in6_addr *address)
{
	char text[INET6_ADDRSTRLEN];

	return json_string(inet_ntop(AF_INET6, address, text, sizeof(text)));
}

static void send_ipv6(const struct masqd_line *line)
{
	if (state != LINK_OPEN || !line->has_ipv6)
		return;
	if (IN6_IS_ADDR_UNSPECIFIED(&line->peer6))
		varlink_client_send(&client, INTERFACE "DownIpv6", json_object(), VARLINK_ONEWAY, 0);
	else
		varlink_client_send(&client, INTERFACE "UpIpv6",
				    json_pack("{s:I, s:o, s:o}", "ifindex", (json_int_t)line->ifindex, "local",
					      address6_json(&line->local6), "peer", address6_json(&line->peer6)),
				    VARLINK_ONEWAY, 0);
}

void masqd_link_ipv6(const struct masqd_line *line)
{
	if (tells_ipv6)
		session.passes_ipv6 = 0;
	send_ipv6(line);
}

void masqd_link_close(const char *cause)
{
	int64_t deadline_ms = varlink_now_ms() + CLOSE_MAX_MS;
	struct varlink_reply reply = { 0 };

	client.is_cancelled = NULL;
	if (state == LINK_OPENING || state == LINK_OPEN) {
		json_t *parameters = json_pack("{s:o}", "cause", text_json(cause));
		int rc = varlink_client_send(&client, INTERFACE "Close", parameters, VARLINK_ONEWAY, deadline_ms);

		while (!rc) {
			rc = varlink_client_receive(&client, &reply, deadline_ms);
			if (!rc && !reply.continues)
				rc = -ENODATA;
			varlink_reply_free(&reply);
		}
	}
	disconnect();
	session = (struct masqd_session){ 0 };
}

static enum masqd_answer announce(const struct masqd_line *line)
{
	int64_t wait_ms = line->timeout_ms < RECONNECT_MAX_MS ? line->timeout_ms : RECONNECT_MAX_MS;
	int64_t deadline_ms = varlink_now_ms() + wait_ms;

	if (session.serial ? send_open(line, deadline_ms) : send_admit(line, deadline_ms))
		disconnect();
	return MASQD_NOTHING;
}

enum masqd_answer masqd_link_poll(const struct masqd_line *line)
{
	enum link_state before = state;
	enum masqd_answer answer;

	client.is_cancelled = NULL;
	if (state == LINK_ABSENT || state == LINK_ADMITTED)
		return announce(line);
	answer = step(line, 0);
	if (answer == MASQD_OPENED && before != LINK_OPEN) {
		masqd_link_up(line);
		send_ipv6(line);
	} else if (answer == MASQD_OPENED || (answer == MASQD_ABSENT && before != LINK_OPEN)) {
		answer = MASQD_NOTHING;
	}
	return answer;
}

const struct masqd_session *masqd_link_session(void)
{
	return &session;
}

const char *masqd_link_reason(void)
{
	return reason;
}

void masqd_link_forget(void)
{
	disconnect();
}
