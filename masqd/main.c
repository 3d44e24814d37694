/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* masqd: options, the ladder up, the loop, and the ladder down. */

#include "config.h"

#include <errno.h>
#include <event2/event.h>
#include <getopt.h>
#include <linux/capability.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "lib/log.h"
#include "lib/notify.h"
#include "lib/privilege.h"
#include "lib/unix-socket.h"
#include "lib/watchdog.h"
#include "masqd/api.h"
#include "masqd/follow.h"
#include "masqd/gateway.h"
#include "masqd/hosts.h"
#include "masqd/reload.h"
#include "masqd/org.masqgate.Gateway.varlink.h"

struct options {
	const char *file;
	bool check_only;
	int verbosity;
};

static void usage(FILE *out)
{
	fputs("usage: masqd [-f FILE] [-n] [-v]\n"
	      "  -f FILE  configuration (" PKGSYSCONFDIR "/masqd.conf)\n"
	      "  -n       check the configuration only; with -v print it in canonical form\n"
	      "  -v       log more\n"
	      "  -h, -V   this help, the version\n",
	      out);
}

static struct options parse_options(int argc, char **argv)
{
	struct options options = { .file = PKGSYSCONFDIR "/masqd.conf" };
	int c;

	while ((c = getopt(argc, argv, "f:nvhV")) != -1) {
		switch (c) {
		case 'f':
			options.file = optarg;
			break;
		case 'n':
			options.check_only = true;
			break;
		case 'v':
			options.verbosity++;
			break;
		case 'h':
			usage(stdout);
			exit(EX_OK);
		case 'V':
			puts("masqd " PACKAGE_VERSION);
			exit(EX_OK);
		default:
			usage(stderr);
			exit(EX_USAGE);
		}
	}
	if (optind < argc) {
		usage(stderr);
		exit(EX_USAGE);
	}
	return options;
}

static struct conf *load_configuration(const char *path)
{
	struct conffile file;
	struct conf *conf = conf_load(&file, path);
	bool is_missing = !conf && access(path, F_OK) != 0;

	for (size_t i = 0; i < file.error_count; i++)
		log_error("%s", file.errors[i]);
	conffile_close(&file);
	if (is_missing)
		log_error("hint: masqd.conf(5) has an example to begin with");
	return conf;
}

/* glibc keeps more and more of what is freed once a large block was: after a repair of ten thousand sessions 16 MiB. */
static void give_memory_back(void)
{
	mallopt(M_MMAP_THRESHOLD, 1024 * 1024);
	mallopt(M_TRIM_THRESHOLD, 1024 * 1024);
}

static void on_hangup(evutil_socket_t fd, short what, void *ctx)
{
	struct conffile file;
	unsigned changed;
	int rc;

	notify_reloading();
	rc = reload(ctx, &file, 0, &changed);
	if (rc)
		log_error("configuration not taken over, the old one stays in force%s",
			  rc == -EBUSY ? ": the last reload waits to be confirmed or rolled back" : "");
	for (size_t i = 0; i < file.error_count; i++)
		log_error("%s", file.errors[i]);
	conffile_close(&file);
	notify_ready();
}

static void on_terminate(evutil_socket_t fd, short what, void *ctx)
{
	struct api **api = ctx;

	notify_stopping();
	api_finish(*api);
}

/* For the watchdog: a table that somebody took away is put back within a second. */
static bool is_well(void *ctx)
{
	const struct gateway *gw = ctx;
	int rc = elements_find_table(gw->elements);

	if (rc)
		log_warn("cannot find the table inet masqgate: %s", strerror(-rc));
	conntrack_look(gw->conntrack);
	return !rc;
}

/* Up the ladder: socket and serials as whoever started us, everything else without privileges. */
static int start(struct gateway *gw, struct api **api, struct event_base *base, struct conf *conf)
{
	static const int capabilities[] = { CAP_NET_ADMIN, -1 };
	uid_t uid;
	gid_t gid;
	int rc = privilege_find_user(MASQD_USER, &uid, &gid);

	if (rc)
		die(EX_NOUSER, "cannot find user %s\nhint: useradd --system --user-group --no-create-home " MASQD_USER, MASQD_USER);
	rc = api_open(api, base, gw, conf->socket, varlink_description, uid, gid);
	if (rc)
		exit(unix_socket_report(rc, conf->socket, "masqd", EX_TEMPFAIL));
	gw->serials = serial_open(conf->state_directory, uid, gid);
	rc = privilege_drop(uid, gid, capabilities);
	if (rc)
		die(EX_NOPERM, "cannot become user %s with CAP_NET_ADMIN: %s\nhint: start it as root or by its systemd unit", MASQD_USER,
		    strerror(-rc));
	gw->store = store_open(conf->state_directory, base);
	rc = gw->serials && gw->store ? gateway_open(gw, base, conf, follow_handler(gw)) : -ENOMEM;
	return rc ? rc : hosts_open(&gw->hosts, gw);
}

int main(int argc, char **argv)
{
	struct options options = parse_options(argc, argv);
	struct event_base *base = NULL;
	struct event *hangup = NULL, *terminate = NULL, *interrupt = NULL;
	struct watchdog *watchdog = NULL;
	struct gateway gw = { 0 };
	struct api *api = NULL;
	struct conf *conf;
	int rc;

	log_open("masqd", options.verbosity);
	give_memory_back();
	conf = load_configuration(options.file);
	if (!conf)
		return EX_CONFIG;
	if (options.check_only) {
		if (options.verbosity)
			conf_print(conf, stdout);
		conf_free(conf);
		return EX_OK;
	}
	signal(SIGPIPE, SIG_IGN);
	base = event_base_new();
	if (!base)
		die(EX_OSERR, "cannot start: %s", strerror(ENOMEM));
	hangup = evsignal_new(base, SIGHUP, on_hangup, &gw);
	terminate = evsignal_new(base, SIGTERM, on_terminate, &api);
	interrupt = evsignal_new(base, SIGINT, on_terminate, &api);
	event_add(hangup, NULL);
	event_add(terminate, NULL);
	event_add(interrupt, NULL);
	rc = start(&gw, &api, base, conf);
	if (!rc)
		rc = watchdog_open(&watchdog, base, is_well, &gw);
	if (!rc) {
		log_info("ready: %s, version " PACKAGE_VERSION, conf->path);
		notify_ready();
		event_base_dispatch(base);
	}
	watchdog_close(watchdog);
	api_close(api);
	hosts_close(gw.hosts);
	gateway_close(&gw);
	event_free(interrupt);
	event_free(terminate);
	event_free(hangup);
	event_base_free(base);
	return rc ? EX_OSERR : EX_OK;
}
