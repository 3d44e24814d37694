# make check runs the unit tests and the tests in network namespaces (as root); ./check runs these and the virtual machines.

if HAVE_CMOCKA
UNIT_CFLAGS = $(masqd_libmasqd_la_CFLAGS) $(CMOCKA_CFLAGS)
UNIT_LDADD = lib/libmasq.la $(CMOCKA_LIBS)

check_PROGRAMS += $(UNIT_TESTS)
TESTS += $(UNIT_TESTS)
UNIT_TESTS =

# A pure module's test: one file, one program.
UNIT_TESTS += tests/unit/test-addr
tests_unit_test_addr_SOURCES = tests/unit/test-addr.c
tests_unit_test_addr_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_addr_LDADD = $(UNIT_LDADD)

UNIT_TESTS += tests/unit/test-ip
tests_unit_test_ip_SOURCES = tests/unit/test-ip.c
tests_unit_test_ip_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_ip_LDADD = $(UNIT_LDADD)

# What the plugin carries.
UNIT_TESTS += tests/unit/test-frame tests/unit/test-text tests/unit/test-varlink-client
tests_unit_test_frame_SOURCES = tests/unit/test-frame.c
tests_unit_test_frame_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_frame_LDADD = $(UNIT_LDADD)
tests_unit_test_text_SOURCES = tests/unit/test-text.c
tests_unit_test_text_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_text_LDADD = $(UNIT_LDADD)
tests_unit_test_varlink_client_SOURCES = tests/unit/test-varlink-client.c
tests_unit_test_varlink_client_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_varlink_client_LDADD = $(UNIT_LDADD)

UNIT_TESTS += tests/unit/test-json-text
tests_unit_test_json_text_SOURCES = tests/unit/test-json-text.c
tests_unit_test_json_text_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_json_text_LDADD = $(UNIT_LDADD)

# The test says when memory lacks.
UNIT_TESTS += tests/unit/test-text-stream
tests_unit_test_text_stream_SOURCES = tests/unit/test-text-stream.c
tests_unit_test_text_stream_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_text_stream_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=calloc,--wrap=realloc
tests_unit_test_text_stream_LDADD = $(UNIT_LDADD)

UNIT_TESTS += tests/unit/test-stream
tests_unit_test_stream_SOURCES = tests/unit/test-stream.c
tests_unit_test_stream_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_stream_LDADD = $(UNIT_LDADD)
# The kernel's end is the test's.
UNIT_TESTS += tests/unit/test-netlink
tests_unit_test_netlink_SOURCES = tests/unit/test-netlink.c
tests_unit_test_netlink_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_netlink_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=send,--wrap=recvmsg
tests_unit_test_netlink_LDADD = masqd/libmasqd.la arpd/libarpd.la $(UNIT_LDADD)

