/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

#include "config.h"

#include <string.h>

#include "masqd/ipv6-key.h"

static const char *const texts[] = {
	[IPV6_MODE_NO] = "no",
	[IPV6_MODE_PROXY] = "proxy",
	[IPV6_MODE_MASQUERADE] = "masquerade",
};

const char *ipv6_mode_text(enum ipv6_mode mode)
{
	return texts[mode];
}

const char *ipv6_parse(const struct conf *conf, const char *text, void *member)
{
	enum ipv6_mode *mode = member;

	for (*mode = IPV6_MODE_NO; *mode <= IPV6_MODE_MASQUERADE; (*mode)++)
		if (strcmp(text, texts[*mode]) == 0)
			return NULL;
	*mode = IPV6_MODE_NO;
	return "must be no, proxy or masquerade";
}

void ipv6_print(FILE *out, const void *member)
{
	fputs(texts[*(const enum ipv6_mode *)member], out);
}

json_t *ipv6_json(const void *member)
{
	return json_string(texts[*(const enum ipv6_mode *)member]);
}
