/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* The configuration by libconfuse. Values are judged as they are read, so that each error has its line. */

#include "arpd/conf.h"

#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "lib/conffile.h"
#include "lib/log.h"

const char *conf_interface_objection(const char *name)
{
	if (!*name || strlen(name) >= IFNAMSIZ)
		return "must have 1 to 15 characters";
	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || strpbrk(name, "/: \t\n\v\f\r"))
		return "must be the name of a network interface";
	return NULL;
}

static int validate_interface(cfg_t *cfg, cfg_opt_t *opt)
{
	unsigned size = cfg_opt_size(opt);
	const char *name = size ? cfg_opt_getnstr(opt, size - 1) : NULL;
	const char *objection = name ? conf_interface_objection(name) : NULL;

	return objection ? conffile_complain(cfg, "bad interface: %s: %s", name, objection) : 0;
}

static int validate_socket(cfg_t *cfg, cfg_opt_t *opt)
{
	const char *path = cfg_opt_getstr(opt);

	if (path[0] != '/')
		return conffile_complain(cfg, "bad socket: %s: must be an absolute path", path);
	if (strlen(path) >= sizeof(((struct sockaddr_un *)NULL)->sun_path))
		return conffile_complain(cfg, "bad socket: %s: must be shorter than %zu characters", path,
					 sizeof(((struct sockaddr_un *)NULL)->sun_path));
	return 0;
}

static int validate_probe_wait(cfg_t *cfg, cfg_opt_t *opt)
{
	long wait_ms = cfg_opt_getnint(opt, 0);

	if (wait_ms >= 20 && wait_ms <= 5000)
		return 0;
	return conffile_complain(cfg, "bad probe-wait: %ld: must be 20 to 5000 milliseconds", wait_ms);
}

/* In the order of enum engine_choice. */
static const char *const engines[] = { "auto", "kernel", "bpf" };
enum { ENGINES = sizeof(engines) / sizeof(engines[0]) };

static int find_engine(const char *name)
{
	for (int i = 0; i < ENGINES; i++)
		if (strcmp(name, engines[i]) == 0)
			return i;
	return -1;
}

static int validate_engine(cfg_t *cfg, cfg_opt_t *opt)
{
	const char *name = cfg_opt_getstr(opt);

	return find_engine(name) < 0 ? conffile_complain(cfg, "bad engine: %s: must be auto, kernel or bpf", name) : 0;
}

static int validate_bpf_from(cfg_t *cfg, cfg_opt_t *opt)
{
	long from = cfg_opt_getnint(opt, 0);

	return from < 1 || from > 100000 ? conffile_complain(cfg, "bad bpf-from: %ld: must be 1 to 100000 addresses", from) : 0;
}

const char *conf_prefix_parse(const char *text, struct ip_prefix *prefix)
{
	const char *objection = ip_prefix_parse(text, prefix);

	if (!objection)
		objection = ip_objection(&prefix->address);
	if (!objection && 128 - prefix->length > CONF_PREFIX_BITS_MAX)
		objection = "must not have more than 65536 addresses";
	return objection;
}

/* Fills one publication, which is zeroed. What is wrong goes to file. */
static void read_publication(struct conf_publication *publication, struct conffile *file, cfg_t *section)
{
	unsigned line = conffile_section_line(file, section), count = cfg_size(section, "interface");
	const char *title = cfg_title(section), *objection = conf_prefix_parse(title, &publication->prefix);

	if (objection)
		conffile_error(file, line, "bad address: %s: %s", title, objection);
	if (!count)
		conffile_error(file, line, "missing interface: publish %s: it must say on which LAN", title);
	publication->interfaces = calloc(count + 1, sizeof(*publication->interfaces));
	if (!publication->interfaces)
		return;
	for (unsigned i = 0; i < count; i++) {
		char *name = strdup(cfg_getnstr(section, "interface", i));

		if (name)
			publication->interfaces[publication->interface_count++] = name;
	}
}

/* NULL if anything is wrong, and file knows it. */
static struct conf *conf_make(struct conffile *file, cfg_t *cfg)
{
	struct conf *conf = calloc(1, sizeof(*conf));
	unsigned count = cfg_size(cfg, "publish");

	if (conf) {
		conf->socket = strdup(cfg_getstr(cfg, "socket"));
		conf->publications = calloc(count + 1, sizeof(*conf->publications));
	}
	if (!conf || !conf->socket || !conf->publications) {
		conffile_error(file, 0, "cannot read: out of memory");
		conf_free(conf);
		return NULL;
	}
	conf->announce = cfg_getbool(cfg, "announce");
	conf->probe = cfg_getbool(cfg, "probe");
	conf->probe_wait_ms = (unsigned)cfg_getint(cfg, "probe-wait");
	conf->cleans_foreign = cfg_getbool(cfg, "clean-foreign");
	conf->engine = (enum engine_choice)find_engine(cfg_getstr(cfg, "engine"));
	conf->bpf_from = (size_t)cfg_getint(cfg, "bpf-from");
	conf->publication_count = count;
	for (unsigned i = 0; i < count; i++)
		read_publication(&conf->publications[i], file, cfg_getnsec(cfg, "publish", i));
	if (file->error_count == 0)
		return conf;
	conf_free(conf);
	return NULL;
}

struct conf *conf_load(const char *path)
{
	cfg_opt_t publish_options[] = {
		CFG_STR_LIST("interface", NULL, CFGF_NONE),
		CFG_END(),
	};
	cfg_opt_t options[] = {
		CFG_STR("socket", ARPD_SOCKET, CFGF_NONE),
		CFG_BOOL("announce", cfg_true, CFGF_NONE),
		CFG_BOOL("probe", cfg_true, CFGF_NONE),
		CFG_INT("probe-wait", 100, CFGF_NONE),
		CFG_BOOL("clean-foreign", cfg_false, CFGF_NONE),
		CFG_STR("engine", "auto", CFGF_NONE),
		CFG_INT("bpf-from", 2000, CFGF_NONE),
		CFG_SEC("publish", publish_options, CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES),
		CFG_END(),
	};
	struct conffile file;
	struct conf *conf = NULL;
	cfg_t *cfg = NULL;

	if (conffile_open(&file, path))
		goto out;
	cfg = cfg_init(options, CFGF_NONE);
	if (!cfg) {
		conffile_error(&file, 0, "cannot read: out of memory");
		goto out;
	}
	cfg_set_validate_func(cfg, "socket", validate_socket);
	cfg_set_validate_func(cfg, "probe-wait", validate_probe_wait);
	cfg_set_validate_func(cfg, "engine", validate_engine);
	cfg_set_validate_func(cfg, "bpf-from", validate_bpf_from);
	cfg_set_validate_func(cfg, "publish|interface", validate_interface);
	if (conffile_parse(&file, cfg) == 0)
		conf = conf_make(&file, cfg);
out:
	for (size_t i = 0; i < file.error_count; i++)
		log_error("%s", file.errors[i]);
	if (cfg)
		cfg_free(cfg);
	conffile_close(&file);
	return conf;
}

void conf_free(struct conf *conf)
{
	if (!conf)
		return;
	for (size_t i = 0; i < conf->publication_count; i++) {
		for (size_t j = 0; j < conf->publications[i].interface_count; j++)
			free(conf->publications[i].interfaces[j]);
		free(conf->publications[i].interfaces);
	}
	free(conf->publications);
	free(conf->socket);
	free(conf);
}
