#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# Programs of bench/gateway that it runs in its namespaces; orders come on standard input, each is answered by a line of NAME=NUMBER.
#
#   gateway_programs.py echo ADDRESS PORT...     sends back what comes there
#     peers PORT                            how many it came from
#     again PORT                            sends each of them once more what it had sent
#   gateway_programs.py flow ADDRESS PORT        a client of that
#     start RATE                            sends so many datagrams a second; not answered
#     stop                                  sent, received, and the longest time without an answer, in ms
#   gateway_programs.py probe SOCKET             asks masqd who it is, every 5 ms
#     start                                 not answered
#     stop                                  asked, and the longest time that one took, in ms
#   gateway_programs.py elements            looks at the table's map "serial"
#     have IFINDEX:ADDRESS...               how many of these it has
#     renewed IFINDEX:ADDRESS...            the ms between its losing the first of these and its having all again

import errno
import json
import selectors
import socket
import struct
import sys
import time

EVERY_S = 0.005
# The last answers may be on their way.
PATIENCE_S = 0.5
LIMIT_S = 20
SO_RCVBUFFORCE = 33
BUFFER = 64 << 20


def udp_socket():
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setblocking(False)
    # Thousands of datagrams at once.
    sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, BUFFER)
    return sock


def print_figures(**figures):
    print(*(f"{name}={value}" for name, value in figures.items()), flush=True)


class Program:
    """Waits for orders until there are no more."""

    def __init__(self):
        self.selector = selectors.DefaultSelector()
        self.selector.register(sys.stdin, selectors.EVENT_READ, self.take_order)

    def take_order(self):
        words = sys.stdin.readline().split()
        if not words:
            sys.exit(0)
        getattr(self, words[0])(*words[1:])

    def due_s(self):
        """Until tick() is to be called; None: never."""
        return None

    def tick(self):
        pass

    def run(self):
        while True:
            for key, _ in self.selector.select(self.due_s()):
                key.data()
            self.tick()


class Echo(Program):
    def __init__(self, address, *ports):
        super().__init__()
        self.known, self.sockets = {}, {}
        for port in ports:
            self.known[port], self.sockets[port] = {}, udp_socket()
            self.sockets[port].bind((address, int(port)))
            self.selector.register(self.sockets[port], selectors.EVENT_READ, lambda port=port: self.echo(port))

    def echo(self, port):
        sock, known = self.sockets[port], self.known[port]
        try:
            while True:
                data, peer = sock.recvfrom(2048)
                known[peer] = data
                self.send(sock, data, peer)
        except BlockingIOError:
            pass

    @staticmethod
    def send(sock, data, peer):
        try:
            sock.sendto(data, peer)
        except OSError as error:
            # Who has come with a private address is not answered.
            if error.errno != errno.ENETUNREACH:
                raise

    def peers(self, port):
        print_figures(peers=len(self.known[port]))

    def again(self, port):
        for peer, data in self.known[port].items():
            self.send(self.sockets[port], data, peer)
        print_figures(sent=len(self.known[port]))


class Flow(Program):
    """Each datagram has a number, so that one that comes twice is not two."""

    def __init__(self, address, port):
        super().__init__()
        self.socket = udp_socket()
        self.socket.connect((address, int(port)))
        self.selector.register(self.socket, selectors.EVENT_READ, self.receive)
        self.rate = 0

    def start(self, rate):
        self.rate, self.sent, self.received = int(rate), 0, set()
        self.began = self.last = time.monotonic()
        self.gap = 0

    def due_s(self):
        return max(0, self.began + self.sent / self.rate - time.monotonic()) if self.rate else None

    def tick(self):
        if self.rate:
            while self.began + self.sent / self.rate <= time.monotonic():
                try:
                    self.socket.send(struct.pack("!I", self.sent))
                except OSError:
                    # It is lost, as the count will say.
                    pass
                self.sent += 1

    def receive(self):
        try:
            while True:
                self.received.add(self.socket.recv(2048))
                now = time.monotonic()
                self.gap, self.last = max(self.gap, now - self.last), now
        except BlockingIOError:
            pass
        except OSError:
            pass

    def stop(self):
        self.rate = 0
        self.gap = max(self.gap, time.monotonic() - self.last)
        end = time.monotonic() + PATIENCE_S
        while len(self.received) < self.sent and time.monotonic() < end:
            self.receive()
            time.sleep(0.001)
        print_figures(sent=self.sent, received=len(self.received), gap_ms=f"{self.gap * 1000:.1f}")


