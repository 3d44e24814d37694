/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Calls to masqd and masq-arpd, and the words for everything that can go wrong with them. */

#include "config.h"

#include "cli/connect.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/error.h"

#define DEFAULT_TIMEOUT_SEC 10

static const struct {
	const char *program;
	const char *interface;
	const char *not_running;	/* hint */
	const char *silent;		/* hint; the socket may be the service manager's */
	const char *not_permitted;	/* hint */
} daemons[] = {
	[CONNECT_MASQD] = {
		"masqd", "org.masqgate.Gateway", "masqd is not running; see `systemctl status masqd`",
		"it is busy, or does not start: try a longer --timeout, or see `systemctl status masqd`",
		"this needs root, or a member of masqd's group; try `sudo masqctl …`",
	},
	[CONNECT_ARPD] = {
		"masq-arpd", "org.masqgate.Arp", "masq-arpd is not running; see `systemctl status masq-arpd`",
		"it is busy, or does not start: try a longer --timeout, or see `systemctl status masq-arpd`",
		"this needs root, or a member of masq-arpd's group; try `sudo masqctl …`",
	},
};

static const char *socket_path(const struct connect *c)
{
	return c->daemon == CONNECT_MASQD ? c->opt->socket : c->opt->arp_socket;
}

int64_t connect_deadline(const struct options *opt, long otherwise_sec)
{
	return varlink_now_ms() + (opt->timeout_sec >= 0 ? opt->timeout_sec : otherwise_sec) * 1000;
}

static int64_t deadline(const struct connect *c)
{
	return connect_deadline(c->opt, DEFAULT_TIMEOUT_SEC);
}

int connect_try(struct connect *c, enum connect_daemon daemon, const struct options *opt)
{
	*c = (struct connect){ .client = VARLINK_CLIENT_INIT, .daemon = daemon, .opt = opt };
	return varlink_client_open(&c->client, socket_path(c), deadline(c));
}

void connect_close(struct connect *c)
{
	varlink_client_close(&c->client);
}

int connect_open(struct connect *c, enum connect_daemon daemon, const struct options *opt)
{
	int rc = connect_try(c, daemon, opt);
	const char *path = socket_path(c);

	switch (rc) {
	case 0:
		return 0;
	case -ENOENT:
	case -ENOTDIR:
	case -ECONNREFUSED:
		return error_report(ERROR_NOT_RUNNING, daemons[daemon].not_running, "cannot connect to %s: %s", path, error_text(rc));
	case -EACCES:
	case -EPERM:
		return error_report(ERROR_PERMISSION, daemons[daemon].not_permitted, "cannot connect to %s: %s", path, error_text(rc));
	case -ETIMEDOUT:
		return error_report(ERROR_TIMED_OUT, NULL, "cannot connect to %s: timed out", path);
	}
	return error_report(ERROR_FAILED, NULL, "cannot connect to %s: %s", path, error_text(rc));
}

int connect_report_transport(const struct connect *c, int rc)
{
	const char *program = daemons[c->daemon].program;

	switch (rc) {
	case -ETIMEDOUT:
		return error_report(ERROR_TIMED_OUT, daemons[c->daemon].silent, "no answer from %s: timed out", program);
	case -ECONNRESET:
	case -EPIPE:
		return error_report(ERROR_NOT_RUNNING, NULL, "%s closed the connection", program);
	case -EBADMSG:
	case -EMSGSIZE:
		return error_report(ERROR_VERSION, "is it a Masq-Gate daemon that listens there?", "%s: not a Varlink reply", socket_path(c));
	}
	return error_report(ERROR_FAILED, NULL, "no answer from %s: %s", program, error_text(rc));
}

/* Takes nothing over. 0 or -errno. */
static int send_call(struct connect *c, const char *method, json_t *parameters, enum varlink_flags flags)
{
	char qualified[128];

	snprintf(qualified, sizeof(qualified), "%s.%s", daemons[c->daemon].interface, method);
	if (c->opt->is_verbose)
		fprintf(stderr, "masqctl: calling %s at %s\n", qualified, socket_path(c));
	return varlink_client_send(&c->client, qualified, json_incref(parameters), flags, deadline(c));
}

