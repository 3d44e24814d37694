#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
"""A masqd that does as it is told, for the plugin's tests.

    masqd-stub.py SOCKET [METHOD=BEHAVIOUR]... [address=ADDRESS|none] [serial=N] [dns=ADDRESS,...] [ipv6=opens|open|closed]

BEHAVIOUR: refuse:REASON, fail:REASON, hang, late:SECONDS, garbage, drop, close:REASON. Applies to every call of that
method. Every message is written to standard output, and "ready", "eof". SIGUSR1 ends the open sessions with the reason
"kicked by root". ipv6: what is said of it (nothing, as an older masqd): it opens with UpIpv6, is open already, or stays closed."""

import json
import os
import signal
import socket
import sys
import threading
import time

INTERFACE = "org.masqgate.Gateway."
path = sys.argv[1]
told = dict(argument.split("=", 1) for argument in sys.argv[2:])
serial = int(told.get("serial", 12)) - 1
sessions = set()
lock = threading.Lock()


def say(text):
    with lock:
        print(text, flush=True)


def send(connection, message):
    try:
        connection.sendall(json.dumps(message).encode() + b"\0")
    except OSError:
        pass


def error(connection, name, reason):
    send(connection, {"error": INTERFACE + name, "parameters": {"reason": reason}})


def opened(connection, ipv6):
    said = {"ipv6": ipv6} if "ipv6" in told else {}
    send(connection, {"continues": True, "parameters": {"state": "open", **said}})


def closed(connection, reason):
    sessions.discard(connection)
    send(connection, {"parameters": {"state": "closed", "reason": reason}})


def admit(connection):
    global serial
    serial += 1
    address = told.get("address", "192.168.0.100")
    send(connection, {"parameters": {"serial": serial, "address": None if address == "none" else address,
                                     "policy": "dialup", "started": 1700000000, "to_come": [1],
                                     "dns": [server for server in told.get("dns", "").split(",") if server]}})


def answer(connection, method):
    behaviour, _, reason = told.get(method, "").partition(":")
    if behaviour == "refuse":
        error(connection, "Refused", reason)
    elif behaviour == "fail":
        error(connection, "Failed", reason)
    elif behaviour == "garbage":
        connection.sendall(b"{no varlink}\0")
    elif behaviour == "drop":
        connection.shutdown(socket.SHUT_RDWR)
    elif behaviour == "hang":
        pass
    elif behaviour == "close":
        closed(connection, reason)
    else:
        if behaviour == "late":
            time.sleep(float(reason))
        if method == "Admit":
            admit(connection)
        elif method == "Open":
            sessions.add(connection)
            opened(connection, told.get("ipv6") == "open")
        elif method == "UpIpv6" and connection in sessions and "ipv6" in told:
            opened(connection, told["ipv6"] != "closed")
        elif method == "Close" and connection in sessions:
            closed(connection, None)


def serve(connection):
    data = b""
    while True:
        try:
            received = connection.recv(65536)
        except OSError:
            received = b""
        if not received:
            break
        data += received
        *messages, data = data.split(b"\0")
        for message in messages:
            call = json.loads(message)
            say(json.dumps(call, sort_keys=True))
            answer(connection, call["method"].removeprefix(INTERFACE))
    sessions.discard(connection)
    say("eof")
    connection.close()


def kick(*_):
    for connection in list(sessions):
        closed(connection, "kicked by root")


signal.signal(signal.SIGUSR1, kick)
if os.path.exists(path):
    os.unlink(path)
listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
listener.bind(path)
listener.listen()
say("ready")
while True:
    accepted, _ = listener.accept()
    threading.Thread(target=serve, args=(accepted,), daemon=True).start()
