# Fuzz targets: fuzz-NAME.c is a target and a program, corpus/NAME/ its seeds. Only with --enable-fuzzing; ./check --only fuzz runs them.

EXTRA_DIST += tests/fuzz/corpus tests/fuzz/arpd.dict tests/fuzz/gateway.dict

if FUZZING
FUZZ_CFLAGS = $(masqd_libmasqd_la_CFLAGS)
FUZZ_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer

check_PROGRAMS += $(FUZZ_TARGETS)
FUZZ_TARGETS =

FUZZ_TARGETS += tests/fuzz/fuzz-packet
tests_fuzz_fuzz_packet_SOURCES = tests/fuzz/fuzz-packet.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_packet_CFLAGS = $(FUZZ_CFLAGS)
tests_fuzz_fuzz_packet_LDFLAGS = $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_packet_LDADD = arpd/libarpd.la

FUZZ_TARGETS += tests/fuzz/fuzz-text
tests_fuzz_fuzz_text_SOURCES = tests/fuzz/fuzz-text.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_text_CFLAGS = $(FUZZ_CFLAGS)
tests_fuzz_fuzz_text_LDFLAGS = $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_text_LDADD = masqd/libmasqd.la

FUZZ_TARGETS += tests/fuzz/fuzz-keys
tests_fuzz_fuzz_keys_SOURCES = tests/fuzz/fuzz-keys.c tests/fuzz/fuzz.h tests/fuzz/memory-file.h
tests_fuzz_fuzz_keys_CFLAGS = $(FUZZ_CFLAGS)
tests_fuzz_fuzz_keys_LDFLAGS = $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_keys_LDADD = masqd/libmasqd.la

# nft's text is looked at instead of being run.
FUZZ_TARGETS += tests/fuzz/fuzz-conf
tests_fuzz_fuzz_conf_SOURCES = tests/fuzz/fuzz-conf.c tests/fuzz/fuzz.h tests/fuzz/memory-file.h tests/fuzz/quiet.c tests/fuzz/quiet.h
tests_fuzz_fuzz_conf_CFLAGS = $(FUZZ_CFLAGS)
tests_fuzz_fuzz_conf_LDFLAGS = $(FUZZ_LDFLAGS) -Wl,--wrap=nft_run_cmd_from_buffer
tests_fuzz_fuzz_conf_LDADD = masqd/libmasqd.la

FUZZ_TARGETS += tests/fuzz/fuzz-arpd-conf
tests_fuzz_fuzz_arpd_conf_SOURCES = \
	tests/fuzz/fuzz-arpd-conf.c tests/fuzz/fuzz.h tests/fuzz/memory-file.h tests/fuzz/quiet.c tests/fuzz/quiet.h
tests_fuzz_fuzz_arpd_conf_CFLAGS = $(FUZZ_CFLAGS)
tests_fuzz_fuzz_arpd_conf_LDFLAGS = $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_arpd_conf_LDADD = arpd/libarpd.la

FUZZ_TARGETS += tests/fuzz/fuzz-filter
tests_fuzz_fuzz_filter_SOURCES = tests/fuzz/fuzz-filter.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_filter_CFLAGS = $(FUZZ_CFLAGS)
tests_fuzz_fuzz_filter_LDFLAGS = $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_filter_LDADD = cli/libmasqctl.la

# All of masqctl but its main.c; the input answers instead of a daemon.
FUZZ_TARGETS += tests/fuzz/fuzz-masqctl
tests_fuzz_fuzz_masqctl_SOURCES = tests/fuzz/fuzz-masqctl.c tests/fuzz/fuzz.h $(cli_commands)
tests_fuzz_fuzz_masqctl_CFLAGS = $(FUZZ_CFLAGS) $(SMARTCOLS_CFLAGS)
tests_fuzz_fuzz_masqctl_LDFLAGS = $(FUZZ_LDFLAGS) -Wl,--wrap=connect,--wrap=send,--wrap=recv,--wrap=poll,--wrap=clock_gettime
tests_fuzz_fuzz_masqctl_LDADD = $(cli_masqctl_LDADD)

