/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* masq-arpd(8): command line, privileges, signals, loop. */

#include "config.h"

#include <errno.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "arpd/api.h"
#include "arpd/arpd.h"
#include "lib/log.h"
#include "lib/notify.h"
#include "lib/privilege.h"
#include "lib/unix-socket.h"
#include "lib/watchdog.h"

static const char usage[] =
	"usage: masq-arpd [-f FILE] [-n] [-v] [-h] [-V]\n"
	"Answers ARP requests for addresses behind this gateway; runs in the foreground.\n"
	"\n"
	"  -f FILE  configuration [" PKGSYSCONFDIR "/arpd.conf]\n"
	"  -n       only check the configuration\n"
	"  -v       also log what is only of interest when looking for a fault\n"
	"  -h       this text\n"
	"  -V       the version\n";

struct options {
	const char *path;
	int verbosity;
	bool only_checks;
};

/* -1: go on; else the program's exit status. */
static int parse_options(struct options *options, int argc, char *argv[])
{
	int c;

	while ((c = getopt(argc, argv, "f:nvhV")) != -1) {
		switch (c) {
		case 'f':
			options->path = optarg;
			break;
		case 'n':
			options->only_checks = true;
			break;
		case 'v':
			options->verbosity++;
			break;
		case 'h':
			fputs(usage, stdout);
			return 0;
		case 'V':
			puts("masq-arpd " PACKAGE_VERSION);
			return 0;
		default:
			fputs("hint: masq-arpd -h\n", stderr);
			return EX_USAGE;
		}
	}
	if (optind < argc) {
		fprintf(stderr, "masq-arpd: unexpected argument: %s\nhint: masq-arpd -h\n", argv[optind]);
		return EX_USAGE;
	}
	return -1;
}

static void on_stop(evutil_socket_t number, short what, void *ctx)
{
	struct varlink_server **server = ctx;

	(void)number;
	(void)what;
	notify_stopping();
	varlink_server_finish(*server);
}

static void on_hangup(evutil_socket_t number, short what, void *ctx)
{
	(void)number;
	(void)what;
	arpd_reload(ctx);
}

/* The socket is made as root, everything else as the ordinary user. */
static void become_service(struct arpd *arpd, struct varlink_server **server, const struct varlink_service *service)
{
	/* The last one is for the BPF engine, which may do without. */
	static const int with_bpf[] = { CAP_NET_ADMIN, CAP_NET_RAW, CAP_BPF, -1 }, without[] = { CAP_NET_ADMIN, CAP_NET_RAW, -1 };
	uid_t uid = geteuid();
	gid_t gid = getegid();
	int rc;

	if (uid == 0 && privilege_find_user(ARPD_USER, &uid, &gid))
		die(EX_NOUSER, "cannot start: no such user: " ARPD_USER);
	rc = varlink_server_open(server, arpd->base, arpd->conf->socket, uid, gid, service);
	if (rc)
		exit(unix_socket_report(rc, arpd->conf->socket, "masq-arpd", EX_UNAVAILABLE));
	rc = arpd->conf->engine == ENGINE_KERNEL ? -EPERM : privilege_drop(uid, gid, with_bpf);
	if (rc)
		rc = privilege_drop(uid, gid, without);
	if (rc)
		die(EX_NOPERM, "cannot start: needs to be root, or CAP_NET_ADMIN and CAP_NET_RAW: %s", strerror(-rc));
}

static void add_signal(struct event_base *base, struct event **event, int number, event_callback_fn callback, void *ctx)
{
	*event = evsignal_new(base, number, callback, ctx);
	if (!*event || event_add(*event, NULL))
		die(EX_OSERR, "cannot start: %s", strerror(ENOMEM));
}

int main(int argc, char *argv[])
{
	struct options options = { .path = PKGSYSCONFDIR "/arpd.conf" };
	struct arpd arpd = { 0 };
	struct varlink_service service;
	struct varlink_server *server = NULL;
	struct watchdog *watchdog;
	struct event *signals[3];
	int rc = parse_options(&options, argc, argv);

	if (rc >= 0)
		return rc;
	log_open("masq-arpd", options.verbosity);
	arpd.path = options.path;
	arpd.conf = conf_load(arpd.path);
	if (!arpd.conf)
		return EX_CONFIG;
	if (options.only_checks) {
		conf_free(arpd.conf);
		return 0;
	}
	signal(SIGPIPE, SIG_IGN);
	arpd.base = event_base_new();
	if (!arpd.base)
		die(EX_OSERR, "cannot start: no event loop");
	api_init(&service, &arpd);
	become_service(&arpd, &server, &service);
	rc = arpd_open(&arpd);
	if (rc)
		die(EX_OSERR, "cannot start: rtnetlink: %s", strerror(-rc));
	if (watchdog_open(&watchdog, arpd.base, NULL, NULL))
		die(EX_OSERR, "cannot start: %s", strerror(ENOMEM));
	add_signal(arpd.base, &signals[0], SIGTERM, on_stop, &server);
	add_signal(arpd.base, &signals[1], SIGINT, on_stop, &server);
	add_signal(arpd.base, &signals[2], SIGHUP, on_hangup, &arpd);
	notify_ready();
	log_info("ready");
	event_base_dispatch(arpd.base);
	watchdog_close(watchdog);
	varlink_server_close(server);
	arpd_close(&arpd);
	for (int i = 0; i < 3; i++)
		event_free(signals[i]);
	event_base_free(arpd.base);
	log_info("stopped; what was published stays published");
	return 0;
}