# masqd's, and the service that both daemons are.
UNIT_TESTS += tests/unit/test-forward
tests_unit_test_forward_SOURCES = tests/unit/test-forward.c
tests_unit_test_forward_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_forward_LDADD = masqd/libmasqd.la $(UNIT_LDADD)
UNIT_TESTS += tests/unit/test-policy tests/unit/test-pool tests/unit/test-public tests/unit/test-conf tests/unit/test-rate tests/unit/test-rule tests/unit/test-session tests/unit/test-serial tests/unit/test-store tests/unit/test-varlink-server
tests_unit_test_policy_SOURCES = tests/unit/test-policy.c
tests_unit_test_policy_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_policy_LDADD = masqd/libmasqd.la $(UNIT_LDADD)
UNIT_TESTS += tests/unit/test-policy-key
tests_unit_test_policy_key_SOURCES = tests/unit/test-policy-key.c
tests_unit_test_policy_key_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_policy_key_LDADD = masqd/libmasqd.la $(UNIT_LDADD)
UNIT_TESTS += tests/unit/test-claim tests/unit/test-own-addresses tests/unit/test-ruleset-policy
tests_unit_test_claim_SOURCES = tests/unit/test-claim.c
tests_unit_test_claim_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_claim_LDADD = masqd/libmasqd.la $(UNIT_LDADD)
tests_unit_test_own_addresses_SOURCES = tests/unit/test-own-addresses.c
tests_unit_test_own_addresses_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_own_addresses_LDADD = masqd/libmasqd.la $(UNIT_LDADD)
tests_unit_test_ruleset_policy_SOURCES = tests/unit/test-ruleset-policy.c
tests_unit_test_ruleset_policy_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_ruleset_policy_LDADD = masqd/libmasqd.la $(UNIT_LDADD)
UNIT_TESTS += tests/unit/test-egress-program
tests_unit_test_egress_program_SOURCES = tests/unit/test-egress-program.c
tests_unit_test_egress_program_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_egress_program_LDADD = masqd/libmasqd.la $(UNIT_LDADD)
UNIT_TESTS += tests/unit/test-difference
tests_unit_test_difference_SOURCES = tests/unit/test-difference.c
tests_unit_test_difference_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_difference_LDADD = masqd/libmasqd.la $(UNIT_LDADD)
UNIT_TESTS += tests/unit/test-element-text
tests_unit_test_element_text_SOURCES = tests/unit/test-element-text.c
tests_unit_test_element_text_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_element_text_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=links_find
tests_unit_test_element_text_LDADD = masqd/libmasqd.la $(UNIT_LDADD)
UNIT_TESTS += tests/unit/test-hang-ups
tests_unit_test_hang_ups_SOURCES = tests/unit/test-hang-ups.c
tests_unit_test_hang_ups_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_hang_ups_LDADD = masqd/libmasqd.la $(UNIT_LDADD)
UNIT_TESTS += tests/unit/test-derive
tests_unit_test_derive_SOURCES = tests/unit/test-derive.c
tests_unit_test_derive_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_derive_LDADD = masqd/libmasqd.la $(UNIT_LDADD)
tests_unit_test_pool_SOURCES = tests/unit/test-pool.c
tests_unit_test_pool_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_pool_LDADD = masqd/libmasqd.la $(UNIT_LDADD)
tests_unit_test_public_SOURCES = tests/unit/test-public.c
tests_unit_test_public_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_public_LDADD = masqd/libmasqd.la $(UNIT_LDADD)
tests_unit_test_conf_SOURCES = tests/unit/test-conf.c
tests_unit_test_conf_CFLAGS = $(UNIT_CFLAGS) -DCONF_FOLDER='"$(abs_top_srcdir)/tests/unit/conf"'
tests_unit_test_conf_LDADD = masqd/libmasqd.la $(UNIT_LDADD)
tests_unit_test_rate_SOURCES = tests/unit/test-rate.c
tests_unit_test_rate_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_rate_LDADD = masqd/libmasqd.la $(UNIT_LDADD)
tests_unit_test_rule_SOURCES = tests/unit/test-rule.c
tests_unit_test_rule_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_rule_LDADD = masqd/libmasqd.la $(UNIT_LDADD)
tests_unit_test_session_SOURCES = tests/unit/test-session.c
tests_unit_test_session_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_session_LDADD = masqd/libmasqd.la $(UNIT_LDADD)
tests_unit_test_serial_SOURCES = tests/unit/test-serial.c
tests_unit_test_serial_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_serial_LDADD = masqd/libmasqd.la $(UNIT_LDADD)
tests_unit_test_store_SOURCES = tests/unit/test-store.c
tests_unit_test_store_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_store_LDADD = masqd/libmasqd.la $(UNIT_LDADD)
tests_unit_test_varlink_server_SOURCES = tests/unit/test-varlink-server.c
tests_unit_test_varlink_server_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_varlink_server_LDADD = masqd/libmasqd.la $(UNIT_LDADD)

UNIT_TESTS += tests/unit/test-varlink-link
tests_unit_test_varlink_link_SOURCES = tests/unit/test-varlink-link.c
tests_unit_test_varlink_link_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_varlink_link_LDADD = masqd/libmasqd.la $(UNIT_LDADD)

UNIT_TESTS += tests/unit/test-hours tests/unit/test-period tests/unit/test-quota
tests_unit_test_hours_SOURCES = tests/unit/test-hours.c
tests_unit_test_hours_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_hours_LDADD = masqd/libmasqd.la $(UNIT_LDADD)
tests_unit_test_period_SOURCES = tests/unit/test-period.c
tests_unit_test_period_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_period_LDADD = masqd/libmasqd.la $(UNIT_LDADD)
tests_unit_test_quota_SOURCES = tests/unit/test-quota.c
tests_unit_test_quota_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_quota_LDADD = masqd/libmasqd.la $(UNIT_LDADD)
UNIT_TESTS += tests/unit/test-backoff
tests_unit_test_backoff_SOURCES = tests/unit/test-backoff.c
tests_unit_test_backoff_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_backoff_LDADD = masqd/libmasqd.la $(UNIT_LDADD)