# masqd itself; nothing is printed.
FUZZ_TARGETS += tests/fuzz/fuzz-gateway
tests_fuzz_fuzz_gateway_SOURCES = \
	tests/fuzz/fuzz-gateway.c tests/fuzz/fuzz.h tests/fuzz/daemon.c tests/fuzz/daemon.h tests/fuzz/memory-file.h \
	tests/fuzz/quiet.c tests/fuzz/quiet.h
tests_fuzz_fuzz_gateway_CFLAGS = $(FUZZ_CFLAGS)
tests_fuzz_fuzz_gateway_LDFLAGS = $(FUZZ_LDFLAGS) \
	-Wl,--wrap=flush_run,--wrap=conntrack_flush_forwarded,--wrap=conntrack_flush_unmarked,--wrap=conntrack_each_mark,--wrap=conntrack_each_public
tests_fuzz_fuzz_gateway_LDADD = masqd/libmasqd.la
$(tests_fuzz_fuzz_gateway_OBJECTS): masqd/org.masqgate.Gateway.varlink.h

# masq-arpd itself.
FUZZ_TARGETS += tests/fuzz/fuzz-arpd
tests_fuzz_fuzz_arpd_SOURCES = \
	tests/fuzz/fuzz-arpd.c tests/fuzz/fuzz.h tests/fuzz/daemon.c tests/fuzz/daemon.h tests/fuzz/memory-file.h \
	tests/fuzz/quiet.c tests/fuzz/quiet.h
tests_fuzz_fuzz_arpd_CFLAGS = $(FUZZ_CFLAGS)
tests_fuzz_fuzz_arpd_LDFLAGS = $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_arpd_LDADD = arpd/libarpd.la

# The kernel's end of netlink is the input: tests/fuzz/kernel.h.
KERNEL_SOURCES = tests/fuzz/fuzz.h tests/fuzz/kernel.c tests/fuzz/kernel.h tests/fuzz/quiet.c tests/fuzz/quiet.h
KERNEL_LDFLAGS = $(FUZZ_LDFLAGS) \
	-Wl,--wrap=netlink_request,--wrap=event_new,--wrap=send,--wrap=sendto,--wrap=sendmsg,--wrap=recv,--wrap=recvmsg

FUZZ_TARGETS += tests/fuzz/fuzz-netlink
tests_fuzz_fuzz_netlink_SOURCES = tests/fuzz/fuzz-netlink.c $(KERNEL_SOURCES)
tests_fuzz_fuzz_netlink_CFLAGS = $(FUZZ_CFLAGS)
tests_fuzz_fuzz_netlink_LDFLAGS = $(KERNEL_LDFLAGS)
tests_fuzz_fuzz_netlink_LDADD = masqd/libmasqd.la

FUZZ_TARGETS += tests/fuzz/fuzz-arpd-netlink
tests_fuzz_fuzz_arpd_netlink_SOURCES = tests/fuzz/fuzz-arpd-netlink.c $(KERNEL_SOURCES)
tests_fuzz_fuzz_arpd_netlink_CFLAGS = $(FUZZ_CFLAGS)
tests_fuzz_fuzz_arpd_netlink_LDFLAGS = $(KERNEL_LDFLAGS)
tests_fuzz_fuzz_arpd_netlink_LDADD = arpd/libarpd.la

FUZZ_TARGETS += tests/fuzz/fuzz-varlink
tests_fuzz_fuzz_varlink_SOURCES = \
	tests/fuzz/fuzz-varlink.c tests/fuzz/fuzz.h tests/fuzz/daemon.c tests/fuzz/daemon.h tests/fuzz/quiet.c tests/fuzz/quiet.h
tests_fuzz_fuzz_varlink_CFLAGS = $(FUZZ_CFLAGS)
tests_fuzz_fuzz_varlink_LDFLAGS = $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_varlink_LDADD = lib/libmasq.la

.PHONY: fuzz-targets
fuzz-targets: $(FUZZ_TARGETS)
endif
