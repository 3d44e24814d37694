# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# Where bench/programming works: a gateway with masqd's own rules, gateways with those of scripts, and one with thousands of lines.

import ipaddress
import os
import shutil
import subprocess

from namespaces import Failed, Network, figures, run, wait_for

# As in bench/programming-sessions.c, by which session number i has ppp<i> and the address after the ith.
FIRST = ipaddress.IPv4Address("10.64.0.1")

CONFIGURATION = """\
client-interfaces = {{ "ppp*" }}
default-policy = "dialup"
uplink isp {{ interface = "isp0" }}
lan office {{ interface = "eth0" }}
pool dialin {{ range = {{ "10.64.0.1-10.64.255.254" }} }}
policy dialup {{ nat = masquerade pool = "dialin" }}
socket = "{folder}/run/socket"
arpd-socket = "{folder}/arpd/socket"
state-directory = "{folder}/state"
"""


class Gateway(Network):
    """One namespace, and the program that measures in it."""

    def __init__(self, load, configuration):
        super().__init__("gateway")
        self.load, self.configuration = load, configuration

    def make(self):
        # With it the kernel needs milliseconds for each line that comes up beside thousands.
        self.gateway.exec("sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1", "net.ipv6.conf.default.disable_ipv6=1")
        self.gateway.veth("isp0", self.gateway, "eth0")
        self.gateway.ip("addr", "add", "203.0.113.1/24", "dev", "isp0")

    def measure(self, *arguments):
        return figures(self.gateway.exec(self.load, self.configuration, *arguments))


class MasqGateway(Gateway):
    """With the table as the real masqd makes it. It has to be gone before others write there, since it would repair that; its
    rules stay."""

    def __init__(self, load, masqd, folder):
        super().__init__(load, os.path.join(folder, "masqd.conf"))
        self.masqd, self.folder = masqd, folder

    def make(self):
        super().make()
        shutil.chown(self.folder, "masqgate", "masqgate")
        with open(self.configuration, "w", encoding="utf-8") as file:
            file.write(CONFIGURATION.format(folder=self.folder))
        path = os.path.join(self.folder, "log")
        with open(path, "w", encoding="utf-8") as log:
            daemon = subprocess.Popen(self.gateway.command(self.masqd, "-v", "-f", self.configuration), stdin=subprocess.DEVNULL,
                                      stdout=log, stderr=log)

        def is_ready():
            with open(path, encoding="utf-8") as log:
                said = log.read()
            if daemon.poll() is not None:
                raise Failed(f"masqd ended: {said.strip()}")
            return ": ready: " in said

        try:
            wait_for(is_ready, 10, "masqd")
        finally:
            daemon.kill()
            daemon.wait()
        self.policy = int(self.measure("policy")["id"])

    def fill(self, entries):
        """So many sessions, and no others."""
        self.measure("empty")
        self.measure("fill", 0, entries)


class IptablesGateway(Gateway):
    """With three rules a client, as scripts of pppd's have them."""

    def __init__(self, load, configuration, flavour):
        super().__init__(load, configuration)
        self.flavour = flavour
        if not shutil.which(flavour):
            raise Failed("it is not installed (apt-get install iptables)")

    def fill(self, entries):
        clients = [(f"ppp{i}", FIRST + i) for i in range(entries)]
        lines = ["*nat"]
        lines += [f"-A POSTROUTING -s {address}/32 -o isp0 -j MASQUERADE" for _, address in clients]
        lines += ["COMMIT", "*filter", ":FORWARD DROP [0:0]"]
        for interface, address in clients:
            lines += [f"-A FORWARD -s {address}/32 -i {interface} -j ACCEPT", f"-A FORWARD -d {address}/32 -o {interface} -j ACCEPT"]
        self.gateway.exec(f"{self.flavour}-restore", stdin="\n".join([*lines, "COMMIT", ""]))


class Script:
    """What opens a session and what closes it, as files that pppd could run."""

    def __init__(self, folder, name, opening, closing):
        self.paths = [self.write(os.path.join(folder, f"{step}-{name}"), text) for step, text in (("ip-up", opening), ("ip-down", closing))]

    @staticmethod
    def write(path, text):
        with open(path, "w", encoding="utf-8") as file:
            file.write("#!/bin/sh -e\n" + text)
        os.chmod(path, 0o755)
        return path


def nft_script(folder, policy):
    """The elements of masqd's own. The session's serial is its interface's index."""
    return Script(folder, "nft", f"""nft -f - <<END
add element inet masqgate serial {{ $IFINDEX . $5 comment "#$IFINDEX ppp 1790000000 $3 = $2 = user" : $IFINDEX }}
add element inet masqgate owner {{ $IFINDEX . $5 . $IFINDEX : {policy} }}
add element inet masqgate translated {{ $IFINDEX }}
END
""", """nft -f - <<END
delete element inet masqgate serial { $IFINDEX . $5 }
delete element inet masqgate owner { $IFINDEX . $5 . $IFINDEX }
delete element inet masqgate translated { $IFINDEX }
END
""")


def iptables_script(folder, flavour):
    def rules(change):
        return (f'{flavour} -t nat {change} POSTROUTING -s "$5" -o isp0 -j MASQUERADE\n'
                f'{flavour} {change} FORWARD -i "$1" -s "$5" -j ACCEPT\n'
                f'{flavour} {change} FORWARD -o "$1" -d "$5" -j ACCEPT\n')

    return Script(folder, flavour, rules("-A"), rules("-D"))


def versions(masqd):
    texts = [run(masqd, "-V").strip(), " ".join(run("nft", "--version").split()[:2])]
    if shutil.which("iptables"):
        texts.append(" ".join(run("iptables", "--version").split()[:2]))
    return ", ".join(texts)
