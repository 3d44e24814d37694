# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# What bench/arp measures: each subject makes a gateway answer for addresses in a way of its own.

import json
import os
import pwd
import shutil
import socket
import subprocess

from arp_net import FIRST, SPARE
from namespaces import Failed, run, wait_for

ARP = "org.masqgate.Arp"


def end(process):
    """farpd, told to end, waits for another request first."""
    process.terminate()
    try:
        process.wait(0.5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


class Subject:
    """publish() returns microseconds per entry, or None if it has no such thing."""

    publishes = True
    # Requests a second that it is offered for its CPU time; 0 is as many as the sender can.
    rate = 0

    def __init__(self, key, title, sizes):
        self.key, self.title, self.sizes = key, title, sizes
        self.pid = 0

    def publish(self, lan, entries):
        raise NotImplementedError

    def check(self):
        """Raises Failed if it has ended by itself."""

    def stop(self, lan):
        """Undoes what a new LAN does not."""


class Kernel(Subject):
    """The kernel's proxy neighbours, made as pppd makes them."""

    def __init__(self, key, title, sizes, is_tuned):
        super().__init__(key, title, sizes)
        self.is_tuned = is_tuned

    def way(self, lan, _):
        return ("ioctl", lan.gateway.name, "lan0")

    def publish(self, lan, entries):
        # Whether all is there can only be seen without the delay.
        lan.delay(0)
        done = lan.ask(entries, "publish", *self.way(lan, entries))
        if not self.is_tuned:
            lan.delay(80)
        return done["answered_us"] / entries


class Script(Kernel):
    """One process for each client, as an ip-up script starts."""

    def way(self, lan, entries):
        # An address as the shell counts it.
        loop = f"for ((i = {int(FIRST)}; i < {int(FIRST) + entries}; i++)); do"
        loop += " ip neigh add proxy $((i >> 24)).$((i >> 16 & 255)).$((i >> 8 & 255)).$((i & 255)) dev lan0; done"
        return ("run", *lan.gateway.command("bash", "-e", "-c", loop))


class MasqArpd(Subject):
    def __init__(self, key, title, sizes, program, work, engine):
        super().__init__(key, title, sizes)
        self.program, self.engine = program, engine
        self.folder = os.path.join(work, key)
        self.daemon = self.holder = self.spare = None
        os.mkdir(self.folder)
        os.chmod(self.folder, 0o755)
        user = pwd.getpwnam("masqgate-arp")
        os.chown(self.folder, user.pw_uid, user.pw_gid)
        self.keys = [line for line in ("probe = no",) if self.knows(line)]
        if engine == "bpf" and not self.knows("engine = bpf"):
            raise Failed("this masq-arpd has no key engine")
        if self.knows(f"engine = {engine}"):
            self.keys.append(f"engine = {engine}")

    @property
    def socket(self):
        return os.path.join(self.folder, "sock")

    def write(self, keys, entries=0):
        path = os.path.join(self.folder, "conf")
        with open(path, "w", encoding="utf-8") as file:
            file.write(f'socket = "{self.socket}"\n' + "".join(line + "\n" for line in keys))
            for i in range(entries):
                file.write(f'publish "{FIRST + i}" {{ interface = "lan0" }}\n')
        return path

    def knows(self, line):
        return subprocess.run([self.program, "-n", "-f", self.write([line])], capture_output=True, check=False).returncode == 0

    def start(self, namespace):
        log = os.path.join(self.folder, "log")
        with open(log, "w", encoding="utf-8") as file:
            self.daemon = subprocess.Popen(
                namespace.command(self.program, "-f", self.write(self.keys)), stdin=subprocess.DEVNULL, stderr=file)
        self.pid = self.daemon.pid

        def is_ready():
            with open(log, encoding="utf-8") as file:
                text = file.read()
            if self.daemon.poll() is not None:
                raise Failed(f"masq-arpd ended: {text.strip()}")
            return ": ready\n" in text

        wait_for(is_ready, 10, "masq-arpd")

    def call(self, *calls):
        """The replies, and the connection, which must be kept as long as its holder is to be there."""
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(10)
        connection.connect(self.socket)
        replies, rest = [], b""
        for method, parameters in calls:
            connection.sendall(json.dumps({"method": f"{ARP}.{method}", "parameters": parameters}).encode() + b"\0")
            while b"\0" not in rest:
                received = connection.recv(65536)
                if not received:
                    raise Failed(f"masq-arpd hung up on {method}")
                rest += received
            message, rest = rest.split(b"\0", 1)
            replies.append(json.loads(message))
            if "error" in replies[-1]:
                raise Failed(f"{method}: {message.decode()}")
        return replies, connection

    def engine_in_use(self):
        replies, connection = self.call(("Status", {}))
        connection.close()
        return replies[0]["parameters"].get("engine", "kernel")

    def start_working(self, namespace):
        """With one address already published: that is when the engine is chosen."""
        self.start(namespace)
        self.spare = self.call(("Hold", {"holder": "spare"}), ("Publish", {"address": SPARE, "interfaces": ["lan0"]}))[1]
        try:
            wait_for(lambda: self.engine_in_use() == self.engine, 10, f"the {self.engine} engine")
        except Failed as failed:
            raise Failed(f"{failed}: {self.complaints()}") from None

    def complaints(self):
        """What its log has to say besides what it published."""
        with open(os.path.join(self.folder, "log"), encoding="utf-8") as file:
            return "; ".join(line.strip() for line in file if " published on " not in line and " more, the last one " not in line)

    def check(self):
        if self.daemon.poll() is not None:
            raise Failed(f"it ended with {self.daemon.returncode}: {self.complaints()}")

    def publish(self, lan, entries):
        self.start_working(lan.gateway)
        self.holder = subprocess.Popen(
            lan.load_command(entries, "publish", "varlink", self.socket, "lan0"),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        line = self.holder.stdout.readline()
        if not line:
            self.check()
            raise Failed(self.holder.stderr.read().strip())
        return float(line.split("answered_us=")[1].split()[0]) / entries

    def publish_by_configuration(self, lan, entries):
        """The same by the configuration, which has every address: microseconds per entry."""
        self.start_working(lan.gateway)
        self.write(self.keys, entries)
        return lan.ask(entries, "publish", "signal", self.pid)["answered_us"] / entries

    def stop(self, lan=None):
        if self.holder:
            self.holder.stdin.close()
            self.holder.wait()
            self.holder.stdout.close()
            self.holder.stderr.close()
        if self.spare:
            self.spare.close()
        if self.daemon:
            end(self.daemon)
        self.holder = self.daemon = self.spare = None
        self.pid = 0


class DefaultArpd(MasqArpd):
    """By whatever engine it chooses."""

    def __init__(self, key, title, sizes, program, work):
        super().__init__(key, title, sizes, program, work, "auto")

    def start_working(self, namespace):
        self.start(namespace)


class Program(Subject):
    """A daemon of Debian's that publishes nothing: it answers when it is asked, after asking others itself."""

    publishes = False
    rate = 2000

    def __init__(self, key, title, sizes):
        self.program = shutil.which(key, path=os.environ["PATH"] + ":/usr/sbin")
        if not self.program:
            raise Failed(f"it is not installed (apt-get install {key})")
        version = run("dpkg-query", "-W", "-f", "${Version}", key)
        super().__init__(key, f"{title} {version}", sizes)
        self.daemon = None

    def prepare(self, lan):
        pass

    def arguments(self):
        raise NotImplementedError

    def publish(self, lan, entries):
        self.prepare(lan)
        self.daemon = subprocess.Popen(
            lan.gateway.command(self.program, *self.arguments()),
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.pid = self.daemon.pid

        def is_listening():
            if self.daemon.poll() is not None:
                raise Failed(f"{self.key} ended with {self.daemon.returncode}")
            return bool(lan.gateway.exec("cat", "/proc/net/packet").splitlines()[1:])

        wait_for(is_listening, 10, self.key)

    def check(self):
        if self.daemon.poll() is not None:
            raise Failed(f"it ended with {self.daemon.returncode}")

    def stop(self, lan):
        if self.daemon:
            end(self.daemon)
        self.daemon = None
        self.pid = 0


class Parprouted(Program):
    """Asks on its other interfaces, and adds a host route for each answer. So it gets a line of its own."""

    def prepare(self, lan):
        lan.line("eth1")
        lan.gateway.ip("address", "add", "10.255.0.1/30", "dev", "eth1")

    def arguments(self):
        return ("-d", "lan0", "eth1")

    def stop(self, lan):
        super().stop(lan)
        if "eth1" in lan.gateway.ip("-br", "link"):
            lan.gateway.ip("link", "del", "eth1")


class Farpd(Program):
    """Asks on the LAN itself whether a host has the address, and takes it if none has."""

    def arguments(self):
        return ("-d", "-i", "lan0", "10.0.1.0-10.0.200.255")