UNIT_TESTS += tests/unit/test-conflicts
tests_unit_test_conflicts_SOURCES = tests/unit/test-conflicts.c
tests_unit_test_conflicts_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_conflicts_LDADD = masqd/libmasqd.la $(UNIT_LDADD)

# masq-arpd's.
UNIT_TESTS += tests/unit/test-conflict
tests_unit_test_conflict_SOURCES = tests/unit/test-conflict.c
tests_unit_test_conflict_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_conflict_LDADD = arpd/libarpd.la $(UNIT_LDADD)
UNIT_TESTS += tests/unit/test-arpd-conf
tests_unit_test_arpd_conf_SOURCES = tests/unit/test-arpd-conf.c tests/unit/said.h
tests_unit_test_arpd_conf_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_arpd_conf_LDADD = arpd/libarpd.la $(UNIT_LDADD)
UNIT_TESTS += tests/unit/test-arp-table
tests_unit_test_arp_table_SOURCES = tests/unit/test-arp-table.c
tests_unit_test_arp_table_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_arp_table_LDADD = arpd/libarpd.la $(UNIT_LDADD)
UNIT_TESTS += tests/unit/test-packet
tests_unit_test_packet_SOURCES = tests/unit/test-packet.c
tests_unit_test_packet_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_packet_LDADD = arpd/libarpd.la $(UNIT_LDADD)

# What the daemons and masqctl share.
UNIT_TESTS += tests/unit/test-suggest
tests_unit_test_suggest_SOURCES = tests/unit/test-suggest.c
tests_unit_test_suggest_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_suggest_LDADD = $(UNIT_LDADD)

# masqctl's pure modules.
UNIT_TESTS += tests/unit/test-column tests/unit/test-options tests/unit/test-select
tests_unit_test_column_SOURCES = tests/unit/test-column.c tests/unit/said.h
tests_unit_test_column_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_column_LDADD = cli/libmasqctl.la $(UNIT_LDADD)
tests_unit_test_options_SOURCES = tests/unit/test-options.c tests/unit/said.h
tests_unit_test_options_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_options_LDADD = cli/libmasqctl.la $(UNIT_LDADD)
tests_unit_test_select_SOURCES = tests/unit/test-select.c tests/unit/said.h
tests_unit_test_select_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_select_LDADD = cli/libmasqctl.la $(UNIT_LDADD)
UNIT_TESTS += tests/unit/test-filter tests/unit/test-units
tests_unit_test_filter_SOURCES = tests/unit/test-filter.c tests/unit/said.h
tests_unit_test_filter_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_filter_LDADD = cli/libmasqctl.la $(UNIT_LDADD)
tests_unit_test_units_SOURCES = tests/unit/test-units.c
tests_unit_test_units_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_units_LDADD = cli/libmasqctl.la $(UNIT_LDADD)
endif

# The plugin's host in tests/unit/plugin.bats; it exports what pppd exports.
check_PROGRAMS += tests/unit/fake-pppd
tests_unit_fake_pppd_SOURCES = tests/unit/fake-pppd.c
tests_unit_fake_pppd_CFLAGS = $(AM_CFLAGS) $(PPPD_CFLAGS)
tests_unit_fake_pppd_LDFLAGS = $(AM_LDFLAGS) -rdynamic
tests_unit_fake_pppd_LDADD = -ldl

# The responder without its daemon, for tests/net/responder.bats.
check_PROGRAMS += tests/net/responder-hold
tests_net_responder_hold_SOURCES = tests/net/responder-hold.c
tests_net_responder_hold_LDADD = arpd/libarpd.la

# The lines of tests/soak/soak.bats.
check_PROGRAMS += tests/soak/load
tests_soak_load_SOURCES = \
	tests/soak/load.c \
	tests/soak/client.c tests/soak/client.h \
	bench/line-session.c bench/line-session.h \
	bench/line-tun.c bench/line-tun.h \
	bench/measure.c bench/measure.h
