/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* A host for pppd plugins that needs no PPP: exports the symbols of pppd that masq.so uses, loads it, and calls its hooks
 * in pppd's order. Built against the same headers as the plugin, 2.4.9's or 2.5's.
 *
 *	fake-pppd PLUGIN STEP...
 *
 *	NAME=VALUE, NAME	an option of the plugin
 *	+ifname=, +user=, +tty=, +ipparam=, +caller=, +remote=, +dns=, +demand, +proxyarp, +multilink	what pppd knows
 *	:dial			up to the network phase
 *	:ipcp[=ADDRESS]		the peer agrees to the chosen address, or insists on its own
 *	:ipcp-down		IPCP goes down alone
 *	:ipv6cp=IDENTIFIER	IPv6CP comes up, where ours is 1 and the peer's this number
 *	:ipv6cp-down		and goes down
 *	:await=FILE		runs until there is such a file
 *	:serve			runs until the link is closed, by anybody; SIGTERM is pppd's
 *	:fork			a child that keeps all descriptors, as pppd's charshunt
 *	:fds			which sockets a child would inherit
 *	:hangup			the modem hangs up
 *
 * When the link is closed, the steps up to the next :dial or :await are left out. What happens is told on standard output; the exit status is pppd's. */

#define INET6 1

#include <net/ppp_defs.h>
#include <pppd/pppd.h>
#include <pppd/fsm.h>
#include <pppd/ipcp.h>
#include <pppd/eui64.h>
#include <pppd/ipv6cp.h>
#include <pppd/lcp.h>

#ifdef PPPD_VERSION
#include <pppd/options.h>
#define TEXT const char
#else
#define TEXT char
#endif

#include <arpa/inet.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define TIMERS 8
#define HOOKS 4

static struct {
	void (*function)(void *);
	void *arg;
	int64_t due_us;
} timers[TIMERS];

static void (*phase_hooks[HOOKS])(void *, int), (*up_hooks[HOOKS])(void *, int), (*down_hooks[HOOKS])(void *, int),
	(*up6_hooks[HOOKS])(void *, int), (*down6_hooks[HOOKS])(void *, int), (*fork_hooks[HOOKS])(void *, int);

static option_t *plugin_options;
static int is_dialled, is_ip_up, is_ipv6_up, is_closed;

/* What every pppd exports. */
fsm ipcp_fsm[NUM_PPP];
ipcp_options ipcp_wantoptions[NUM_PPP], ipcp_allowoptions[NUM_PPP], ipcp_gotoptions[NUM_PPP], ipcp_hisoptions[NUM_PPP];
lcp_options lcp_gotoptions[NUM_PPP], lcp_hisoptions[NUM_PPP];
ipv6cp_options ipv6cp_gotoptions[NUM_PPP], ipv6cp_hisoptions[NUM_PPP];
void (*ip_choose_hook)(uint32_t *);
int (*allowed_address_hook)(uint32_t);
int baud_rate = 115200;

/* What passes the kernel. 2.5's headers do not have it. */
int sifnpmode(int unit, int protocol, enum NPmode mode);
int sifnpmode(int unit, int protocol, enum NPmode mode)
{
	printf("ipv6 %s\n", protocol != PPP_IPV6 ? "?" : mode == NPMODE_PASS ? "passes" : "is dropped");
	return 1;
}

static struct protent ipv6cp = { .protocol = PPP_IPV6CP, .enabled_flag = 1 };
struct protent *protocols[] = { &ipv6cp, NULL };

/* What both have in different clothes. */
static char known_user[MAXNAMELEN], known_tty[64] = "/dev/ttyS0", known_ifname[32] = "lo", known_caller[MAXNAMELEN];
static char *known_ipparam;

static int64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void add_hook(void (**hooks)(void *, int), void (*function)(void *, int))
{
	while (*hooks)
		hooks++;
	*hooks = function;
}

static void run_hooks(void (**hooks)(void *, int), int arg)
{
	for (; *hooks; hooks++)
		(*hooks)(NULL, arg);
}

static void add_timer(void (*function)(void *), void *arg, int seconds, int microseconds)
{
	for (int i = 0; i < TIMERS; i++) {
		if (timers[i].function)
			continue;
		timers[i].function = function;
		timers[i].arg = arg;
		timers[i].due_us = now_us() + seconds * 1000000LL + microseconds;
		return;
	}
	abort();
}

static void drop_timer(void (*function)(void *), void *arg)
{
	for (int i = 0; i < TIMERS; i++)
		if (timers[i].function == function && timers[i].arg == arg)
			timers[i].function = NULL;
}

