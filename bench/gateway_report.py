# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# The tables of bench/gateway: medians over the repetitions, and the aims.

from figures import Figures, print_table, ratio_text, time_text

MIB = 1024


def ms_text(ms):
    return "–" if ms is None else f"{ms:.1f} ms" if ms < 10 else f"{ms:.0f} ms"


def mib_text(kib):
    return "–" if kib is None else f"{kib / MIB:.1f} MiB"


def number_text(value):
    return "–" if value is None else f"{value:.0f}" if value == int(value) else f"{value:.1f}"


class Report:
    def __init__(self, bench):
        self.scale, self.notes = bench.scale, bench.notes
        self.figures = Figures(bench.records)

    def get(self, figure, subject="masqd"):
        return self.figures.get(subject, self.scale.top, figure)

    def total(self, figure):
        """None if nobody has measured it."""
        return None if self.get(figure) is None else self.figures.total("masqd", self.scale.top, figure)

    def latency(self):
        print(f"One request at a time, {self.scale.samples} lines after each other; beside {self.scale.top}: the last of these.\n")
        rows = []
        for size in self.scale.sizes:
            rows.append((f"{size} sessions", *(time_text(self.figures.get("latency", size, f"{what}_{figure}_us"))
                                               for what in ("admit", "open") for figure in ("median", "p99"))))
        print_table(("beside", "Admit, median", "99 of 100", "Open, median", "99 of 100"), rows)

    def sessions(self):
        top = self.scale.top
        closing, flows = self.scale.closing, self.scale.flows
        print(f"{top} sessions. A client that sends {self.scale.rate} packets a second is beside them.\n")
        each = None if self.get("flows_gone_ms") is None else self.get("flows_gone_ms") / closing
        print_table(("", ""), [
            ("all hang up at once", ms_text(self.get("hangup_ms"))),
            ("all come again with each other's addresses, 64 at a time", ms_text(self.get("reopen_ms"))),
            ("masqd is killed: all are known again, from its start on", ms_text(self.get("known_again_ms"))),
            ("of that until it is ready", ms_text(self.get("ready_ms"))),
            ("a client's longest time without a packet meanwhile", ms_text(self.get("restart_gap_ms"))),
            ("somebody flushes the ruleset: all are in the table again", ms_text(self.get("flush_ms"))),
            ("a client's longest time without a packet meanwhile", ms_text(self.get("flush_gap_ms"))),
            ("packets of such a client that left untranslated meanwhile", number_text(self.get("flush_strays"))),
            ("masqctl list", ms_text(self.get("list_ms"))),
            ("masqctl list --json", ms_text(self.get("list_json_ms"))),
            ("masqd's memory (RSS)", mib_text(self.get("rss_kib"))),
            ("the same at the end of everything", mib_text(self.get("rss_end_kib"))),
            ("masq-arpd's, as many addresses published", mib_text(self.get("rss_kib", "masq-arpd"))),
            ("masqd's wake-ups a second, nobody sending", number_text(self.get("wakeups_per_s"))),
            (f"{number_text(self.get('flows'))} connections: {closing} lines hang up, their {flows * closing} are gone",
             ms_text(self.get("flows_gone_ms"))),
            ("that is for each line", ms_text(each)),
            ("conntrack -D -s ADDRESS, for one line", ms_text(self.get("tool_ms"))),
            ("masqd's longest answer meanwhile", ms_text(self.get("flows_longest_ms"))),
            ("and while nothing happens", ms_text(self.get("quiet_longest_ms"))),
        ])

    def aim(self, what, value, text, is_reached):
        """is_reached is not called without a value."""
        print(f"* {what}: " + ("not measured" if value is None else f"{text(value)}, {'reached' if is_reached(value) else 'MISSED'}"))

    def at_most(self, what, value, text, limit):
        self.aim(f"{what}: at most {text(limit)}", value, text, lambda value: value <= limit)

    def none(self, what, figure, of):
        """of: what counts all that there were, if something does."""
        value, whole = self.total(figure), self.total(of) if of else None
        self.aim(f"{what}: none", value, lambda value: f"{value:.0f}" + (f" of {whole:.0f}" if of else ""),
                 lambda value: value == 0 and whole != 0)

    def latency_aims(self):
        top = self.scale.top
        median, p99 = (self.figures.get("latency", top, f"open_{figure}_us") for figure in ("median", "p99"))
        first = self.figures.get("latency", 0, "open_median_us")
        self.at_most(f"Open beside {top}, median", median, time_text, 150)
        self.at_most(f"Open beside {top}, 99 of 100", p99, time_text, 1000)
        ratio = median / first if median and first else None
        self.at_most(f"Open beside {top} against beside none, median", ratio, lambda value: f"{ratio_text(value, 1)} times", 1.5)

    def aims(self):
        top = self.scale.top
        self.latency_aims()
        self.at_most(f"{top} are opened", self.get("reopen_ms"), ms_text, 2000)
        self.at_most(f"{top} hang up", self.get("hangup_ms"), ms_text, 2000)
        self.none("datagrams of the lines that were not answered", "unanswered", "talked")
        self.none("answers that another line got", "crossed", "talked")
        self.none("datagrams of flows from before the hang-up that a line got", "stale_delivered", "stale_sent")
        self.at_most("known again after a restart", self.get("known_again_ms"), ms_text, 1000)
        self.none("packets lost in a restart", "restart_lost", "restart_packets")
        self.at_most("repaired after a flush", self.get("flush_ms"), ms_text, 250)
        self.none("packets that left with a private address in all this", "strays", None)
        self.at_most("masqd's memory", self.get("rss_kib"), mib_text, 40 * MIB)
        self.at_most("masq-arpd's memory", self.get("rss_kib", "masq-arpd"), mib_text, 10 * MIB)
        self.at_most("wake-ups a second", self.get("wakeups_per_s"), number_text, 2)
        self.at_most("masqctl list", self.get("list_ms"), ms_text, 150)
        self.at_most("masqctl list --json", self.get("list_json_ms"), ms_text, 150)
        self.at_most(f"{self.scale.closing} lines' connections are gone", self.get("flows_gone_ms"), ms_text, 5000)
        self.at_most("masqd's longest answer meanwhile", self.get("flows_longest_ms"), ms_text, 50)
        print()

    def noise(self):
        """How far the repetitions are from each other, of what matters most."""
        spreads = []
        for figure in ("hangup_ms", "reopen_ms", "known_again_ms", "flush_ms", "list_ms", "flows_gone_ms", "flows_longest_ms"):
            values = self.figures.repetitions("masqd", self.scale.top, figure).values()
            if len(values) > 1:
                spreads.append(f"{figure.removesuffix('_ms')} {ms_text(min(values))} to {ms_text(max(values))}")
        if spreads:
            print(f"Noise, the least and the most of the repetitions: {', '.join(spreads)}.")
        for note in self.notes:
            print(f"FAILED: {note}.")


def report(bench, conditions):
    paper = Report(bench)
    for line in conditions:
        print(line)
    if bench.scale.is_quick:
        print("--quick: this shows that everything works; the figures say nothing.")
    print()
    paper.latency()
    paper.sessions()
    paper.aims()
    paper.noise()