tests_soak_load_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
tests_soak_load_LDADD = lib/libmasq.la $(JANSSON_LIBS)
EXTRA_DIST += tests/soak/soak.bats tests/soak/soak.bash tests/soak/valgrind
# Preloaded into programs by tests/faults; shared, though they are not installed. Without sanitizers, which come after them.
check_LTLIBRARIES = tests/faults/fake-clock.la tests/faults/scarce-memory.la
preloaded_flags = -module -avoid-version -shared -rpath /nowhere
tests_faults_fake_clock_la_SOURCES = tests/faults/fake-clock.c tests/faults/told.h
tests_faults_fake_clock_la_CFLAGS = $(BASE_CFLAGS)
tests_faults_fake_clock_la_LDFLAGS = $(preloaded_flags)
tests_faults_scarce_memory_la_SOURCES = tests/faults/scarce-memory.c tests/faults/told.h
tests_faults_scarce_memory_la_CFLAGS = $(BASE_CFLAGS)
tests_faults_scarce_memory_la_LDFLAGS = $(preloaded_flags)

# Elements without masqd, for tests/net/transactions.bats.
check_PROGRAMS += tests/net/transactions
tests_net_transactions_SOURCES = tests/net/transactions.c
tests_net_transactions_CFLAGS = $(masqd_libmasqd_la_CFLAGS)
tests_net_transactions_LDADD = masqd/libmasqd.la
EXTRA_DIST += tests/net/transactions.bats

EXTRA_DIST += tests/net/nat.bats
EXTRA_DIST += tests/net/masqctl.bats tests/net/masqctl-words.bats tests/net/stub-daemon
EXTRA_DIST += tests/unit/plugin.bats tests/unit/masqd-stub.py
EXTRA_DIST += tests/net/arpd.bats tests/varlink-call tests/varlink_interface.py
EXTRA_DIST += tests/unit/conf tests/unit/coverage.files tests/unit/masqd-conf.bats
EXTRA_DIST += tests/net/limits.bats
EXTRA_DIST += tests/bench/arp.bats tests/bench/gateway.bats tests/bench/packets.bats tests/bench/programming.bats tests/bench/run.bats
EXTRA_DIST += tests/net/choose.bats tests/net/routes.bats
EXTRA_DIST += tests/net/quota.bats
EXTRA_DIST += tests/net/rates.bats
EXTRA_DIST += tests/net/explain.bats
EXTRA_DIST += tests/net/claim tests/net/conflicts.bats tests/net/stub-arpd
EXTRA_DIST += tests/net/forward.bats tests/net/ftp tests/net/helpers.bats
EXTRA_DIST += tests/first-try.bash tests/net/gateway.bash
EXTRA_DIST += tests/failpoints/masqd.bats
EXTRA_DIST += tests/faults/callers
EXTRA_DIST += tests/faults/clients.bats
EXTRA_DIST += tests/faults/clock.bats
EXTRA_DIST += tests/faults/connections
EXTRA_DIST += tests/faults/egress-lock.bats
EXTRA_DIST += tests/faults/hoard
EXTRA_DIST += tests/faults/hostile
EXTRA_DIST += tests/faults/alone/load.bats
EXTRA_DIST += tests/faults/local-peer
EXTRA_DIST += tests/faults/locals.bats
EXTRA_DIST += tests/faults/memory.bash tests/faults/memory.bats tests/faults/memory-arpd.bats
EXTRA_DIST += tests/faults/orphans.bats
EXTRA_DIST += tests/faults/others.bats
EXTRA_DIST += tests/faults/plugin-first
EXTRA_DIST += tests/faults/reconcile.bats
EXTRA_DIST += tests/faults/reload.bats
EXTRA_DIST += tests/faults/replay
EXTRA_DIST += tests/faults/resources.bats
EXTRA_DIST += tests/faults/preload.bash
EXTRA_DIST += tests/faults/skew.bats
EXTRA_DIST += tests/faults/thousand.bats
EXTRA_DIST += tests/net/hosts.bats
EXTRA_DIST += tests/net/ipv6.bats tests/net/spoof6
EXTRA_DIST += tests/net/lans.bats
EXTRA_DIST += tests/net/lib.bash
EXTRA_DIST += tests/net/line
EXTRA_DIST += tests/net/live.bats
EXTRA_DIST += tests/net/masqd.bats
EXTRA_DIST += tests/net/policies.bats
EXTRA_DIST += tests/net/responder.bats tests/net/arp
EXTRA_DIST += tests/net/session-types.bats
EXTRA_DIST += tests/net/service.bats tests/net/manager tests/unit/units.bats
EXTRA_DIST += tests/net/talk
EXTRA_DIST += tests/net/uplinks.bats
EXTRA_DIST += tests/vm
EXTRA_DIST += tests/net/arpd.bash tests/net/arpd-bpf.bats tests/net/arpd-daemon.bats
