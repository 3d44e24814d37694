# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# The real masqd, by the configuration that is installed, but for what it publishes, since nobody is on the LAN.

import ipaddress
import os
import pwd
import re
import subprocess
import time

from namespaces import Failed, wait_for


class Daemon:
    """Its clients have so many addresses from first on. Its files are in folder, which it makes."""

    def __init__(self, program, example, folder):
        self.program, self.example, self.folder = program, example, folder
        self.process = None
        os.mkdir(folder)
        user = pwd.getpwnam("masqgate")
        os.chown(folder, user.pw_uid, user.pw_gid)

    def path(self, name):
        return os.path.join(self.folder, name)

    def configuration(self, first, count):
        with open(self.example, encoding="utf-8") as file:
            text = file.read()
        text = re.sub(r"(?m)^\tproxy-arp = yes.*\n", "", text)
        addresses = f"{first}-{ipaddress.IPv4Address(first) + count - 1}"
        text = re.sub(r'range = \{.*\}', f'range = {{ "{addresses}" }}', text)
        return text + "".join(f'{key} = "{self.path(name)}"\n' for key, name in (
            ("socket", "socket"), ("arpd-socket", "arpd"), ("state-directory", "state")))

    def configure(self, first, count):
        with open(self.path("conf"), "w", encoding="utf-8") as file:
            file.write(self.configuration(first, count))

    def start(self, namespace):
        """Waits until it is ready: the seconds that this took."""
        with open(self.path("log"), "w", encoding="utf-8") as log:
            # As many files as it may have: a connection each.
            command = ("sh", "-c", 'ulimit -n "$(ulimit -H -n)"; exec "$@"', "sh", self.program, "-f", self.path("conf"))
            began = time.monotonic()
            self.process = subprocess.Popen(namespace.command(*command), stdin=subprocess.DEVNULL, stderr=log)
        wait_for(self.is_ready, 10, "masqd")
        return time.monotonic() - began

    @property
    def pid(self):
        return self.process.pid

    def log(self):
        with open(self.path("log"), encoding="utf-8") as file:
            return file.read()

    def is_ready(self):
        self.check()
        return ": ready: " in self.log()

    def check(self):
        if self.process.poll() is not None:
            raise Failed(f"it ended with {self.process.returncode}: {self.log().strip()}")

    def kill(self):
        if self.process:
            self.process.kill()
            self.process.wait()
        self.process = None
