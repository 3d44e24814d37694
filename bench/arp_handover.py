# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# How long a LAN host that talks to a client takes to find it when it has dialled in again at another gateway, and the first
# one is gone.
#
#          ┌ port-a ── lan0 a ppp0 ── line-a ┐
#   br0 ───┤                                 ├ client 10.0.1.0: by a at first, then by b
#          └ port-b ── lan0 b ppp0 ── line-b ┘

import select
import subprocess
import time

from arp_net import FIRST, HOST
from namespaces import Failed, Network

CLIENT = str(FIRST)
GATEWAYS = {"a": ("10.0.0.1", "10.255.1"), "b": ("10.0.0.2", "10.255.2")}


class TwoGateways(Network):
    def __init__(self):
        super().__init__("lan", "client", "a", "b")

    def make(self):
        self.lan.ip("link", "add", "br0", "type", "bridge")
        self.lan.ip("link", "set", "br0", "up")
        self.lan.ip("address", "add", f"{HOST}/16", "dev", "br0")
        self.client.ip("address", "add", CLIENT, "dev", "lo")
        for name, (address, line) in GATEWAYS.items():
            gateway = getattr(self, name)
            gateway.veth("lan0", self.lan, f"port-{name}")
            self.lan.ip("link", "set", f"port-{name}", "master", "br0")
            gateway.ip("address", "add", f"{address}/16", "dev", "lan0")
            gateway.veth("ppp0", self.client, f"line-{name}")
            gateway.ip("address", "add", f"{line}.1/30", "dev", "ppp0")
            self.client.ip("address", "add", f"{line}.2/30", "dev", f"line-{name}")
            gateway.sysctl("conf.all.forwarding", 1)
            gateway.sysctl("neigh.lan0.proxy_delay", 0)

    def dial(self, name):
        line = GATEWAYS[name][1]
        self.client.ip("route", "replace", "default", "via", f"{line}.1", "src", CLIENT)
        getattr(self, name).ip("route", "add", CLIENT, "via", f"{line}.2", "dev", "ppp0")

    def hang_up_a(self):
        self.a.ip("link", "set", "lan0", "down")


class Ping:
    """Every 20 ms from the LAN's host to the client."""

    def __init__(self, namespace):
        self.process = subprocess.Popen(
            namespace.command("ping", "-n", "-D", "-i", "0.02", CLIENT),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0)
        self.rest = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def answer_since(self, start, seconds):
        """When the first answer after start came (time.time()), or None within so many seconds."""
        end = time.time() + seconds
        while time.time() < end:
            while b"\n" in self.rest:
                line, self.rest = self.rest.split(b"\n", 1)
                at = float(line[1:line.index(b"]")]) if b" bytes from " in line else 0
                if at > start:
                    return at
            if select.select([self.process.stdout], [], [], 0.1)[0]:
                self.rest += self.process.stdout.read(65536)
        return None


def silently(net):
    """As pppd does."""
    net.b.ip("neighbour", "add", "proxy", CLIENT, "dev", "lan0")


def hand_over(publish, prepare, patience):
    """Milliseconds from the moment that the second gateway has the client's line, or None if that is longer than patience, in
    seconds. prepare is told the network before anything else happens, publish when it is time."""
    with TwoGateways() as net:
        prepare(net)
        net.dial("a")
        net.a.ip("neighbour", "add", "proxy", CLIENT, "dev", "lan0")
        with Ping(net.lan) as ping:
            if not ping.answer_since(time.time() + 0.5, 10):
                raise Failed("the client does not answer by its first gateway")
            net.hang_up_a()
            net.dial("b")
            start = time.time()
            publish(net)
            answer = ping.answer_since(start, patience)
    return (answer - start) * 1000 if answer else None
