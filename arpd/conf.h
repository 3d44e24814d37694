/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* arpd.conf(5). */

#ifndef ARPD_CONF_H
#define ARPD_CONF_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/ip.h"

struct conf {
	char *socket;
	bool announce;
	bool probe;
	unsigned probe_wait_ms;
	bool cleans_foreign;
	enum engine_choice {
		ENGINE_AUTO,
		ENGINE_KERNEL,
		ENGINE_BPF,
	} engine;
	size_t bpf_from;	/* so many IPv4 addresses: by ENGINE_AUTO, the responder answers for them */
	struct conf_publication {
		struct ip_prefix prefix;
		char **interfaces;
		size_t interface_count;	/* at least one */
	} *publications;
	size_t publication_count;
};

/* Reads the file; every error is logged. NULL if there was one. */
struct conf *conf_load(const char *path);
void conf_free(struct conf *conf);

/* A prefix is published address by address: it may have so many. */
enum { CONF_PREFIX_BITS_MAX = 16 };

/* What is wrong with a prefix whose every address is to be published; NULL if nothing is. */
const char *conf_prefix_parse(const char *text, struct ip_prefix *prefix);

/* What is wrong with the name of an interface, "must …"; NULL if it can be one. */
const char *conf_interface_objection(const char *name);

#endif
