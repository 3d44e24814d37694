/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* pppd 2.4.9 in the words of 2.5. A unit that includes this must not include <stdbool.h>: 2.4.9 has a type bool of its
 * own. PPPD_VERSION exists from 2.5.0 on. */

#ifndef PPPD_PLUGIN_PPPD_COMPAT_H
#define PPPD_PLUGIN_PPPD_COMPAT_H

#define INET6 1	/* 2.4.9's headers have IPv6 only with this */

#include <net/ppp_defs.h>
#include <pppd/pppd.h>
#include <pppd/fsm.h>
#include <pppd/ipcp.h>
#include <pppd/eui64.h>
#include <pppd/ipv6cp.h>
#include <pppd/lcp.h>

/* A pppd may have been built without IPv6. */
#pragma weak ipv6cp_gotoptions
#pragma weak ipv6cp_hisoptions

#ifdef PPPD_VERSION

#include <pppd/options.h>

/* Exported by every pppd so far, but in no header of 2.5. */
extern int sifnpmode(int unit, int protocol, enum NPmode mode) __attribute__((weak));
extern int baud_rate __attribute__((weak));
extern bool demand __attribute__((weak));

static inline const char *compat_devnam(void)
{
	return ppp_devnam();
}

static inline int compat_baud_rate(void)
{
	return &baud_rate ? baud_rate : 0;
}

static inline int compat_demand(void)
{
	return &demand && demand;
}

#else

#define PPPD_VERSION VERSION	/* of pppd/patchlevel.h */
#define EXIT_TRAFFIC_LIMIT 20	/* hidden unless built like pppd itself */

typedef void ppp_notify_fn(void *ctx, int arg);

#pragma weak ipv6_up_notifier
#pragma weak ipv6_down_notifier
#pragma weak sifnpmode

enum compat_notify { NF_PHASE_CHANGE, NF_IP_UP, NF_IP_DOWN, NF_IPV6_UP, NF_IPV6_DOWN, NF_FORK };

static inline void ppp_add_notify(enum compat_notify type, ppp_notify_fn *func, void *ctx)
{
	struct notifier **lists[] = {
		[NF_PHASE_CHANGE] = &phasechange,
		[NF_IP_UP] = &ip_up_notifier,
		[NF_IP_DOWN] = &ip_down_notifier,
		[NF_IPV6_UP] = &ipv6_up_notifier,
		[NF_IPV6_DOWN] = &ipv6_down_notifier,
		[NF_FORK] = &fork_notifier,
	};

	if (lists[type])
		add_notifier(lists[type], func, ctx);
}

#define ppp_add_options add_options
#define ppp_option_error option_error
#define ppp_timeout timeout
#define ppp_untimeout untimeout
#define ppp_get_mtu netif_get_mtu

static inline int ppp_status(void)
{
	return status;
}

static inline void ppp_set_status(int code)
{
	status = code;
}

static inline int ppp_signaled(int sig)
{
	return got_sigterm != 0;
}

static inline const char *ppp_ifname(void)
{
	return ifname;
}

/* 2.4.9 has a variable by 2.5's name, with another meaning. */
static inline const char *compat_devnam(void)
{
	return devnam;
}

static inline const char *ppp_ipparam(void)
{
	return ipparam;
}

static inline const char *ppp_get_remote_number(void)
{
	return remote_number;
}

static inline const char *ppp_peer_authname(char *buf, size_t size)
{
	return peer_authname;
}

static inline int compat_baud_rate(void)
{
	return baud_rate;
}

static inline int compat_demand(void)
{
	return demand;
}

#endif
#endif
