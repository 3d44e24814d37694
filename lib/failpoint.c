/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

#include "config.h"

#include "lib/failpoint.h"

#ifdef WITH_FAILPOINTS

#include <stdlib.h>
#include <string.h>

#include "lib/log.h"

void failpoint(const char *name)
{
	static unsigned passed;
	const char *wanted = getenv("MASQGATE_FAILPOINT");
	size_t length = strlen(name);

	if (!wanted || strncmp(wanted, name, length) != 0 || (wanted[length] && wanted[length] != ':'))
		return;
	if (++passed < (wanted[length] ? strtoul(wanted + length + 1, NULL, 10) : 1))
		return;
	log_error("failpoint %s", name);
	abort();
}

#endif