static int receive(struct connect *c, struct varlink_reply *reply)
{
	int rc = varlink_client_receive(&c->client, reply, deadline(c));

	return rc ? connect_report_transport(c, rc) : 0;
}

static int make_call(struct connect *c, const char *method, json_t *parameters, enum varlink_flags flags, struct varlink_reply *reply)
{
	int rc = send_call(c, method, parameters, flags);

	return rc ? rc : varlink_client_receive(&c->client, reply, deadline(c));
}

/* Makes a call and receives its first reply. What a daemon has not read before its end is for the next one: where a service manager holds
 * the socket, a restart refuses nobody. 0 with a reply, or an exit code, reported. */
static int call(struct connect *c, const char *method, json_t *parameters, enum varlink_flags flags, struct varlink_reply *reply)
{
	int rc = make_call(c, method, parameters, flags, reply);

	if (rc == -EPIPE) {
		varlink_client_close(&c->client);
		if (varlink_client_open(&c->client, socket_path(c), deadline(c)) == 0)
			rc = make_call(c, method, parameters, flags, reply);
	}
	json_decref(parameters);
	return rc ? connect_report_transport(c, rc) : 0;
}

bool connect_is_error(const struct connect *c, const struct varlink_reply *reply, const char *name)
{
	const char *interface = daemons[c->daemon].interface;
	size_t length = strlen(interface);

	return reply->error && strncmp(reply->error, interface, length) == 0 && reply->error[length] == '.' &&
	       strcmp(reply->error + length + 1, name) == 0;
}

static const char *text_of(const struct varlink_reply *reply, const char *member)
{
	const char *text = json_string_value(json_object_get(reply->parameters, member));

	return text ? text : "no reason given";
}

/* Each error of a configuration is a line of its own. */
static int report_configuration(const struct connect *c, const char *what, const struct varlink_reply *reply)
{
	json_t *errors = json_object_get(reply->parameters, "errors"), *line;
	size_t i;

	json_array_foreach(errors, i, line)
		if (json_is_string(line))
			error_report(ERROR_CONFIGURATION, NULL, "%s", json_string_value(line));
	return error_report(ERROR_CONFIGURATION, "nothing was changed; `masqctl check` shows the same without the daemon",
			    "%s: %s: configuration invalid", what, daemons[c->daemon].program);
}

/* Each setting that cannot be is one, too. */
static int report_settings(const char *what, const struct varlink_reply *reply)
{
	json_t *errors = json_object_get(reply->parameters, "errors"), *line;
	bool is_told = false;
	size_t i;

	json_array_foreach(errors, i, line) {
		if (!json_is_string(line))
			continue;
		error_report(ERROR_USAGE, NULL, "%s: %s", what, json_string_value(line));
		is_told = true;
	}
	return is_told ? ERROR_USAGE : error_report(ERROR_USAGE, NULL, "%s: no reason given", what);
}

/* Errors of the protocol itself, or ones that this version does not know. */
static int report_service_error(const struct connect *c, const char *method, const char *what, const struct varlink_reply *reply)
{
	const char *program = daemons[c->daemon].program;
	const char *name = strrchr(reply->error, '.');

	name = name ? name + 1 : reply->error;
	if (strcmp(name, "PermissionDenied") == 0)
		return error_report(ERROR_PERMISSION, daemons[c->daemon].not_permitted, "%s: permission denied", what);
	if (strcmp(name, "MethodNotFound") == 0 || strcmp(name, "MethodNotImplemented") == 0 || strcmp(name, "InterfaceNotFound") == 0)
		return error_report(ERROR_VERSION, "after an upgrade, restart the daemons",
				    "the running %s does not know %s.%s: its version is not that of this masqctl (%s)", program,
				    daemons[c->daemon].interface, method, PACKAGE_VERSION);
	if (strcmp(name, "InvalidParameter") == 0)
		return error_report(ERROR_FAILED, NULL, "%s: %s does not accept this: %s", what, program, text_of(reply, "parameter"));
	return error_report(ERROR_FAILED, NULL, "%s: %s answered %s", what, program, reply->error);
}

