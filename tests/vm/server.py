#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
"""A server that tells every client who it is seen as.

TCP port 80 is a web page: "/" says "ADDRESS PORT", "/bytes/N" sends N bytes,
"/slowly/N" no more than 100 kB of them a second.
UDP port 7 answers every datagram with "ADDRESS PORT"; after the datagram "talk" it goes
on sending for two minutes, whether anybody is there or not. Each request is also printed,
"tcp ADDRESS PORT" or "udp ADDRESS PORT", so that the log is the server's view.
"""
import socket
import sys
import threading
import time

CHUNK = b"0123456789abcde\n" * 64


def say(kind, peer):
    print(kind, peer[0], peer[1], flush=True)


def answer(connection, peer):
    with connection:
        connection.settimeout(600)
        request = b""
        while b"\n" not in request and len(request) < 4096:
            data = connection.recv(4096)
            if not data:
                return
            request += data
        say("tcp", peer)
        words = request.decode("ascii", "replace").split()
        _, kind, size, *_ = ((words[1] if len(words) > 1 else "/") + "//").split("/")
        size = int(size or 0)
        connection.sendall(b"HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\n")
        if not size:
            connection.sendall(b"%s %d\n" % (peer[0].encode(), peer[1]))
        while size > 0:
            connection.sendall(CHUNK[:size])
            size -= len(CHUNK)
            time.sleep(0.01 if kind == "slowly" else 0)
        # All of the request is read before closing: otherwise the kernel would answer
        # the rest with a reset, and that could overtake our answer.
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(4096):
            pass


def answer_quietly(connection, peer):
    try:
        answer(connection, peer)
    except OSError as error:
        print("tcp", peer[0], peer[1], "ended:", error, flush=True)


def serve_tcp(listener):
    while True:
        threading.Thread(target=answer_quietly, args=listener.accept(), daemon=True).start()


def talk(udp, peer):
    for number in range(600):
        udp.sendto(b"still talking %d\n" % number, peer)
        time.sleep(0.2)


def serve_udp(udp):
    while True:
        data, peer = udp.recvfrom(2048)
        if data.strip() == b"talk":
            threading.Thread(target=talk, args=(udp, peer), daemon=True).start()
        say("udp", peer)
        udp.sendto(b"%s %d\n" % (peer[0].encode(), peer[1]), peer)


def main():
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("", 80))
    listener.listen(64)
    # Bound to the one address, when given: a host with several would answer from the
    # nearest, and the client would not know it.
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.bind((sys.argv[1] if len(sys.argv) > 1 else "", 7))
    threading.Thread(target=serve_tcp, args=(listener,), daemon=True).start()
    print("ready", flush=True)
    serve_udp(udp)


main()
