# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# Network namespaces, and processes in them, that a benchmark makes and removes. Everything that is sent stays in them.

import itertools
import os
import platform
import signal
import subprocess
import time

numbers = itertools.count()


class Failed(Exception):
    """Something could not be done; if a subject did it, why that takes no part any more."""


def run(*command, stdin=None):
    """A command's output; it must succeed."""
    done = subprocess.run(command, input=stdin, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Failed(f"{' '.join(command)}: {done.stderr.strip() or done.returncode}")
    return done.stdout


def wait_for(condition, seconds, what):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise Failed(f"{what} did not come within {seconds} s")
        time.sleep(0.01)


class Namespace:
    def __init__(self, role):
        self.name = f"bench-{os.getpid()}-{next(numbers)}-{role}"
        run("ip", "netns", "add", self.name)
        self.ip("link", "set", "lo", "up")

    def remove(self):
        subprocess.run(["ip", "netns", "del", self.name], stderr=subprocess.DEVNULL, check=False)

    def command(self, *command):
        return ["ip", "netns", "exec", self.name, *map(str, command)]

    def exec(self, *command, stdin=None):
        return run(*self.command(*command), stdin=stdin)

    def ip(self, *arguments):
        return run("ip", "-n", self.name, *arguments)

    def sysctl(self, name, value):
        self.exec("sysctl", "-qw", f"net.ipv4.{name}={value}")

    def mac(self, interface):
        return self.ip("-br", "link", "show", interface).split()[2]

    def state(self, interface):
        return self.ip("-br", "link", "show", interface).split()[1]

    def veth(self, interface, peer_namespace, peer):
        self.ip("link", "add", interface, "type", "veth", "peer", "name", peer, "netns", peer_namespace.name)
        self.ip("link", "set", interface, "up")
        peer_namespace.ip("link", "set", peer, "up")


class Network:
    """A context manager that makes namespaces, and removes them whatever happens."""

    def __init__(self, *roles):
        self.roles = roles

    def __enter__(self):
        self.made = []
        try:
            for role in self.roles:
                self.made.append(Namespace(role))
                setattr(self, role, self.made[-1])
            self.make()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        while self.made:
            self.made.pop().remove()


def figures(line):
    return {name: float(value) for name, value in (pair.split("=") for pair in line.split())}


class Program:
    """One that takes orders, each a line, and answers each with a line of NAME=NUMBER."""

    def __init__(self, command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                        bufsize=1)

    def order(self, *words):
        try:
            self.process.stdin.write(" ".join(map(str, words)) + "\n")
        except BrokenPipeError:
            self.answer()

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            self.process.wait()
            raise Failed(self.process.stderr.read().strip() or f"it ended with {self.process.returncode}")
        return figures(line)

    def ask(self, *words):
        self.order(*words)
        return self.answer()

    def end(self):
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            try:
                pipe.close()
            except BrokenPipeError:
                pass


def on_signal(number, _):
    raise SystemExit(128 + number)


def clean_up_on_signals():
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, on_signal)


def conditions():
    """What the figures hold for."""
    with open("/proc/cpuinfo", encoding="ascii") as file:
        model = next((line.split(": ")[1].strip() for line in file if line.startswith("model name")), "unknown CPU")
    return [f"kernel {platform.release()}, {len(os.sched_getaffinity(0))} cores ({model}), load {os.getloadavg()[0]:.1f} at the start",
            *clock_warnings()]


def clock_warnings():
    path = f"/boot/config-{platform.release()}"
    if os.path.exists(path):
        with open(path, encoding="ascii", errors="replace") as file:
            if "CONFIG_IRQ_TIME_ACCOUNTING=y\n" in file:
                return ["CONFIG_IRQ_TIME_ACCOUNTING: CPU time leaves out what the sender's thread does in interrupts"]
    return []
