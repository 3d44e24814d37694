/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* masq.so: asks masqd whether and how this pppd's line is served, and tells it what becomes of the line.
 *
 *	IDLE ── network phase, admitted ──▶ ADMITTED ── address negotiated, opened ──▶ COMMITTED ── ip-up ──▶ UP
 *	  ▲                                     ▲                                          │                  │
 *	  └── link down                         └── IPCP negotiates again ── CLOSED ◀── ip-down ──────────────┘
 *
 * A refusal leads to REFUSED, from where only a new link leads back. pppd tells of the network phase again when IP goes
 * down, of ip-down without an ip-up, and starts IPCP several times a link: hence the states. pppd frees nothing of ours
 * and its parent process exits when it detaches: there is nothing here that runs at exit. */

#include "pppd-plugin/pppd-compat.h"

#include <net/if.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "pppd-plugin/masqd-link.h"
#include "pppd-plugin/options.h"

#define EXPORTED __attribute__((visibility("default")))

/* How soon a hang-up by masqd and its return are seen. A descriptor cannot be given to pppd's loop: before 2.5.3 it
 * would only make it spin. */
#define POLL_US 500000
/* How soon masqd's answer to something that is not waited for. */
#define ANSWER_US 30000

enum session_state {
	SESSION_IDLE,
	SESSION_ADMITTED,
	SESSION_COMMITTED,
	SESSION_UP,
	SESSION_CLOSED,
	SESSION_REFUSED,
};

EXPORTED char pppd_version[] = PPPD_VERSION;
EXPORTED void plugin_init(void);

static enum session_state state;
static struct masqd_line line;
static int has_failed;		/* masqd's failure to take the session again was logged */
static int was_open;		/* masqd had opened the session before */
static char reason[200];	/* pppd sends it again from here with each LCP Terminate-Request */
static int exit_status;

static enum NPmode ipv6_mode;	/* of the kernel, while IPv6CP is up */

static uint32_t assigned;	/* peer address that pppd was given; 0 for none */
static uint32_t configured_address;	/* what it had before */
static int configured_accept;

static void (*next_ip_choose)(uint32_t *address);
static int (*next_allowed_address)(uint32_t address);

static uint32_t configured_dns[2];	/* what the option ms-dns says, while the policy's are told */
static int has_dns;

static int is_terminating(void)
{
	return ppp_signaled(SIGTERM);
}

static void end_link(void *arg)
{
	ppp_set_status(exit_status);
	lcp_close(0, reason);
}

static void set_end(int status_code, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(reason, sizeof(reason), format, args);
	va_end(args);
	exit_status = status_code;
}

/* Ends the link from pppd's main loop: most hooks are called while pppd's state machines are on their way. */
static void refuse(const char *words)
{
	error("masq: refused: %v", words);
	set_end(EXIT_PEER_AUTH_FAILED, "%s", words);
	state = SESSION_REFUSED;
	ppp_untimeout(end_link, NULL);
	ppp_timeout(end_link, NULL, 0, 0);
}

static void describe_line(void)
{
	line.socket = options.socket;
	line.timeout_ms = options.timeout_ms;
	line.policy = options.policy;
	line.ifname = ppp_ifname();
	line.user = ppp_peer_authname(NULL, 0);
	line.tty = compat_devnam();
	line.speed = compat_baud_rate();
	line.ipparam = ppp_ipparam();
	line.caller = ppp_get_remote_number();
	line.version = pppd_version;
	line.has_ipv6 = options.has_ipv6;
}

/* IPv6 passes the line only while masqd says that its rules are open for it. There is no other such switch for one interface, and
 * without the rules this is all that keeps it closed. */
static void follow_ipv6(void)
{
	enum NPmode wanted = masqd_link_session()->passes_ipv6 ? NPMODE_PASS : NPMODE_DROP;

	if (IN6_IS_ADDR_UNSPECIFIED(&line.peer6) || wanted == ipv6_mode || !sifnpmode)
		return;
	ipv6_mode = wanted;
	sifnpmode(0, PPP_IPV6, wanted);
}