int connect_report_error(const struct connect *c, const char *method, const struct varlink_reply *reply)
{
	json_int_t serial = json_integer_value(json_object_get(reply->parameters, "serial"));
	char what[32];	/* "Kick" is the method, "kick" what the user typed */

	snprintf(what, sizeof(what), "%s%c%s", c->daemon == CONNECT_ARPD ? "arp " : "", tolower((unsigned char)method[0]), method + 1);
	if (connect_is_error(c, reply, "Refused"))
		return error_report(ERROR_FAILED, NULL, "%s: refused: %s", what, text_of(reply, "reason"));
	if (connect_is_error(c, reply, "Failed"))
		return error_report(ERROR_FAILED, NULL, "%s: failed: %s", what, text_of(reply, "reason"));
	if (connect_is_error(c, reply, "NoSuchSession"))
		return error_report(ERROR_NO_MATCH, NULL, "%s: no session #%" JSON_INTEGER_FORMAT, what, serial);
	if (connect_is_error(c, reply, "NoSuchInterface"))
		return error_report(ERROR_NO_MATCH, NULL, "%s: no such interface: %s", what, text_of(reply, "ifname"));
	if (connect_is_error(c, reply, "InvalidConfiguration"))
		return report_configuration(c, what, reply);
	if (connect_is_error(c, reply, "InvalidSettings"))
		return report_settings(what, reply);
	return report_service_error(c, method, what, reply);
}

int connect_ask(struct connect *c, const char *method, json_t *parameters, struct varlink_reply *reply)
{
	return call(c, method, parameters, 0, reply);
}

int connect_call(struct connect *c, const char *method, json_t *parameters, json_t **answer)
{
	struct varlink_reply reply;
	int rc = connect_ask(c, method, parameters, &reply);

	if (rc)
		return rc;
	if (reply.error)
		rc = connect_report_error(c, method, &reply);
	else if (answer)
		*answer = json_incref(reply.parameters);
	varlink_reply_free(&reply);
	return rc;
}

int connect_each(struct connect *c, const char *method, json_t *parameters, const char *member, void (*take)(void *ctx, json_t *row), void *ctx,
		 json_t **last)
{
	struct varlink_reply reply;
	json_t *row;
	bool continues;
	int rc = call(c, method, parameters, VARLINK_MORE, &reply);

	while (!rc) {
		row = json_object_get(reply.parameters, member);
		if (json_is_object(row))
			take(ctx, row);
		if (reply.error)
			rc = connect_report_error(c, method, &reply);
		continues = reply.continues;
		if (!rc && !continues && last)
			*last = json_incref(reply.parameters);
		varlink_reply_free(&reply);
		if (rc || !continues)
			break;
		rc = receive(c, &reply);
	}
	return rc;
}

static void append(void *ctx, json_t *row)
{
	json_array_append(ctx, row);
}

int connect_list(struct connect *c, const char *method, json_t *parameters, const char *member, json_t **rows)
{
	int rc;

	*rows = json_array();
	rc = connect_each(c, method, parameters, member, append, *rows, NULL);
	if (rc) {
		json_decref(*rows);
		*rows = NULL;
	}
	return rc;
}

int connect_list_selectable(struct connect *c, json_t **sessions)
{
	return connect_list(c, "List", json_pack("{s:[s, s, s, s, s]}", "fields", "serial", "ifname", "user", "user_hex", "address"), "session",
			    sessions);
}

int connect_subscribe(struct connect *c, const char *method)
{
	return send_call(c, method, NULL, VARLINK_MORE);
}
