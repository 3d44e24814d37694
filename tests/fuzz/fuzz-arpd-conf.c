/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* arpd.conf (arpd/conf). Whatever the file is: it is taken with what masq-arpd can bear, or refused with an error, and nothing ends the
 * program. (How errors are worded is lib/conffile's, which tests/fuzz/fuzz-conf.c tries.) */

#include "config.h"

#include "arpd/conf.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/memory-file.h"
#include "tests/fuzz/quiet.h"

static void look_at(const struct conf *conf)
{
	must(conf->socket[0] == '/' && strlen(conf->socket) < 108);
	must(conf->probe_wait_ms >= 20 && conf->probe_wait_ms <= 5000);
	must(conf->bpf_from >= 1 && conf->bpf_from <= 100000);
	for (size_t i = 0; i < conf->publication_count; i++) {
		const struct conf_publication *publication = &conf->publications[i];

		must(publication->interface_count && 128 - publication->prefix.length <= CONF_PREFIX_BITS_MAX);
		must(!ip_objection(&publication->prefix.address));
		for (size_t k = 0; k < publication->interface_count; k++)
			must(!conf_interface_objection(publication->interfaces[k]));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct memory_file memory = { .fd = -1 };
	struct conf *conf;

	if (memory.fd < 0)
		memory_file_open(&memory);
	memory_file_fill(&memory, data, size);
	quiet_errors = 0;
	conf = conf_load(memory.path);
	must(!conf == (quiet_errors > 0));
	if (conf)
		look_at(conf);
	conf_free(conf);
	return 0;
}