static void note_admission(void)
{
	const struct masqd_session *session = masqd_link_session();

	if (session->address.s_addr)
		notice("masq: session #%u admitted, policy %v, address %I", session->serial, session->policy,
		       session->address.s_addr);
	else
		notice("masq: session #%u admitted, policy %v", session->serial, session->policy);
}

static void unassign_dns(void)
{
	for (int i = 0; has_dns && i < 2; i++)
		ipcp_allowoptions[0].dnsaddr[i] = configured_dns[i];
	has_dns = 0;
}

/* The policy's name servers go before those of pppd's option ms-dns, for this session. */
static void assign_dns(void)
{
	const struct in_addr *dns = masqd_link_session()->dns;

	unassign_dns();
	if (!dns[0].s_addr)
		return;
	for (int i = 0; i < 2; i++) {
		configured_dns[i] = ipcp_allowoptions[0].dnsaddr[i];
		/* pppd tells a single one twice too: some peers insist on both. */
		ipcp_allowoptions[0].dnsaddr[i] = dns[dns[i].s_addr ? i : 0].s_addr;
	}
	has_dns = 1;
}

/* 1 if the line may go on. */
static int admit(void)
{
	describe_line();
	was_open = 0;
	line.ifindex = 0;
	line.local.s_addr = line.address.s_addr = 0;
	switch (masqd_link_admit(&line)) {
	case MASQD_ADMITTED:
		note_admission();
		assign_dns();
		state = SESSION_ADMITTED;
		return 1;
	case MASQD_ABSENT:
		if (!options.is_fail_open)
			break;
		warn("masq: %v; the line stays closed until masqd admits it", masqd_link_reason());
		state = SESSION_ADMITTED;
		return 1;
	case MASQD_CANCELLED:
		/* pppd is about to close the link, with its own words. */
		state = SESSION_REFUSED;
		return 0;
	case MASQD_NOTHING:
	case MASQD_OPENED:
	case MASQD_CLOSED:
	case MASQD_REFUSED:
	case MASQD_FAILED:
		break;
	}
	refuse(masqd_link_reason());
	return 0;
}

/* 1 if the kernel enforces the session, or the line may go on without. */
static int commit(void)
{
	switch (masqd_link_open(&line)) {
	case MASQD_OPENED:
		was_open = 1;
		/* IPv6CP may have been first. */
		if (!IN6_IS_ADDR_UNSPECIFIED(&line.peer6))
			masqd_link_ipv6(&line);
		return 1;
	case MASQD_ABSENT:
		if (!options.is_fail_open)
			break;
		warn("masq: %v; the line stays closed until masqd opens it", masqd_link_reason());
		return 1;
	case MASQD_CANCELLED:
		state = SESSION_REFUSED;
		return 0;
	case MASQD_NOTHING:
	case MASQD_ADMITTED:
	case MASQD_CLOSED:
	case MASQD_REFUSED:
	case MASQD_FAILED:
		break;
	}
	refuse(masqd_link_reason());
	return 0;
}

static void poll_masqd(void *arg)
{
	describe_line();
	switch (masqd_link_poll(&line)) {
	case MASQD_NOTHING:
	case MASQD_CANCELLED:
		break;
	case MASQD_ADMITTED:
		note_admission();
		break;
	case MASQD_OPENED:
		notice(was_open ? "masq: session #%u announced again" : "masq: session #%u open", masqd_link_session()->serial);
		was_open = 1;
		has_failed = 0;
		break;
	case MASQD_ABSENT:
		warn("masq: masqd is gone (%v), keeping the line", masqd_link_reason());
		break;
	case MASQD_FAILED:
		if (!has_failed)
			warn("masq: session #%u not announced: %v; keeping the line and trying on",
			     masqd_link_session()->serial, masqd_link_reason());
		has_failed = 1;
		break;
	case MASQD_REFUSED:
		refuse(masqd_link_reason());
		return;
	case MASQD_CLOSED:
		notice("masq: session #%u ended by masqd: %v", masqd_link_session()->serial, masqd_link_reason());
		set_end(EXIT_USER_REQUEST, "%s", masqd_link_reason());
		end_link(NULL);
		return;
	}
	follow_ipv6();
	ppp_timeout(poll_masqd, NULL, 0, POLL_US);
}

