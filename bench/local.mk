# What measures: shipped, not installed.
EXTRA_DIST += bench/interactive
EXTRA_DIST += bench/figures.py bench/namespaces.py
EXTRA_DIST += bench/arp bench/arp_handover.py bench/arp_net.py bench/arp_report.py bench/arp_subjects.py

noinst_PROGRAMS += bench/arp-load
bench_arp_load_SOURCES = \
	bench/arp-load.c \
	bench/arp-asker.c bench/arp-asker.h \
	bench/arp-cpu.c bench/arp-cpu.h \
	bench/arp-publish.c bench/arp-publish.h

noinst_PROGRAMS += bench/packets-load
bench_packets_load_SOURCES = \
	bench/packets-load.c \
	bench/packets-far.c bench/packets-far.h \
	bench/packets-frame.c bench/packets-frame.h \
	bench/packets-lines.c bench/packets-lines.h \
	bench/arp-asker.c bench/arp-asker.h \
	bench/arp-cpu.c bench/arp-cpu.h
