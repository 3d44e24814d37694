# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# A network of bench/packets. One process, packets-load, is the clients and the server.
#
#   packets-load                  gateway                            far
#   10.64.0.1 ──── ppp0 192.168.0.1    203.0.113.1 isp0 ──── eth0 203.0.113.9, the server: packets-load
#   10.64.0.2 ──── ppp1 192.168.0.1
#   ...

from namespaces import Failed, Network, Program, run, wait_for

FIRST = "10.64.0.1"
LOCAL = "192.168.0.1"
PUBLIC = "203.0.113.1"
SERVER = "203.0.113.9"

# Drops everything before the kernel looks at it; packet sockets still hear it.
DROP = """table netdev bench {
    chain in {
        type filter hook ingress device "eth0" priority 0
        policy drop
    }
}
"""


class Gateway(Network):
    """It has that many lines. Whoever is its subject decides what passes; forwards: the kernel does, whatever that says."""

    def __init__(self, load, lines, is_translating, forwards):
        super().__init__("gateway", "far")
        self.program, self.lines = load, lines
        self.public = PUBLIC if is_translating else "0.0.0.0"
        self.forwards = int(forwards)
        self.load = None

    def make(self):
        for namespace in (self.gateway, self.far):
            namespace.exec("sysctl", "-qw", "net.ipv6.conf.default.disable_ipv6=1")
        for which in ("all", "default"):
            self.gateway.sysctl(f"conf.{which}.forwarding", self.forwards)
        self.gateway.veth("isp0", self.far, "eth0")
        wait_for(lambda: self.gateway.state("isp0") == "UP", 10, "isp0")
        self.gateway.ip("address", "add", f"{PUBLIC}/24", "dev", "isp0")
        self.gateway.ip("neighbour", "add", SERVER, "lladdr", self.far.mac("eth0"), "dev", "isp0", "nud", "permanent")
        self.far.exec("nft", "-f", "-", stdin=DROP)
        self.load = Program(self.gateway.command(
            self.program, self.lines, FIRST, LOCAL, self.far.name, "eth0", self.gateway.mac("isp0"), SERVER, self.public))
        self.answer()

    def order(self, *words):
        self.load.order(*words)

    def answer(self):
        return self.load.answer()

    def ask(self, *words):
        return self.load.ask(*words)

    def forget_flows(self):
        self.gateway.exec("conntrack", "-F")

    def nft(self, text):
        self.gateway.exec("nft", "-f", "-", stdin=text)

    def end_load(self):
        if self.load:
            self.load.end()
        self.load = None

    def __exit__(self, *_):
        self.end_load()
        super().__exit__()


def has_program(name):
    try:
        run("sh", "-c", f"command -v {name}")
    except Failed:
        return False
    return True
