# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# Figures of repetitions, as numbers and as text: what the reports of all benchmarks share.

import csv
from statistics import median

COLUMNS = ("repetition", "subject", "entries", "figure", "value")


class Figures:
    def __init__(self, records):
        self.values = {}
        for repetition, subject, entries, figure, value in records:
            self.values.setdefault((subject, entries, figure), {}).setdefault(repetition, []).append(value)

    def repetitions(self, subject, entries, figure):
        """{repetition: the median in it}"""
        return {repetition: median(values) for repetition, values in self.values.get((subject, entries, figure), {}).items()}

    def get(self, subject, entries, figure):
        values = self.repetitions(subject, entries, figure)
        return median(values.values()) if values else None

    def total(self, subject, entries, figure):
        return sum(sum(values) for values in self.values.get((subject, entries, figure), {}).values())


def time_text(us):
    if us is None:
        return "–"
    if us >= 1e5:
        return f"{us / 1000:.0f} ms"
    return f"{us / 1000:.1f} ms" if us >= 1000 else f"{us:.1f} µs"


def ratio_text(value, reference):
    if value is None or not reference:
        return "–"
    ratio = value / reference
    return f"{ratio:.0f}" if ratio >= 100 else f"{ratio:.1f}" if ratio >= 10 else f"{ratio:.2f}"


def print_table(head, rows):
    widths = [max(len(row[i]) for row in [head, *rows]) for i in range(len(head))]
    print("| " + " | ".join(cell.ljust(width) for cell, width in zip(head, widths)) + " |")
    print("|" + "|".join("-" * (width + 2) for width in widths) + "|")
    for row in rows:
        print("| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths)) + " |")
    print()


def percent(part, whole):
    return f"{100 * part / whole:.1f} %" if whole else "–"


def write_csv(path, records):
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(records)


def read_csv(path):
    """The records that were written there."""
    with open(path, newline="", encoding="utf-8") as file:
        return [(int(row["repetition"]), row["subject"], int(row["entries"]), row["figure"], float(row["value"]))
                for row in csv.DictReader(file)]
