# The reference manual, in mdoc.

dist_man_MANS += \
	man/arpd.conf.5 \
	man/masq-arpd.8 \
	man/masq-pppd.8 \
	man/masqctl.8 \
	man/masqd.8 \
	man/masqd.conf.5