class Probe(Program):
    def __init__(self, path):
        super().__init__()
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(path)
        self.is_asking = False
        self.start_over()

    def start_over(self):
        self.asked, self.longest = 0, 0.0

    def due_s(self):
        return EVERY_S if self.is_asking else None

    def tick(self):
        if self.is_asking:
            began = time.monotonic()
            self.socket.sendall(json.dumps({"method": "org.varlink.service.GetInfo"}).encode() + b"\0")
            while not self.socket.recv(65536).endswith(b"\0"):
                pass
            self.longest = max(self.longest, time.monotonic() - began)
            self.asked += 1

    def start(self):
        self.start_over()
        self.is_asking = True

    def stop(self):
        self.is_asking = False
        print_figures(asked=self.asked, longest_ms=f"{self.longest * 1000:.2f}")


def attribute(number, value):
    """Of netlink; a list is what is nested in it."""
    if isinstance(value, list):
        number, value = number | 0x8000, b"".join(value)
    return struct.pack("=HH", 4 + len(value), number) + value + b"\0" * (-len(value) % 4)


class Elements(Program):
    """Asks the kernel itself: nft would read the whole map for each question."""

    NETLINK_NETFILTER, GET_ELEMENT, REQUEST, INET, ERROR = 12, 10 << 8 | 13, 1, 1, 2

    def __init__(self):
        super().__init__()
        self.socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, self.NETLINK_NETFILTER)

    def is_there(self, key):
        # NFTA_SET_ELEM_LIST_TABLE, _SET and _ELEMENTS, with one NFTA_LIST_ELEM: its NFTA_SET_ELEM_KEY's NFTA_DATA_VALUE.
        body = struct.pack("!BBH", self.INET, 0, 0) + attribute(1, b"masqgate\0") + attribute(2, b"serial\0")
        body += attribute(3, [attribute(1, [attribute(1, [attribute(1, key)])])])
        self.socket.send(struct.pack("=IHHII", 16 + len(body), self.GET_ELEMENT, self.REQUEST, 0, 0) + body)
        answer = self.socket.recv(65536)
        if struct.unpack_from("=H", answer, 4)[0] != self.ERROR:
            return True
        code = -struct.unpack_from("=i", answer, 16)[0]
        if code != errno.ENOENT:
            sys.exit(f"an element of the map: {errno.errorcode.get(code, code)}")
        return False

    def all_there(self, places):
        """Whether each is, in their order."""
        for ifindex, address in (place.split(":") for place in places):
            yield self.is_there(struct.pack("=I", int(ifindex)) + socket.inet_aton(address))

    def have(self, *places):
        print_figures(have=sum(self.all_there(places)))

    def renewed(self, *places):
        end = time.monotonic() + LIMIT_S
        while all(self.all_there(places[:1])):
            if time.monotonic() > end:
                sys.exit(f"the map has not lost anything within {LIMIT_S} s")
            time.sleep(EVERY_S / 10)
        began = time.monotonic()
        while not all(self.all_there(places)):
            if time.monotonic() > end:
                sys.exit(f"the map has not everything again within {LIMIT_S} s")
            time.sleep(EVERY_S / 10)
        print_figures(ms=f"{(time.monotonic() - began) * 1000:.1f}")


if __name__ == "__main__":
    {"echo": Echo, "flow": Flow, "probe": Probe, "elements": Elements}[sys.argv[1]](*sys.argv[2:]).run()
