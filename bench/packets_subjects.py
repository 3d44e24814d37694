# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# What bench/packets measures: each subject lets a gateway's clients through in a way of its own.

import ipaddress
import os

from daemon import Daemon
from namespaces import Failed
from packets_net import FIRST, Gateway, has_program

# From so many lines on one rule a client is too slow for as many packets, and for a flow of every client.
MANY = 1000
SAMPLE = 1000


def client(line):
    return ipaddress.IPv4Address(FIRST) + line


class Subject:
    """Has a gateway with so many lines from make() until end()."""

    is_translating = True
    forwards = True
    is_slow = False
    delivers = True

    def __init__(self, key, title):
        self.key, self.title = key, title
        self.gateway = None

    def make(self, load, lines):
        self.gateway = Gateway(load, lines, self.is_translating, self.forwards)
        self.gateway.__enter__()
        self.install()

    def install(self):
        pass

    def check(self):
        """Raises Failed if it has ended by itself."""

    def end(self):
        if self.gateway:
            self.gateway.__exit__()
        self.gateway = None

    def flows(self):
        return SAMPLE if self.is_slow and self.gateway.lines > SAMPLE else self.gateway.lines

    def is_slow_now(self):
        return self.is_slow and self.gateway.lines >= MANY


class Routing(Subject):
    """No table, and so no connection tracking."""

    is_translating = False


class Sender(Routing):
    """Everything is dropped where it comes in: what is left is the sender's own cost."""

    delivers = False

    def install(self):
        self.gateway.nft("table ip bench {\n chain in {\n type filter hook prerouting priority -450; policy drop;\n }\n}\n")


class Masquerade(Subject):
    def install(self):
        self.gateway.nft("table ip bench {\n chain out {\n type nat hook postrouting priority srcnat;\n"
                         ' oifname "isp0" masquerade\n }\n}\n')


class NftRules(Subject):
    """As a script adds them: to each client's two directions, and translation."""

    is_slow = True

    def install(self):
        clients = [(f"ppp{i}", client(i)) for i in range(self.gateway.lines)]
        accepts = "".join(f'iifname "{name}" ip saddr {address} oifname "isp0" accept\n'
                          f'iifname "isp0" oifname "{name}" ip daddr {address} accept\n' for name, address in clients)
        translates = "".join(f'oifname "isp0" ip saddr {address} masquerade\n' for _, address in clients)
        self.gateway.nft("table ip bench {\n chain forward {\n type filter hook forward priority filter; policy drop;\n" + accepts +
                         "}\n chain out {\n type nat hook postrouting priority srcnat;\n" + translates + "}\n}\n")


class Iptables(Subject):
    is_slow = True

    def __init__(self, key, title):
        super().__init__(key, title)
        self.program = f"{key}-restore"
        if not has_program(self.program):
            raise Failed("it is not installed (apt-get install iptables)")

    def install(self):
        clients = [(f"ppp{i}", client(i)) for i in range(self.gateway.lines)]
        accepts = "".join(f"-A FORWARD -i {name} -s {address} -o isp0 -j ACCEPT\n-A FORWARD -i isp0 -o {name} -d {address} -j ACCEPT\n"
                          for name, address in clients)
        translates = "".join(f"-A POSTROUTING -s {address} -o isp0 -j MASQUERADE\n" for _, address in clients)
        self.gateway.gateway.exec(self.program, stdin=f"*filter\n:FORWARD DROP\n{accepts}COMMIT\n*nat\n{translates}COMMIT\n")


class Masqd(Subject):
    """The real one, by the configuration that is installed."""

    forwards = False

    def __init__(self, key, title, program, example, work):
        super().__init__(key, title)
        self.daemon = Daemon(program, example, os.path.join(work, key))
        self.opened_ms = None

    def path(self, name):
        return self.daemon.path(name)

    def install(self):
        self.daemon.configure(FIRST, self.gateway.lines)
        self.daemon.start(self.gateway.gateway)
        self.opened_ms = self.gateway.ask("open", self.path("socket"))["ms"]

    def check(self):
        self.daemon.check()

    def end(self):
        # Before its clients: thousands of sessions that end are not what is measured.
        self.daemon.kill()
        super().end()
