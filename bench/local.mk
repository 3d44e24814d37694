# What measures: shipped, not installed.
EXTRA_DIST += bench/interactive
EXTRA_DIST += bench/figures.py bench/namespaces.py
EXTRA_DIST += bench/arp bench/arp_handover.py bench/arp_net.py bench/arp_report.py bench/arp_subjects.py

noinst_PROGRAMS += bench/arp-load
bench_arp_load_SOURCES = \
	bench/arp-load.c \
	bench/arp-asker.c bench/arp-asker.h \
	bench/arp-cpu.c bench/arp-cpu.h \
	bench/arp-publish.c bench/arp-publish.h \
	bench/tool.c bench/tool.h
