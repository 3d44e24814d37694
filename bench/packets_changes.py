# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# Changes of a live client's policy, while its packets flow in both directions. None of these policies forbids them.

import json
import socket
import time
from statistics import median

from namespaces import Failed

METHODS = "org.masqgate.Gateway."


def setting(key, *values):
    return ("Set", {"settings": [{"key": key, "values": list(values)}]})


# Another list of rules and other chains, an element only, and all back: a policy of its own each time.
CYCLE = (setting("rules", "deny tcp 25", "deny udp 53"), setting("isolate-lan", "yes"), setting("flows", "500"), ("Unset", {"keys": None}))


class Caller:
    """A connection to masqd."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(60)
        self.socket.connect(path)
        self.received = b""

    def call(self, method, parameters, **flags):
        self.socket.sendall(json.dumps({"method": METHODS + method, "parameters": parameters, **flags}).encode() + b"\0")

    def reply(self):
        while b"\0" not in self.received:
            received = self.socket.recv(65536)
            if not received:
                raise Failed("masqd hung up")
            self.received += received
        text, self.received = self.received.split(b"\0", 1)
        reply = json.loads(text)
        if "error" in reply:
            raise Failed(f"{reply['error']}: {reply.get('parameters')}")
        return reply

    def serial(self, ifname):
        """Of the session on that line."""
        self.call("List", {}, more=True)
        found, reply = None, {"continues": True}
        while reply.get("continues"):
            reply = self.reply()
            session = reply["parameters"].get("session")
            if session and session["ifname"] == ifname:
                found = session["serial"]
        return found

    def close(self):
        self.socket.close()


class Changes:
    def __init__(self, masqd):
        self.gateway, self.path = masqd.gateway, masqd.path("socket")

    def make(self, count, rate):
        """Figures of so many, one after the other, beside so many packets a second each way."""
        caller = Caller(self.path)
        try:
            serial = caller.serial("ppp0")
            # One flow: that of the first line.
            self.gateway.ask("establish", 1)
            self.gateway.order("both", rate)
            times = self.change(caller, serial, count)
            self.gateway.order("enough")
            flowed = self.gateway.answer()
        finally:
            caller.close()
            self.gateway.forget_flows()
        return {
            "changes": count, "change_us": median(times), "change_p99_us": sorted(times)[(count * 99 + 99) // 100 - 1],
            "change_packets": flowed["up_sent"] + flowed["down_sent"],
            "change_lost_up": flowed["up_sent"] - flowed["up_delivered"],
            "change_lost_down": flowed["down_sent"] - flowed["down_delivered"],
        }

    @staticmethod
    def change(caller, serial, count):
        times = []
        for i in range(count):
            method, parameters = CYCLE[i % len(CYCLE)]
            start = time.monotonic()
            caller.call(method, {"serials": [serial], **parameters})
            if caller.reply()["parameters"]["sessions_changed"] != 1:
                raise Failed(f"{method} changed nothing")
            times.append((time.monotonic() - start) * 1e6)
        return times
