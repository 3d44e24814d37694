# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# The tables of bench/programming: medians over the repetitions, and how they compare with masqd's.

from figures import Figures, print_table, ratio_text, time_text

REFERENCE = "masqd"
TITLES = {
    "bare": "bare: built beforehand",
    "bare_again": "the same, measured again",
    "masqd": "masqd's code",
    "masqd_again": "the same, measured again",
    "watched": "masqd's code, told of it as masqd is",
    "nft": "script with one nft",
    "iptables-nft": "script with three iptables-nft",
    "iptables-legacy": "script with three iptables-legacy",
}
STEPS = {"open": "Opening", "close": "Closing"}
# A script's time is at least so many times masqd's.
OPEN_AIMS = {"nft": 150, "iptables-nft": 1500, "iptables-legacy": 2000}
CLOSE_AIM = 1000
BARE_AIM = 2
READ_AIM_MS = 50


class Report:
    def __init__(self, bench):
        self.scale, self.notes = bench.scale, bench.notes
        self.figures = Figures(bench.records)

    def get(self, subject, figure, entries=None):
        return self.figures.get(subject, self.scale.top if entries is None else entries, figure)

    def cell(self, subject, step, entries):
        us = self.get(subject, f"{step}_us", entries)
        if us is None:
            return "–"
        return f"{time_text(us)} / {time_text(self.get(subject, f'{step}_p99_us', entries))}, " \
               f"{ratio_text(us, self.get(REFERENCE, f'{step}_us', entries))}"

    def step_table(self, step):
        print(f"{STEPS[step]} a session: median / 99 of 100 (where there were fewer: all), and the median's ratio to masqd's, by number"
              " of sessions that are there.\n")
        print_table(("", *(f"{entries} sessions" for entries in self.scale.sizes)),
                    [(title, *(self.cell(key, step, entries) for entries in self.scale.sizes)) for key, title in TITLES.items()])

    def batch_table(self):
        print(f"Several sessions in one transaction of masqd's, {self.scale.top} there: time a session.\n")
        print_table(("", "open", "close"),
                    [(f"transactions of {size}", *(time_text(self.get("batch", f"{step}_us", size)) for step in STEPS))
                     for size in self.scale.batches])

    def reading_table(self):
        print(f"Reading the counters of {self.scale.top} clients, both ways.\n")
        rows = (("masqd's code, lines: counters of interfaces", "lines", "read_ms"),
                ("bare: RTM_GETSTATS, counters and nothing else", "lines", "bare_ms"),
                ("masqd's code, hosts: counters of elements", "hosts", "read_ms"),
                ("the same, measured again", "hosts_again", "read_ms"),
                ("nft -j list set, hosts", "nft", "read_ms"),
                ("iptables-nft -nvxL, two rules a client", "iptables-nft", "read_ms"),
                ("iptables-legacy -nvxL, two rules a client", "iptables-legacy", "read_ms"))
        print_table(("", "all of them", "a client"),
                    [(title, self.ms_text(self.get(subject, figure)), self.share_text(self.get(subject, figure)))
                     for title, subject, figure in rows])

    @staticmethod
    def ms_text(ms):
        return "–" if ms is None else time_text(1000 * ms)

    def share_text(self, ms):
        return "–" if ms is None else f"{1000 * ms / self.scale.top:.2f} µs"

    def line_table(self):
        print(f"Interfaces cost too: {self.scale.top} tunnels with a line's name and addresses, without IPv6, one step after the other; a"
              " listener that is busy elsewhere reads about them afterwards.\n")
        rows = (("created", "create_ms"), ("addresses given", "address_ms"), ("set up", "up_ms"),
                ("the messages of all this read", "hear_ms"), ("all dumped and told anew (masqd/links.c)", "resync_ms"))
        print_table(("", "all of them", "an interface"),
                    [(title, self.ms_text(self.get("lines", figure)), self.share_text(self.get("lines", figure)))
                     for title, figure in rows])
        print(f"{self.get('lines', 'messages'):.0f} messages; a buffer of masqd's size overflowed"
              f" {self.figures.total('lines', self.scale.top, 'overruns'):.0f} times.\n")

    def aim(self, what, value, text, is_reached):
        print(f"* {what}: {'not measured' if value is None else text + (', reached' if is_reached else ', MISSED')}")

    def ratio(self, subject, reference, step):
        us, other = self.get(subject, f"{step}_us"), self.get(reference, f"{step}_us")
        return us / other if us and other else None

    def ratio_aim(self, what, ratio, limit, is_most):
        self.aim(f"{what} at {'most' if is_most else 'least'} {limit} times {'bare' if is_most else 'masqd'}", ratio,
                 f"{ratio_text(ratio, 1)} times", ratio is not None and (ratio <= limit if is_most else ratio >= limit))

    def aims(self):
        print(f"Aims, with {self.scale.top} sessions:\n")
        for step in STEPS:
            self.ratio_aim(f"{step}: masqd's code", self.ratio("masqd", "bare", step), BARE_AIM, True)
        for key, limit in OPEN_AIMS.items():
            self.ratio_aim(f"open: {TITLES[key]}", self.ratio(key, REFERENCE, "open"), limit, False)
        for key in OPEN_AIMS:
            self.ratio_aim(f"close: {TITLES[key]}", self.ratio(key, REFERENCE, "close"), CLOSE_AIM, False)
        for what, subject, figure in (("lines", "lines", "read_ms"), ("hosts", "hosts", "read_ms")):
            ms = self.get(subject, figure)
            self.aim(f"counters of all {what} read in at most {READ_AIM_MS} ms", ms, self.ms_text(ms), ms is not None and ms <= READ_AIM_MS)
        overruns = self.figures.total("lines", self.scale.top, "overruns")
        self.aim("no message about an interface lost", overruns, f"{overruns:.0f} overflows", not overruns)
        print()

    def noise(self):
        """How much the same thing differs when it is measured twice."""
        parts = []
        for subject in ("bare", "masqd"):
            for step in STEPS:
                ratio = self.ratio(f"{subject}_again", subject, step)
                parts.append(f"{TITLES[subject]}, {step}: {100 * (ratio - 1):+.1f} %")
        print(f"Noise, measured again at {self.scale.top}: {'; '.join(parts)}.")
        for key, why in self.notes.items():
            print(f"Not measured: {key}: {why}.")


def report(bench, conditions):
    paper = Report(bench)
    for line in conditions:
        print(line)
    if bench.scale.is_quick:
        print("--quick: this shows that everything works; the figures say nothing.")
    print()
    for step in STEPS:
        paper.step_table(step)
    paper.batch_table()
    paper.reading_table()
    paper.line_table()
    paper.aims()
    paper.noise()
