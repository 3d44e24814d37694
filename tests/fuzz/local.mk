# Fuzz targets: fuzz-NAME.c is a target and a program, corpus/NAME/ its seeds. Only with --enable-fuzzing; ./check --only fuzz runs them.

EXTRA_DIST += tests/fuzz/corpus

if FUZZING
FUZZ_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer

check_PROGRAMS += $(FUZZ_TARGETS)
FUZZ_TARGETS =

FUZZ_TARGETS += tests/fuzz/fuzz-packet
tests_fuzz_fuzz_packet_SOURCES = tests/fuzz/fuzz-packet.c
tests_fuzz_fuzz_packet_LDFLAGS = $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_packet_LDADD = arpd/libarpd.la

.PHONY: fuzz-targets
fuzz-targets: $(FUZZ_TARGETS)
endif