static void refuse_demand(void)
{
	/* The interface is up already and stays so between the links: nothing could be refused to the peer. */
	if (compat_demand())
		fatal("masq: the option demand cannot be used with masq.so");
}

/* IPv6CP would bring the interface up before masqd opened the session. */
static void disable_ipv6(void)
{
	for (int i = 0; protocols[i]; i++)
		if (protocols[i]->protocol == PPP_IPV6CP && !options.has_ipv6)
			protocols[i]->enabled_flag = 0;
}

/* pppd takes an assigned address for its own configuration, and would ask for it on the next link too. */
static void unassign_address(void)
{
	if (assigned && ipcp_wantoptions[0].hisaddr == assigned) {
		ipcp_wantoptions[0].hisaddr = configured_address;
		ipcp_wantoptions[0].accept_remote = configured_accept;
	}
	assigned = 0;
}

static void enter_network(void)
{
	if (state != SESSION_IDLE)
		return;
	/* With the option multilink there is no interface yet, bundle or not. */
	if (!*ppp_ifname() || (lcp_gotoptions[0].neg_mrru && lcp_hisoptions[0].neg_mrru)) {
		refuse("multilink is not served");
		/* Else pppd would still join the bundle before the link ends. */
		lcp_gotoptions[0].neg_mrru = 0;
	} else {
		if (ipcp_wantoptions[0].proxy_arp)
			warn("masq: the option proxyarp is ignored: masqd decides what is published");
		ipcp_wantoptions[0].proxy_arp = 0;
		admit();
	}
	if (exit_status) {
		/* Refused. Here it can be done at once, before any network protocol starts. */
		ppp_untimeout(end_link, NULL);
		end_link(NULL);
	}
}

static void leave_link(void)
{
	ppp_untimeout(poll_masqd, NULL);
	ppp_untimeout(end_link, NULL);
	masqd_link_close("the link went down");
	unassign_address();
	unassign_dns();
	line.local6 = line.peer6 = in6addr_any;
	exit_status = 0;
	state = SESSION_IDLE;
}

static void on_phase(void *ctx, int phase_now)
{
	switch (phase_now) {
	case PHASE_DORMANT:
		refuse_demand();
		break;
	case PHASE_SERIALCONN:
		refuse_demand();
		disable_ipv6();
		break;
	case PHASE_NETWORK:
		enter_network();
		break;
	case PHASE_ESTABLISH:
		/* LCP negotiates, for the first time or again, and whoever comes then must be admitted anew. */
	case PHASE_DEAD:
		leave_link();
		break;
	}
}

static void on_ip_choose(uint32_t *address)
{
	uint32_t leased;

	if (next_ip_choose)
		next_ip_choose(address);
	/* The session ended with the last IPCP, but the link did not. */
	if (state == SESSION_CLOSED) {
		unassign_address();
		if (!admit())
			return;
	}
	leased = masqd_link_session()->address.s_addr;
	if (state != SESSION_ADMITTED || !leased)
		return;
	if (*address != assigned) {
		configured_address = *address;
		configured_accept = ipcp_wantoptions[0].accept_remote;
	}
	*address = assigned = leased;
}

static int judge_address(uint32_t address)
{
	return next_allowed_address ? next_allowed_address(address) : -1;
}

static int on_allowed_address(uint32_t address)
{
	uint32_t leased = masqd_link_session()->address.s_addr;
	int verdict = 1;

	/* pppd also asks when it reads its secrets, long before. */
	if (ipcp_fsm[0].state != OPENED)
		return judge_address(address);
	if (state != SESSION_ADMITTED)
		return 0;
	if (!leased)
		verdict = judge_address(address);
	else if (address != leased)
		verdict = 0;
	if (verdict == 0) {
		refuse(leased ? "the peer insists on another address than the assigned one" : "the peer's address is not allowed");
		return 0;
	}
	describe_line();
	line.ifindex = if_nametoindex(line.ifname);
	line.local.s_addr = ipcp_gotoptions[0].ouraddr;
	line.address.s_addr = address;
	if (masqd_link_session()->serial && !commit())
		return 0;
	/* If a signal came during the wait, pppd would first bring the line up and only then down. */
	if (is_terminating())
		return 0;
	state = SESSION_COMMITTED;
	return verdict;
}

