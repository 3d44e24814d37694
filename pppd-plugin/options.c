/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* All options are privileged: whoever may start a pppd must not choose its policy. Strings are in arrays of their own,
 * since pppd frees the default of an option that is a pointer. */

#include "pppd-plugin/options.h"

#include <string.h>

struct options options = { .socket = MASQD_SOCKET, .timeout_ms = 500 };

/* pppd itself would cut a string that is too long. */
static int set_text(const char *option, const char *value, char *text, size_t size)
{
	if (!*value || strlen(value) >= size) {
		ppp_option_error("%s must be 1 to %d bytes long: %q", option, (int)size - 1, value);
		return 0;
	}
	strcpy(text, value);
	return 1;
}

static int set_policy(char **argv)
{
	return set_text("masq-policy", *argv, options.policy, sizeof(options.policy));
}

static int set_socket(char **argv)
{
	return set_text("masq-socket", *argv, options.socket, sizeof(options.socket));
}

#define FLAGS (OPT_PRIV | OPT_PRIO | OPT_PRIVFIX)

static option_t table[] = {
	{ .name = "masq-policy", .type = o_special, .addr = (void *)set_policy, .description = "Ask masqd for this policy",
	  .flags = FLAGS | OPT_A2STRVAL | OPT_STATIC, .addr2 = options.policy },
	{ .name = "masq-socket", .type = o_special, .addr = (void *)set_socket, .description = "masqd's socket",
	  .flags = FLAGS | OPT_A2STRVAL | OPT_STATIC, .addr2 = options.socket },
	{ .name = "masq-timeout", .type = o_int, .addr = &options.timeout_ms, .description = "Milliseconds to wait for masqd",
	  .flags = FLAGS | OPT_LIMITS, .upper_limit = 5000, .lower_limit = 50 },
	{ .name = "masq-fail-open", .type = o_bool, .addr = &options.is_fail_open,
	  .description = "Bring the line up without masqd", .flags = OPT_PRIV | 1 },
	{ .name = "masq-ipv6", .type = o_bool, .addr = &options.has_ipv6,
	  .description = "Do not switch IPv6CP off, and tell masqd of it", .flags = OPT_PRIV | 1 },
	{ .name = NULL },
};

void options_register(void)
{
	ppp_add_options(table);
}