/* The formats that plugins use, of which %v and %I are pppd's own. */
static void tell(const char *level, const char *format, va_list args)
{
	struct in_addr address;

	printf("%s: ", level);
	for (; *format; format++) {
		if (*format != '%') {
			putchar(*format);
			continue;
		}
		switch (*++format) {
		case 'd':
			printf("%d", va_arg(args, int));
			break;
		case 'u':
			printf("%u", va_arg(args, unsigned));
			break;
		case 's':
		case 'v':
		case 'q':
			printf("%s", va_arg(args, char *));
			break;
		case 'I':
			address.s_addr = va_arg(args, uint32_t);
			printf("%s", inet_ntoa(address));
			break;
		default:
			abort();
		}
	}
	putchar('\n');
}

#define LOGGER(name, then) \
	void name(TEXT *format, ...) \
	{ \
		va_list args; \
		va_start(args, format); \
		tell(#name, format, args); \
		va_end(args); \
		then; \
	}

LOGGER(notice, )
LOGGER(warn, )
LOGGER(error, )
LOGGER(fatal, exit(EXIT_FATAL_ERROR))

#ifdef PPPD_VERSION

/* The header has no prototypes for these, only declarations. */
ppp_exit_code_t ppp_status(void);
const char *ppp_ipparam(void);
const char *ppp_ifname(void);
const char *ppp_devnam(void);

static const char version[] = PPPD_VERSION;
static ppp_exit_code_t current_status;
static volatile int got_sigterm;
bool demand;

void ppp_option_error(char *format, ...)
{
	va_list args;

	va_start(args, format);
	tell("option", format, args);
	va_end(args);
}

void ppp_add_options(struct option *options) { plugin_options = options; }
ppp_exit_code_t ppp_status(void) { return current_status; }
void ppp_set_status(ppp_exit_code_t code) { current_status = code; }
void ppp_timeout(ppp_timer_cb function, void *arg, int s, int us) { add_timer(function, arg, s, us); }
void ppp_untimeout(void (*function)(void *), void *arg) { drop_timer(function, arg); }
bool ppp_signaled(int sig) { return sig == SIGTERM && got_sigterm; }
const char *ppp_ipparam(void) { return known_ipparam; }
int ppp_get_mtu(int unit) { return 1496; }
const char *ppp_peer_authname(char *buf, size_t size) { return known_user; }
const char *ppp_get_remote_number(void) { return known_caller; }
const char *ppp_ifname(void) { return known_ifname; }
const char *ppp_devnam(void) { return known_tty; }

void ppp_add_notify(ppp_notify_t type, ppp_notify_fn *function, void *ctx)
{
	add_hook(type == NF_PHASE_CHANGE ? phase_hooks : type == NF_IP_UP ? up_hooks : type == NF_IP_DOWN ? down_hooks :
		 type == NF_IPV6_UP ? up6_hooks : type == NF_IPV6_DOWN ? down6_hooks : fork_hooks, function);
}

static void publish_knowledge(void) { }

#else

static const char version[] = VERSION;
volatile int status;
int got_sigterm;
bool demand;
char ifname[MAXIFNAMELEN], devnam[MAXPATHLEN], peer_authname[MAXNAMELEN], remote_number[MAXNAMELEN];
char *ipparam;
struct notifier *phasechange, *ip_up_notifier, *ip_down_notifier, *ipv6_up_notifier, *ipv6_down_notifier, *fork_notifier;

void option_error(char *format, ...)
{
	va_list args;

	va_start(args, format);
	tell("option", format, args);
	va_end(args);
}

void add_options(option_t *options) { plugin_options = options; }
void timeout(void (*function)(void *), void *arg, int s, int us) { add_timer(function, arg, s, us); }
void untimeout(void (*function)(void *), void *arg) { drop_timer(function, arg); }
int netif_get_mtu(int unit) { return 1496; }
static int ppp_status(void) { return status; }
static void ppp_set_status(int code) { status = code; }

void add_notifier(struct notifier **list, notify_func function, void *arg)
{
	add_hook(list == &phasechange ? phase_hooks : list == &ip_up_notifier ? up_hooks :
		 list == &ip_down_notifier ? down_hooks : list == &ipv6_up_notifier ? up6_hooks :
		 list == &ipv6_down_notifier ? down6_hooks : fork_hooks, function);
}

static void publish_knowledge(void)
{
	strcpy(ifname, known_ifname);
	strcpy(devnam, known_tty);
	strcpy(peer_authname, known_user);
	strcpy(remote_number, known_caller);
	ipparam = known_ipparam;
}

#endif

static void set_phase(int phase_now)
{
	run_hooks(phase_hooks, phase_now);
}

static void ip_down(void)
{
	if (ipcp_fsm[0].state != OPENED)
		return;
	ipcp_fsm[0].state = INITIAL;
	run_hooks(down_hooks, 0);
	if (is_ip_up)
		set_phase(PHASE_NETWORK);
	is_ip_up = 0;
}

static void ipv6_up(int identifier)
{
	ipv6cp_gotoptions[0].ourid.e8[7] = 1;
	ipv6cp_hisoptions[0].hisid.e8[7] = identifier;
	is_ipv6_up = 1;
	run_hooks(up6_hooks, 0);
}

static void ipv6_down(void)
{
	if (is_ipv6_up)
		run_hooks(down6_hooks, 0);
	is_ipv6_up = 0;
}

/* In pppd's order, where the network phase is told of once more. */
static void take_link_down(void)
{
	if (is_closed)
		return;
	is_closed = 1;
	ip_down();
	ipv6_down();
	set_phase(PHASE_ESTABLISH);
	set_phase(PHASE_DISCONNECT);
	set_phase(PHASE_DEAD);
}

void lcp_close(int unit, char *reason)
{
	if (is_closed)
		return;
	printf("peer sees: %s\nstatus: %d\n", reason, ppp_status());
	set_phase(PHASE_TERMINATE);
	take_link_down();
}

static void dial(void)
{
	ppp_set_status(EXIT_NEGOTIATION_FAILED);
	publish_knowledge();
	is_dialled = 1;
	is_closed = 0;
	if (demand)
		set_phase(PHASE_DORMANT);
	set_phase(PHASE_SERIALCONN);
	set_phase(PHASE_ESTABLISH);
	set_phase(PHASE_AUTHENTICATE);
	set_phase(PHASE_NETWORK);
	if (!is_closed)
		printf("ipv6: %d, proxyarp: %d\n", ipv6cp.enabled_flag, ipcp_wantoptions[0].proxy_arp);
}

/* One round of pppd's main loop. */
static void handle_events(void)
{
	static char user_request[] = "User request";

	usleep(1000);
	for (int i = 0; i < TIMERS; i++) {
		void (*function)(void *) = timers[i].function;

		if (!function || timers[i].due_us > now_us())
			continue;
		timers[i].function = NULL;
		function(timers[i].arg);
	}
	if (got_sigterm && !is_closed) {
		got_sigterm = 0;
		ppp_set_status(EXIT_USER_REQUEST);
		lcp_close(0, user_request);
	}
}

/* What a peer that asks is told. */
static void tell_dns(void)
{
	struct in_addr dns[2];
	char first[INET_ADDRSTRLEN];

	for (int i = 0; i < 2; i++)
		dns[i].s_addr = ipcp_allowoptions[0].dnsaddr[i];
	strcpy(first, inet_ntoa(dns[0]));
	printf("dns: %s %s\n", first, inet_ntoa(dns[1]));
}

static void ipcp(const char *insisted)
{
	struct in_addr address = { .s_addr = ipcp_wantoptions[0].hisaddr };
	int verdict = 1;

	if (ip_choose_hook)
		ip_choose_hook(&address.s_addr);
	ipcp_wantoptions[0].hisaddr = address.s_addr;
	printf("assigned: %s\n", inet_ntoa(address));
	tell_dns();
	handle_events();
	if (is_closed)
		return;
	if (insisted)
		address.s_addr = inet_addr(insisted);
	ipcp_gotoptions[0].ouraddr = inet_addr("192.168.0.1");
	ipcp_hisoptions[0].hisaddr = address.s_addr;
	ipcp_fsm[0].state = OPENED;
	if (address.s_addr && allowed_address_hook)
		verdict = allowed_address_hook(address.s_addr);
	printf("verdict: %d\n", verdict);
	if (verdict == 0) {
		ip_down();
	} else {
		is_ip_up = 1;
		ppp_set_status(EXIT_OK);
		set_phase(PHASE_RUNNING);
		run_hooks(up_hooks, 0);
		printf("ip-up\n");
	}
	handle_events();
}

static void fork_child(void)
{
	pid_t pid = fork();

	if (pid) {
		printf("child: %d\n", pid);
		return;
	}
	signal(SIGTERM, SIG_DFL);
	run_hooks(fork_hooks, 0);
	for (;;)
		pause();
}

static void show_sockets(void)
{
	struct stat st;

	for (int fd = 3; fd < 256; fd++)
		if (fstat(fd, &st) == 0 && S_ISSOCK(st.st_mode))
			printf("socket: %s\n", fcntl(fd, F_GETFD) & FD_CLOEXEC ? "close-on-exec" : "inherited");
}

static void on_sigterm(int sig)
{
	got_sigterm = sig;
}

static void take_option(char *name, char *value)
{
	option_t *option = plugin_options;
	int number = value ? atoi(value) : 0;

	while (option->name && strcmp(option->name, name) != 0)
		option++;
	if (!option->name || !(option->flags & OPT_PRIV))
		exit(EXIT_OPTION_ERROR);
	switch (option->type) {
	case o_bool:
		*(bool *)option->addr = option->flags & OPT_VALUE;
		return;
	case o_int:
		if (number < option->lower_limit || number > option->upper_limit)
			exit(EXIT_OPTION_ERROR);
		*(int *)option->addr = number;
		return;
	case o_special:
		if (!((int (*)(char **))option->addr)(&value))
			exit(EXIT_OPTION_ERROR);
		return;
	default:
		abort();
	}
}

static void know(const char *name, char *value)
{
	if (strcmp(name, "ifname") == 0)
		snprintf(known_ifname, sizeof(known_ifname), "%s", value);
	else if (strcmp(name, "user") == 0)
		snprintf(known_user, sizeof(known_user), "%s", value);
	else if (strcmp(name, "tty") == 0)
		snprintf(known_tty, sizeof(known_tty), "%s", value);
	else if (strcmp(name, "caller") == 0)
		snprintf(known_caller, sizeof(known_caller), "%s", value);
	else if (strcmp(name, "ipparam") == 0)
		known_ipparam = value;
	else if (strcmp(name, "remote") == 0)
		ipcp_wantoptions[0].hisaddr = inet_addr(value);
	else if (strcmp(name, "dns") == 0)
		ipcp_allowoptions[0].dnsaddr[0] = ipcp_allowoptions[0].dnsaddr[1] = inet_addr(value);
	else if (strcmp(name, "demand") == 0)
		demand = 1;
	else if (strcmp(name, "proxyarp") == 0)
		ipcp_wantoptions[0].proxy_arp = 1;
	else if (strcmp(name, "multilink") == 0)
		lcp_gotoptions[0].neg_mrru = lcp_hisoptions[0].neg_mrru = 1;
	else
		abort();
}

static void act(const char *name, const char *value)
{
	int64_t begun_us = now_us();

	if (strcmp(name, "dial") == 0) {
		dial();
	} else if (strcmp(name, "await") == 0) {
		while (access(value, F_OK))
			handle_events();
	} else if (is_dialled && is_closed) {
		return;
	} else if (strcmp(name, "ipcp") == 0) {
		ipcp(value);
	} else if (strcmp(name, "ipcp-down") == 0) {
		ip_down();
	} else if (strcmp(name, "ipv6cp") == 0) {
		ipv6_up(atoi(value));
	} else if (strcmp(name, "ipv6cp-down") == 0) {
		ipv6_down();
	} else if (strcmp(name, "serve") == 0) {
		while (!is_closed)
			handle_events();
	} else if (strcmp(name, "fork") == 0) {
		fork_child();
	} else if (strcmp(name, "fds") == 0) {
		show_sockets();
	} else if (strcmp(name, "hangup") == 0) {
		ppp_set_status(EXIT_HANGUP);
		take_link_down();
	} else {
		abort();
	}
	printf("%s took %d ms\n", name, (int)((now_us() - begun_us) / 1000));
}

int main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = on_sigterm };	/* no SA_RESTART, like pppd */
	void *plugin = dlopen(argc > 1 ? argv[1] : "", RTLD_GLOBAL | RTLD_NOW);
	const char *plugin_version = plugin ? dlsym(plugin, "pppd_version") : NULL;
	void (*init)(void) = plugin ? (void (*)(void))dlsym(plugin, "plugin_init") : NULL;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (!init || !plugin_version || strcmp(plugin_version, version) != 0) {
		printf("cannot load: %s\n", plugin ? "not a plugin for this version" : dlerror());
		return EXIT_OPTION_ERROR;
	}
	signal(SIGPIPE, SIG_IGN);
	sigaction(SIGTERM, &action, NULL);
	init();
	for (int i = 2; i < argc; i++) {
		char *value = strchr(argv[i], '=');

		if (value)
			*value++ = '\0';
		if (*argv[i] == '+')
			know(argv[i] + 1, value);
		else if (*argv[i] == ':')
			act(argv[i] + 1, value);
		else
			take_option(argv[i], value);
	}
	return ppp_status();
}
