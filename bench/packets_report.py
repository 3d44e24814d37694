# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# The tables of bench/packets: medians over the repetitions, and how they compare with one masquerade rule.

from statistics import median

from figures import Figures, print_table, ratio_text, time_text

REFERENCE = "bare"
TITLES = {
    "sender": "the sender alone",
    "routing": "plain routing",
    "bare": "one masquerade rule",
    "again": "the same, measured again",
    "masqd": "masqd, as it comes",
    "nft": "nft, rules for each client",
    "iptables-nft": "iptables-nft, the same",
    "iptables-legacy": "iptables-legacy, the same",
}
SCRIPTS = ("nft", "iptables-nft", "iptables-legacy")
WAYS = {"up": "upstream", "down": "downstream", "new": "new flows"}


def clients(lines):
    return f"{lines} client{'s' * (lines > 1)}"


class PacketFigures(Figures):
    def cost(self, subject, lines, way):
        """Microseconds a packet, the sender's part too."""
        ns = self.get(subject, lines, f"{way}_ns")
        return None if ns is None else ns / 1000

    def alone(self, lines, way):
        """What the sender takes, in nanoseconds; a new flow's first packet is sent as any other."""
        return self.get("sender", lines, f"{'up' if way == 'new' else way}_ns")

    def ratio(self, subject, lines, way, is_own):
        """To the reference, each round with its own: the machine's other work is then in both. Who has one round a repetition is compared
        with the repetition's."""
        ratios = []
        ours = self.values.get((subject, lines, f"{way}_ns"), {})
        theirs = self.values.get((REFERENCE, lines, f"{way}_ns"), {})
        alone = self.alone(lines, way) if is_own else 0
        if alone is None:
            return None
        for repetition, values in ours.items():
            references = theirs.get(repetition, [])
            if references and len(references) != len(values):
                values, references = [median(values)], [median(references)]
            ratios += [(value - alone) / (reference - alone) for value, reference in zip(values, references) if reference > alone]
        return median(ratios) if ratios else None


class Report:
    def __init__(self, bench):
        self.scale, self.titles, self.notes = bench.scale, bench.titles, bench.notes
        self.figures = PacketFigures(bench.records)

    def cell(self, key, lines, way):
        us = self.figures.cost(key, lines, way)
        if us is None:
            return "–"
        if key == "sender":
            return time_text(us)
        whole, own = (self.figures.ratio(key, lines, way, is_own) for is_own in (False, True))
        return f"{us:.2f} µs, {ratio_text(whole, 1)}, {ratio_text(own, 1)}"

    def table(self, way, head):
        print(head + "\n")
        print_table(("", *(clients(lines) for lines in self.scale.sizes)),
                    [(title, *(self.cell(key, lines, way) for lines in self.scale.sizes)) for key, title in self.titles.items()])

    def packets(self):
        self.table("up", "Packets of established flows, upstream: CPU time a packet from the line to the far host, the median ratio to one"
                   " masquerade rule, and that ratio without what the sender alone takes.")
        self.table("down", "Packets of established flows, downstream: the same from the far host to the line.")
        self.table("new", "New flows: the same, each packet the first of its flow, upstream.")

    def changes(self):
        print(f"Changes of a live client's policy, one after the other, beside {self.scale.rate} packets a second each way.\n")
        rows = []
        for lines in self.scale.sizes:
            count, lost = (sum(self.figures.total("masqd", lines, figure) for figure in names)
                           for names in (("changes",), ("change_lost_up", "change_lost_down")))
            packets = self.figures.total("masqd", lines, "change_packets")
            if count:
                rows.append((clients(lines), f"{count:.0f}", time_text(self.figures.get("masqd", lines, "change_us")),
                             time_text(self.figures.get("masqd", lines, "change_p99_us")), f"{lost:.0f} of {packets:.0f}"))
        print_table(("masqd", "changes", "a change, median", "99 of 100", "packets lost"), rows)

    def aim(self, what, value, is_reached):
        print(f"* {what}: {'not measured' if value is None else value + (', reached' if is_reached else ', MISSED')}")

    def at_most(self, way, is_own):
        ratios = [self.figures.ratio("masqd", lines, way, is_own) for lines in self.scale.sizes]
        part = "without the sender's part" if is_own else "of the whole way"
        complete = None not in ratios
        self.aim(f"masqd, {WAYS[way]}: at most 1.25 times one masquerade rule, {part}",
                 " ".join(ratio_text(ratio, 1) for ratio in ratios) if complete else None, complete and max(ratios) <= 1.25)

    def is_flat(self, way):
        ratios = [self.figures.ratio("masqd", lines, way, False) for lines in self.scale.sizes]
        spread = None if None in ratios else max(ratios) / min(ratios)
        self.aim(f"masqd, {WAYS[way]}: the ratio is flat in the number of clients, within a quarter",
                 spread if spread is None else f"{spread:.2f}", spread is not None and spread <= 1.25)

    def scripts(self, way):
        lines = 10000
        for key in SCRIPTS:
            ratio = self.figures.ratio(key, lines, way, False)
            self.aim(f"{self.titles[key]}, {WAYS[way]}: at least 50 times one masquerade rule with {clients(lines)}",
                     ratio if ratio is None else ratio_text(ratio, 1), ratio is not None and ratio >= 50)

    def aims(self):
        print("Aims:\n")
        for way in WAYS:
            self.at_most(way, False)
            self.at_most(way, True)
            self.is_flat(way)
        for way in WAYS:
            self.scripts(way)
        lines = self.scale.changes_at
        count = self.figures.total("masqd", lines, "changes")
        lost = sum(self.figures.total("masqd", size, f"change_lost_{way}") for size in self.scale.sizes for way in ("up", "down"))
        self.aim(f"masqd: {self.scale.changes} changes of a live client's policy lose no packet",
                 f"{count:.0f} changes, {lost:.0f} lost" if count else None, count == self.scale.changes and not lost)
        print()

    def remarks(self):
        print(f"All that was sent has arrived, or was measured again. Noise: the row “{self.titles['again']}”.")
        for key, why in self.notes.items():
            print(f"Not measured: {self.titles[key]}: {why}.")


def report(bench, conditions):
    paper = Report(bench)
    for line in conditions:
        print(line)
    if bench.scale.is_quick:
        print("--quick: this shows that everything works; the figures say nothing.")
    print()
    paper.packets()
    paper.changes()
    paper.aims()
    paper.remarks()
