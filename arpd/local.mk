# The ARP daemon. Everything but main.c is a library that the unit tests link.

noinst_LTLIBRARIES += arpd/libarpd.la
arpd_libarpd_la_SOURCES = \
	arpd/announce.c arpd/announce.h \
	arpd/api.c arpd/api.h \
	arpd/arpd.c arpd/arpd.h \
	arpd/conf.c arpd/conf.h \
	arpd/conflict.c arpd/conflict.h \
	arpd/defence.c arpd/defence.h \
	arpd/delay.c arpd/delay.h \
	arpd/detection.c arpd/detection.h \
	arpd/engine.c arpd/engine.h \
	arpd/foreign.c arpd/foreign.h \
	arpd/hearing.c arpd/hearing.h \
	arpd/inquiry.c arpd/inquiry.h \
	arpd/link.c arpd/link.h \
	arpd/listeners.c arpd/listeners.h \
	arpd/neighbour.c arpd/neighbour-delay.c arpd/neighbour.h \
	arpd/packet.c arpd/packet.h \
	arpd/prober.c arpd/prober.h \
	arpd/publisher.c arpd/publisher.h \
	arpd/reconcile.c arpd/reconcile.h \
	arpd/responder.h arpd/responder-maps.h \
	arpd/route.c arpd/route.h \
	arpd/table.c arpd/table.h \
	arpd/wire.c arpd/wire.h
nodist_arpd_libarpd_la_SOURCES = arpd/org.masqgate.Arp.varlink.h
arpd_libarpd_la_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS) $(JANSSON_CFLAGS) $(NL_CFLAGS) $(CONFUSE_CFLAGS)
arpd_libarpd_la_LIBADD = lib/libmasq.la

sbin_PROGRAMS += arpd/masq-arpd
arpd_masq_arpd_SOURCES = arpd/main.c
arpd_masq_arpd_CFLAGS = $(arpd_libarpd_la_CFLAGS)
arpd_masq_arpd_LDADD = arpd/libarpd.la

BUILT_SOURCES += arpd/org.masqgate.Arp.varlink.h
CLEANFILES += arpd/org.masqgate.Arp.varlink.h
EXTRA_DIST += arpd/org.masqgate.Arp.varlink

# BUILT_SOURCES counts for all and check only.
$(arpd_libarpd_la_OBJECTS): $(nodist_arpd_libarpd_la_SOURCES)

# The engine for many addresses, or that there is none.
if WITH_BPF
arpd_libarpd_la_SOURCES += arpd/responder.c
nodist_arpd_libarpd_la_SOURCES += arpd/responder.skel.h
arpd_libarpd_la_CFLAGS += $(LIBBPF_CFLAGS)
arpd_libarpd_la_LIBADD += $(LIBBPF_LIBS)
BUILT_SOURCES += arpd/responder.skel.h
else
arpd_libarpd_la_SOURCES += arpd/responder-none.c
endif
EXTRA_DIST += arpd/responder.bpf.c
CLEANFILES += arpd/responder.bpf.o arpd/responder.skel.h

# The second object has no debugging information but the types, which the loader wants.
arpd/responder.skel.h: arpd/responder.bpf.c arpd/responder-maps.h
	$(AM_V_GEN)$(MKDIR_P) $(@D) && \
		$(BPF_CLANG) $(BPF_CFLAGS) -I$(top_srcdir) $(LIBBPF_CFLAGS) $(BPF_CPPFLAGS) -c $(srcdir)/arpd/responder.bpf.c -o arpd/responder.tmp.o && \
		$(BPFTOOL) gen object arpd/responder.bpf.o arpd/responder.tmp.o && rm arpd/responder.tmp.o && \
		echo '/* NOLINTBEGIN: generated */' >$@.tmp && \
		$(BPFTOOL) gen skeleton arpd/responder.bpf.o name responder_bpf >>$@.tmp && \
		echo '/* NOLINTEND */' >>$@.tmp && mv $@.tmp $@
