#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
"""Sends packets that connection tracking has no flow for, or finds wrong.

usage: strays.py DESTINATION [SOURCE...]

Without a SOURCE they have this host's own address, and some of them belong to a
connection that is really open.
"""
import socket
import struct
import sys

FIN, SYN, RST, PSH, ACK, URG = 1, 2, 4, 8, 16, 32
FLAGS = (RST, FIN, FIN | ACK, SYN | ACK, RST | ACK, 0, FIN | PSH | URG, SYN | FIN, ACK, SYN)


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    total = (total & 0xFFFF) + (total >> 16)
    return ~(total + (total >> 16)) & 0xFFFF


class Sender:
    def __init__(self, source, destination):
        self.source = socket.inet_aton(source)
        self.destination = socket.inet_aton(destination)
        self.raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
        self.to = (destination, 0)

    def ip(self, protocol, payload):
        header = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(payload), 0, 0, 64, protocol, 0)
        self.raw.sendto(header + self.source + self.destination + payload, self.to)

    def sum_for(self, protocol, payload):
        return checksum(self.source + self.destination + struct.pack("!BBH", 0, protocol, len(payload)) + payload)

    def tcp(self, port, flags, sequence=1, is_good=True):
        head = struct.pack("!HHIIBBH", port, 80, sequence, sequence, 5 << 4, flags, 1024)
        value = self.sum_for(6, head + b"\0" * 4)
        self.ip(6, head + struct.pack("!HH", value if is_good else value ^ 0x5555, 0))

    def udp(self, port, is_good=True):
        head, data = struct.pack("!HHH", port, 7, 12), b"\0\0stry"
        value = self.sum_for(17, head + data) or 0xFFFF
        self.ip(17, head + struct.pack("!H", value if is_good else value ^ 0x5555) + data[2:])

    def icmp(self, kind, code, data):
        head = struct.pack("!BBHI", kind, code, 0, 0)
        self.ip(1, struct.pack("!BBHI", kind, code, checksum(head + data), 0) + data)


def send_unknown(sender):
    """Nothing of this belongs to a flow; each has a port of its own."""
    for number, flags in enumerate(FLAGS):
        sender.tcp(30000 + number, flags)
    sender.tcp(30100, SYN, is_good=False)
    sender.tcp(30101, ACK, is_good=False)
    sender.udp(30102, is_good=False)
    about = struct.pack("!BBHHHBBH", 0x45, 0, 28, 0, 0, 64, 17, 0) + sender.destination + sender.source
    about += struct.pack("!HHHH", 9, 30103, 8, 0)
    for kind, code in ((0, 0), (3, 1), (3, 3), (5, 1), (11, 0)):
        sender.icmp(kind, code, about)
    sender.ip(47, struct.pack("!HH", 0, 0x0800))
    sender.ip(99, b"nobody's")
    sender.udp(30104)


def send_wrong(sender, destination):
    """These have the ports of an open connection, but not its place."""
    with socket.create_connection((destination, 80), 60) as connection:
        port = connection.getsockname()[1]
        for flags in FLAGS[:-1]:
            sender.tcp(port, flags, sequence=0x7FFF0000)
        sender.tcp(port, ACK, is_good=False)


def main():
    destination = sys.argv[1]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect((destination, 7))
        own = probe.getsockname()[0]
    for source in sys.argv[2:] or [own]:
        send_unknown(Sender(source, destination))
    if len(sys.argv) == 2:
        send_wrong(Sender(own, destination), destination)


main()
