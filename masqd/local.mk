# The masquerade daemon. Everything but main.c is a library that the unit tests link.

noinst_LTLIBRARIES += masqd/libmasqd.la
masqd_libmasqd_la_SOURCES = \
	masqd/accounting.c masqd/accounting.h \
	masqd/address-key.c masqd/address-key.h \
	masqd/address6.c masqd/address6.h \
	masqd/admission.c masqd/admission.h \
	masqd/api.c masqd/api.h \
	masqd/api-change.c masqd/api-line.c masqd/api-live.c masqd/api-past.c masqd/api-reconcile.c masqd/api-view.c masqd/api-method.h \
	masqd/api-json.c masqd/api-json.h \
	masqd/api-session.c masqd/api-session.h \
	masqd/arp.c masqd/arp.h \
	masqd/assign.c masqd/assign.h \
	masqd/backoff.c masqd/backoff.h \
	masqd/batch.c masqd/batch.h \
	masqd/chains.c masqd/chains.h \
	masqd/claim.c masqd/claim.h \
	masqd/clock.c masqd/clock.h \
	masqd/conf.c masqd/conf-check.c masqd/conf-check-uplinks.c masqd/conf-check-forward.c masqd/conf-free.c masqd/conf-find.c masqd/conf-print.c masqd/conf-route.c masqd/conf.h \
	masqd/configured.c masqd/configured.h \
	masqd/conflicts.c masqd/conflicts.h \
	masqd/conntrack.c masqd/conntrack.h \
	masqd/derive.c masqd/derive.h \
	masqd/difference.c masqd/difference.h \
	masqd/duration.c masqd/duration.h \
	masqd/drops.c masqd/drops.h \
	masqd/curfew.c masqd/curfew.h \
	masqd/egress-lock.c masqd/egress-lock.h \
	masqd/egress-program.c masqd/egress-program.h \
	masqd/element.c masqd/element.h \
	masqd/elements.c masqd/elements.h \
	masqd/element-text.c masqd/element-text.h \
	masqd/expiry.c masqd/expiry.h \
	masqd/explain.c masqd/explain.h \
	masqd/explain-client.c masqd/explain-path.c masqd/explain-step.h \
	masqd/fib.c masqd/fib.h \
	masqd/fingerprint.c masqd/fingerprint.h \
	masqd/flows.c masqd/flows.h \
	masqd/flush.c masqd/flush.h \
	masqd/flusher.c masqd/flusher.h \
	masqd/ctnetlink.c masqd/ctnetlink.h \
	masqd/follow.c masqd/follow.h \
	masqd/forward.c masqd/forward.h \
	masqd/forward-key.c masqd/forward-key.h \
	masqd/framed-route.c masqd/framed-route.h \
	masqd/gateway.c masqd/gateway.h \
	masqd/hang-ups.c masqd/hang-ups.h \
	masqd/history.c masqd/history-view.c masqd/history.h \
	masqd/ipv6-key.c masqd/ipv6-key.h \
	masqd/lan-list.c masqd/lan-list.h \
	masqd/layer.c masqd/layer.h \
	masqd/hours.c masqd/hours.h \
	masqd/helper.c masqd/helper.h \
	masqd/grant-elements.c masqd/grant-elements.h \
	masqd/hosts.c masqd/hosts.h \
	masqd/links.c masqd/links.h \
	masqd/own-addresses.c masqd/own-addresses.h \
	masqd/links6.c masqd/links6.h \
	masqd/lookup.c masqd/lookup.h \
	masqd/mismatch.h \
	masqd/neighbours.c masqd/neighbours.h \
	masqd/origin.c masqd/origin.h \
	masqd/override.c masqd/override.h \
	masqd/outline.c masqd/outline.h \
	masqd/over-quota.c masqd/over-quota.h \
	masqd/period.c masqd/period.h \
	masqd/plan.c masqd/plan.h \
	masqd/policy.c masqd/policy.h \
	masqd/policy-key.c masqd/policy-key.h \
	masqd/pool.c masqd/pool.h \
	masqd/probe.c masqd/probe.h \
	masqd/publish.c masqd/publish.h \
	masqd/reconcile.c masqd/reconcile.h \
	masqd/recovery.c masqd/recovery.h \
	masqd/reload.c masqd/reload.h \
	masqd/repair-pace.h \
	masqd/replay.c masqd/replay.h \
	masqd/public.c masqd/public.h \
	masqd/ports.c masqd/ports.h \
	masqd/range-list.c masqd/range-list.h \
	masqd/route-check.c masqd/route-check.h \
	masqd/quota.c masqd/quota.h \
	masqd/quota-key.c masqd/quota-key.h \
	masqd/quota-store.c masqd/quota-store.h \
	masqd/rate.c masqd/rate.h \
	masqd/rule.c masqd/rule.h \
	masqd/ruleset.c masqd/ruleset.h \
	masqd/ruleset-helper.c masqd/ruleset-helper.h \
	masqd/ruleset-nat.c masqd/ruleset-nat.h \
	masqd/ruleset-forward.c masqd/ruleset-forward.h \
	masqd/ruleset-ipv6.c masqd/ruleset-ipv6.h \
	masqd/ruleset-policy.c masqd/ruleset-policy.h \
	masqd/ruleset-text.c masqd/ruleset-text.h \
	masqd/serial.c masqd/serial.h \
	masqd/session.c masqd/session.h \
	masqd/shaper.c masqd/shaper.h \
	masqd/shaping.c masqd/shaping.h \
	masqd/store.c masqd/store.h \
	masqd/table-message.c masqd/table-message.h \
	masqd/translation.c masqd/translation.h \
	masqd/unmarked.c masqd/unmarked.h \
	masqd/uplink-list.c masqd/uplink-list.h \
	masqd/uplinks.c masqd/uplinks.h \
	masqd/watch.c masqd/watch.h \
	masqd/who.c masqd/who.h
masqd_libmasqd_la_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS) $(JANSSON_CFLAGS) $(NL_CFLAGS) $(NL_ROUTE_CFLAGS) $(NFTABLES_CFLAGS) $(CONFUSE_CFLAGS) $(SQLITE_CFLAGS)
masqd_libmasqd_la_LIBADD = lib/libmasq.la $(NL_ROUTE_LIBS) $(NFTABLES_LIBS) $(CONFUSE_LIBS) $(SQLITE_LIBS)

sbin_PROGRAMS += masqd/masqd
masqd_masqd_SOURCES = masqd/main.c
nodist_masqd_masqd_SOURCES = masqd/org.masqgate.Gateway.varlink.h
masqd_masqd_CFLAGS = $(masqd_libmasqd_la_CFLAGS)
masqd_masqd_LDADD = masqd/libmasqd.la

BUILT_SOURCES += masqd/org.masqgate.Gateway.varlink.h
CLEANFILES += masqd/org.masqgate.Gateway.varlink.h
EXTRA_DIST += masqd/org.masqgate.Gateway.varlink