static void on_ip_up(void *ctx, int arg)
{
	if (state == SESSION_REFUSED)
		return;
	if (state != SESSION_COMMITTED) {
		refuse("a line without a peer address is not served");
		return;
	}
	state = SESSION_UP;
	has_failed = 0;
	describe_line();
	line.mtu = ppp_get_mtu(0);
	masqd_link_up(&line);
	ppp_untimeout(poll_masqd, NULL);
	ppp_timeout(poll_masqd, NULL, 0, ANSWER_US);
}

static const char *cause(void)
{
	static const char *const causes[] = {
		[EXIT_OK] = "the peer asked for it",
		[EXIT_USER_REQUEST] = "user request",
		[EXIT_NEGOTIATION_FAILED] = "negotiation failed",
		[EXIT_PEER_AUTH_FAILED] = "refused",
		[EXIT_IDLE_TIMEOUT] = "idle timeout",
		[EXIT_CONNECT_TIME] = "connect time is over",
		[EXIT_PEER_DEAD] = "the peer does not answer",
		[EXIT_HANGUP] = "hangup",
		[EXIT_LOOPBACK] = "the line is looped back",
		[EXIT_TRAFFIC_LIMIT] = "traffic limit",
	};
	unsigned code = ppp_status();

	return code < sizeof(causes) / sizeof(*causes) && causes[code] ? causes[code] : "pppd ended the link";
}

static void on_ip_down(void *ctx, int arg)
{
	ppp_untimeout(poll_masqd, NULL);
	if (state != SESSION_COMMITTED && state != SESSION_UP)
		return;
	masqd_link_close(cause());
	follow_ipv6();
	state = SESSION_CLOSED;
}

static struct in6_addr link_local(eui64_t identifier)
{
	struct in6_addr address = { .s6_addr = { 0xfe, 0x80 } };

	memcpy(&address.s6_addr[8], identifier.e8, sizeof(identifier.e8));
	return address;
}

/* pppd has just let IPv6 pass. */
static void on_ipv6_up(void *ctx, int arg)
{
	describe_line();
	line.local6 = link_local(ipv6cp_gotoptions[0].ourid);
	line.peer6 = link_local(ipv6cp_hisoptions[0].hisid);
	masqd_link_ipv6(&line);
	ipv6_mode = NPMODE_PASS;
	follow_ipv6();
	if (state == SESSION_UP) {
		ppp_untimeout(poll_masqd, NULL);
		ppp_timeout(poll_masqd, NULL, 0, ANSWER_US);
	}
}

static void on_ipv6_down(void *ctx, int arg)
{
	line.local6 = line.peer6 = in6addr_any;
	masqd_link_ipv6(&line);
}

static void on_fork(void *ctx, int arg)
{
	masqd_link_forget();
}

void plugin_init(void)
{
	options_register();
	masqd_link_init(is_terminating);
	next_ip_choose = ip_choose_hook;
	ip_choose_hook = on_ip_choose;
	next_allowed_address = allowed_address_hook;
	allowed_address_hook = on_allowed_address;
	ppp_add_notify(NF_PHASE_CHANGE, on_phase, NULL);
	ppp_add_notify(NF_IP_UP, on_ip_up, NULL);
	ppp_add_notify(NF_IP_DOWN, on_ip_down, NULL);
	ppp_add_notify(NF_IPV6_UP, on_ipv6_up, NULL);
	ppp_add_notify(NF_IPV6_DOWN, on_ipv6_down, NULL);
	ppp_add_notify(NF_FORK, on_fork, NULL);
}
