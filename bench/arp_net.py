# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# The network of bench/arp.
#
#   host on the LAN                        gateway                        client
#   10.0.250.9/16 eth0 ──── lan0 10.0.0.1/16   ppp0 ──── eth0   10.0.1.0, .1, ...: it has them all
#                                   host routes to clients lead there

import ipaddress
import time

from namespaces import Network, figures, run, wait_for

FIRST = ipaddress.IPv4Address("10.0.1.0")
SPARE = "10.0.220.1"
ROUTER = "10.0.0.1"
HOST = "10.0.250.9"

# Drops what comes in by an interface before the host sees it; packet sockets still do.
DROP = """table netdev bench {{
    chain in {{
        type filter hook ingress device "{0}" priority 0
        policy drop
    }}
}}
"""


class Lan(Network):
    """One gateway. Its LAN is made anew for each subject, its host routes stay: there are as many as entries at most."""

    def __init__(self, load, entries):
        super().__init__("gateway", "lan", "client")
        self.load, self.entries = load, entries

    def make(self):
        self.gateway.sysctl("conf.all.forwarding", 1)
        self.line("ppp0")
        routes = "".join(f"route add {FIRST + i}/32 dev ppp0\n" for i in range(self.entries))
        run("ip", "-n", self.gateway.name, "-batch", "-", stdin=routes + f"route add {SPARE}/32 dev ppp0\n")

    def line(self, name):
        """A link to the client, who answers ARP for whatever the LAN's network has."""
        self.gateway.veth(name, self.client, name)
        self.client.ip("route", "replace", "local", "10.0.0.0/16", "dev", "lo")

    def renew(self):
        """Another LAN, on which nothing is published, with the kernel's defaults."""
        if "lan0" in self.gateway.ip("-br", "link"):
            self.gateway.ip("link", "del", "lan0")
        self.gateway.veth("lan0", self.lan, "eth0")
        self.gateway.ip("address", "add", f"{ROUTER}/16", "dev", "lan0")
        self.lan.ip("address", "add", f"{HOST}/16", "dev", "eth0")
        # Until the kernel has seen to a new carrier, it sends nothing.
        for namespace, interface in ((self.gateway, "lan0"), (self.lan, "eth0")):
            wait_for(lambda: namespace.state(interface) == "UP", 10, interface)
        # The host's kernel would look at each answer, too, and that is not what is measured.
        self.drop(self.lan, "eth0")

    def settle(self):
        """Waits until the LAN is quiet: many addresses are announced one after the other."""
        seen = []

        def is_quiet():
            seen.append(self.lan.exec("cat", "/sys/class/net/eth0/statistics/rx_packets"))
            time.sleep(0.1)
            return seen[-1] == seen[-2:][0] and len(seen) > 1

        wait_for(is_quiet, 60, "silence")

    def drop(self, namespace, interface):
        namespace.exec("nft", "-f", "-", stdin="table netdev bench\ndelete table netdev bench\n" + DROP.format(interface))

    def let_in(self, namespace):
        namespace.exec("nft", "delete", "table", "netdev", "bench")

    def delay(self, value):
        self.gateway.sysctl("neigh.lan0.proxy_delay", value)

    def load_command(self, entries, *arguments):
        return self.lan.command(self.load, "eth0", self.gateway.mac("lan0"), FIRST, entries, *arguments)

    def ask(self, entries, *arguments):
        """What arp-load measured."""
        return figures(run(*self.load_command(entries, *arguments)))
