# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# The tables of bench/arp: medians over the repetitions, and how they compare with the tuned kernel.

from statistics import median

from figures import Figures, percent, print_table, ratio_text, time_text

REFERENCE = "tuned"


class ArpFigures(Figures):
    def cpu_us(self, subject, entries, rate):
        """CPU time an answer, less the sender's own, which the same repetition measured."""
        spent = self.repetitions(subject, entries, "flood_cpu_ns")
        asked = self.repetitions(subject, entries, "flood_asked")
        answered = self.repetitions(subject, entries, "flood_answered")
        alone = self.repetitions(f"baseline-{rate}", entries, "flood_cpu_ns")
        alone_asked = self.repetitions(f"baseline-{rate}", entries, "flood_asked")
        costs = [(spent[i] - asked[i] * alone[i] / alone_asked[i]) / answered[i] / 1000 for i in spent if answered[i]]
        return median(costs) if costs else None


class Report:
    def __init__(self, bench):
        self.scale, self.titles = bench.scale, bench.titles
        self.rates = bench.rates
        self.notes = bench.notes
        self.figures = ArpFigures(bench.records)

    def get(self, subject, figure):
        return self.figures.get(subject, self.scale.base, figure)

    def first_answers(self):
        print(f"First answer: one request at a time, broadcast, again each second; {self.scale.base} entries. Burst: all of them asked for"
              f" once, at once, answered within {self.scale.burst_window_ms / 1000:g} s.\n")
        rows = []
        for key, title in self.titles.items():
            middle = self.get(key, "first_median_us")
            asked = self.figures.total(key, self.scale.base, "first_asked")
            rows.append((
                title, time_text(middle), ratio_text(middle, self.get(REFERENCE, "first_median_us")),
                time_text(self.get(key, "first_p99_us")),
                percent(self.figures.total(key, self.scale.base, "first_answered"), asked),
                percent(self.get(key, "burst_answered") or 0, self.get(key, "burst_asked"))))
        print_table(("", "first answer, median", "to tuned", "99 of 100", "within 3 s", "burst answered"), rows)

    def cpu(self, key, entries):
        """Microseconds, or None if most requests were lost: what an answer costs then says nothing."""
        asked, answered = (self.figures.get(key, entries, figure) for figure in ("flood_asked", "flood_answered"))
        if not asked or answered < asked / 2:
            return None
        return self.figures.cpu_us(key, entries, self.rates[key])

    def cpu_cell(self, key, entries):
        us = self.cpu(key, entries)
        if us is not None:
            text = f"{us:.2f} µs"
            if us > 0:
                text += f", {1000 / us:.0f} k/s, {ratio_text(us, self.cpu(REFERENCE, entries))}"
            return text
        asked = self.figures.get(key, entries, "flood_asked")
        if asked is None:
            return "–"
        answered = self.figures.get(key, entries, "flood_answered")
        seconds = self.figures.get(key, entries, "flood_seconds")
        return f"answers {answered / seconds:.0f} of {asked / seconds:.0f} a second"

    def cpu_table(self):
        print("CPU time an answer, answers a CPU second, and the CPU time's ratio to the tuned kernel's, by number of entries.\n")
        print_table(("", *(f"{entries} entries" for entries in self.scale.sizes)),
                    [(title, *(self.cpu_cell(key, entries) for entries in self.scale.sizes)) for key, title in self.titles.items()])

    def publications(self):
        print(f"Publication of {self.scale.base} addresses, from the first request until all are answered.\n")
        reference = self.get(REFERENCE, "publish_us")
        rows = []
        for key, title in self.titles.items():
            if key in ("parprouted", "farpd"):
                continue
            for figure, way in (("publish_us", ""), ("configure_us", ", by the configuration")):
                if key not in ("kernel", "bpf") and way:
                    continue
                us = self.get(key, figure)
                rows.append((title + way, time_text(us), ratio_text(us, reference)))
        print_table(("", "an address", "to tuned"), rows)

    def hand_overs(self):
        print("Hand-over: the client dials in again at another gateway, the first one is gone; a LAN host pings it every 20 ms.\n")
        rows = []
        for key, title in (("pppd", "silently, as pppd does"), ("kernel", self.titles["kernel"]), ("bpf", self.titles["bpf"])):
            ms = self.figures.get(key, 1, "hand_over_ms")
            rows.append((title, "–" if ms is None else f"more than {self.scale.patience_s} s" if ms == float("inf")
                         else f"{ms / 1000:.1f} s" if ms >= 1000 else f"{ms:.0f} ms"))
        print_table(("", "answered again after"), rows)

    def aim(self, what, value, is_reached):
        print(f"* {what}: {'not measured' if value is None else value + (', reached' if is_reached else ', MISSED')}")

    def masq_aims(self, key):
        title = self.titles[key]
        middle, tuned = self.get(key, "first_median_us"), self.get(REFERENCE, "first_median_us")
        over = None if middle is None else middle - tuned
        self.aim(f"{title}: median first answer at most 20 µs over the tuned kernel's", over if over is None else f"{over:.1f} µs",
                 over is not None and over <= 20)
        share = None if middle is None else self.get(key, "burst_answered") / self.get(key, "burst_asked")
        self.aim(f"{title}: all of the burst answered", share if share is None else f"{100 * share:.1f} %", share == 1)
        for figure, way in (("publish_us", "publication"), ("configure_us", "publication by the configuration")):
            us = self.get(key, figure)
            self.aim(f"{title}: {way} at most 2 µs an address", us if us is None else f"{us:.1f} µs", us is not None and us <= 2)
        ms = self.figures.get(key, 1, "hand_over_ms")
        self.aim(f"{title}: hand-over at most 100 ms", ms if ms is None else f"{ms:.0f} ms", ms is not None and ms <= 100)

    def aims(self):
        print("Aims:\n")
        for key in ("kernel", "bpf"):
            self.masq_aims(key)
        entries = 10000
        bpf, tuned = self.cpu("bpf", entries), self.cpu(REFERENCE, entries)
        less = tuned / bpf if bpf and tuned else None
        self.aim(f"{self.titles['bpf']}: at {entries} entries at least 8 times less CPU time an answer than the tuned kernel",
                 less if less is None else f"{less:.1f} times", less is not None and less >= 8)
        print()

    def remarks(self):
        wrong = sum(self.figures.total(key, self.scale.base, figure) for key in self.titles for figure in ("first_wrong", "burst_wrong"))
        print(f"Wrong answers (another Ethernet address, another asker): {wrong:.0f}. Noise: the row “{self.titles['again']}”.")
        for key, why in self.notes.items():
            print(f"Not measured: {self.titles[key]}: {why}.")


def report(bench, conditions):
    paper = Report(bench)
    for line in conditions:
        print(line)
    if bench.scale.is_quick:
        print("--quick: this shows that everything works; the figures say nothing.")
    print()
    paper.first_answers()
    paper.cpu_table()
    paper.publications()
    paper.hand_overs()
    paper.aims()
    paper.remarks()
