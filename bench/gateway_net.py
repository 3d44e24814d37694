# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# The network of bench/gateway. One program, lines, is all clients but one.
#
#   lines                        gateway                              far
#   10.64.0.1 ──── ppp0 192.168.0.1    203.0.113.1 isp0 ──── eth0 203.0.113.9, an echo server
#   10.64.0.2 ──── ppp1 192.168.0.1                               203.0.113.10: whoever is silent
#   ...                          │
#   client: 10.63.0.9 eth0 ──── cl0 10.63.0.1, attached

import json
import os
import sys

from namespaces import Failed, Network, Program, wait_for

HERE = os.path.dirname(os.path.realpath(__file__))

FIRST = "10.64.0.1"
LOCAL = "192.168.0.1"
SERVER = "203.0.113.9"
SILENT = "203.0.113.10"
CLIENT = "10.63.0.9"

# Of the echo server: before a hang-up, after it, and the attached client's.
EARLY, LATE, STEADY = 4001, 4002, 4003

# What has left without having been translated.
STRAYS = """table ip bench {
    counter strays {}
    chain in {
        type filter hook prerouting priority raw
        ip saddr 10.0.0.0/8 counter name strays
    }
}
"""


class GatewayNetwork(Network):
    """Has so many lines, none of them open, and masqd in force, from its beginning to its end."""

    def __init__(self, daemon, masqctl, lines_program, lines):
        super().__init__("gateway", "far", "client")
        self.daemon, self.masqctl, self.lines_program, self.count = daemon, masqctl, lines_program, lines
        self.programs = []

    def make(self):
        # With it the kernel needs milliseconds for each line that comes up beside thousands.
        for namespace in (self.gateway, self.far, self.client):
            namespace.exec("sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1", "net.ipv6.conf.default.disable_ipv6=1")
        for which in ("all", "default"):
            self.gateway.sysctl(f"conf.{which}.forwarding", 0)
        self.wire("isp0", "203.0.113.1/24", self.far, SERVER)
        self.gateway.ip("route", "add", "default", "via", SERVER)
        self.gateway.ip("neighbour", "add", SILENT, "lladdr", self.far.mac("eth0"), "dev", "isp0", "nud", "permanent")
        self.wire("cl0", "10.63.0.1/24", self.client, CLIENT)
        self.client.ip("route", "add", "default", "via", "10.63.0.1")
        self.far.exec("nft", "-f", "-", stdin=STRAYS)
        self.daemon.configure(FIRST, self.count)
        self.daemon.start(self.gateway)
        self.lines = self.program(self.gateway.command(self.lines_program, self.daemon.path("socket"), FIRST, LOCAL))
        self.echo = self.script(self.far, "echo", SERVER, EARLY, LATE, STEADY)
        # One more client, whose packets can be counted beside everything.
        self.ctl("attach", "cl0", "--address", CLIENT)
        self.flow = self.script(self.client, "flow", SERVER, STEADY)
        self.lines.ask("make", self.count)

    def wire(self, interface, address, namespace, peer):
        self.gateway.veth(interface, namespace, "eth0")
        self.gateway.ip("address", "add", address, "dev", interface)
        namespace.ip("address", "add", f"{peer}/24", "dev", "eth0")
        wait_for(lambda: self.gateway.state(interface) == "UP", 10, interface)

    def program(self, command):
        self.programs.append(Program(command))
        return self.programs[-1]

    def script(self, namespace, *words):
        return self.program(namespace.command(sys.executable, "-B", os.path.join(HERE, "gateway_programs.py"), *words))

    def probe(self):
        return self.script(self.gateway, "probe", self.daemon.path("socket"))

    def elements(self):
        return self.script(self.gateway, "elements")

    def ctl(self, *words):
        return self.gateway.exec(self.masqctl, "--socket", self.daemon.path("socket"), *words)

    def strays(self):
        """Packets that the far side has got with a private source, so far."""
        listed = json.loads(self.far.exec("nft", "-j", "list", "counter", "ip", "bench", "strays"))
        return next(item["counter"]["packets"] for item in listed["nftables"] if "counter" in item)

    def sessions(self):
        """Of the lines: (interface index, address) each, in their order of appearance."""
        listed = json.loads(self.ctl("list", "--json"))
        listed = listed if isinstance(listed, list) else listed["sessions"]
        return [(session["ifindex"], session["address"]) for session in listed if session["type"] == "ppp"]

    def flows(self):
        """How many connections the kernel tracks in the gateway; the file says it of whoever reads it."""
        return int(self.gateway.exec("cat", "/proc/sys/net/netfilter/nf_conntrack_count"))

    def status(self):
        """masqd's: rss_kib, and waits: how often its threads have waited for something."""
        return process_status(self.daemon.pid)

    def __exit__(self, *_):
        # masqd before its clients: thousands of sessions that end are not what is measured.
        self.daemon.kill()
        while self.programs:
            self.programs.pop().end()
        super().__exit__()


def fields(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        for line in file:
            name, _, value = line.partition(":")
            yield name, value.split()


def process_status(pid):
    waits, rss = 0, None
    for thread in os.listdir(f"/proc/{pid}/task"):
        for name, value in fields(f"/proc/{pid}/task/{thread}/status"):
            if name == "voluntary_ctxt_switches":
                waits += int(value[0])
            elif name == "VmRSS":
                rss = int(value[0])
    if rss is None:
        raise Failed(f"process {pid} has gone")
    return {"waits": waits, "rss_kib": rss}
