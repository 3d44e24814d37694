# What measures: shipped, not installed.
EXTRA_DIST += bench/interactive
EXTRA_DIST += bench/run bench/plots.py
EXTRA_DIST += bench/command.py bench/daemon.py bench/figures.py bench/namespaces.py
EXTRA_DIST += bench/programming bench/programming_net.py bench/programming_report.py
EXTRA_DIST += bench/arp bench/arp_handover.py bench/arp_net.py bench/arp_report.py bench/arp_subjects.py
EXTRA_DIST += bench/gateway bench/gateway_measures.py bench/gateway_net.py bench/gateway_programs.py bench/gateway_report.py
EXTRA_DIST += bench/packets bench/packets_changes.py bench/packets_net.py bench/packets_report.py bench/packets_subjects.py

noinst_PROGRAMS += bench/arp-load
bench_arp_load_SOURCES = \
	bench/arp-load.c \
	bench/arp-asker.c bench/arp-asker.h \
	bench/arp-cpu.c bench/arp-cpu.h \
	bench/arp-publish.c bench/arp-publish.h \
	bench/measure.c bench/measure.h

noinst_PROGRAMS += bench/lines
bench_lines_SOURCES = \
	bench/lines.c \
	bench/line-session.c bench/line-session.h \
	bench/line-tun.c bench/line-tun.h \
	bench/measure.c bench/measure.h
bench_lines_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
bench_lines_LDADD = lib/libmasq.la $(JANSSON_LIBS)

noinst_PROGRAMS += bench/packets-load
bench_packets_load_SOURCES = \
	bench/packets-load.c \
	bench/packets-far.c bench/packets-far.h \
	bench/packets-frame.c bench/packets-frame.h \
	bench/packets-lines.c bench/packets-lines.h \
	bench/line-session.c bench/line-session.h \
	bench/line-tun.c bench/line-tun.h \
	bench/arp-asker.c bench/arp-asker.h \
	bench/arp-cpu.c bench/arp-cpu.h \
	bench/measure.c bench/measure.h
bench_packets_load_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
bench_packets_load_LDADD = lib/libmasq.la $(JANSSON_LIBS)

noinst_PROGRAMS += bench/programming-load
bench_programming_load_SOURCES = \
	bench/programming-load.c bench/programming-actions.h \
	bench/programming-bare.c bench/programming-bare.h \
	bench/programming-commands.c \
	bench/programming-counters.c \
	bench/programming-lines.c bench/programming-lines.h \
	bench/programming-sessions.c bench/programming-sessions.h \
	bench/programming-transactions.c \
	bench/measure.c bench/measure.h
bench_programming_load_CFLAGS = $(masqd_libmasqd_la_CFLAGS)
bench_programming_load_LDADD = masqd/libmasqd.la
