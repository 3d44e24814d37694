# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# The figures of benchmarks as pictures: each function has the records of one, and returns a script for gnuplot.

import packets_report
import programming_report
from figures import Figures
from namespaces import run

HEAD = """\
set terminal svg size {width},{height} font "sans-serif,13" background "white"
set output "{path}"
set grid ytics lc rgb "#dddddd"
set border 3
set tics nomirror
set key {key}
"""

# Told apart also without colours, by their points.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000", "#999999")


def quoted(text):
    return '"' + text.replace('"', "'") + '"'


def block(name, rows):
    """Data, None where there is none."""
    lines = (" ".join("NaN" if cell is None else str(cell) for cell in row) for row in rows)
    return f"${name} << END\n" + "\n".join(lines) + "\nEND\n"


def curve(data, x, number, title, labels=""):
    """The numberth of those columns that are after the first; labels: what else is to be used of them."""
    return (f'${data} using {x}:{number + 2}{labels} with linespoints lc rgb "{COLOURS[number]}" pt {number + 4} lw 2'
            f" title {quoted(title)}")


def programming(records, path):
    """What opening and closing a session costs, by method, with all that there are."""
    figures = Figures(records)
    top = max(entries for _, subject, entries, figure, _ in records if subject == "masqd" and figure == "open_us")
    rows = [(quoted(programming_report.TITLES[subject]), *(figures.get(subject, top, f"{step}_us") for step in ("open", "close")))
            for subject in ("bare", "masqd", "watched", "nft", "iptables-nft", "iptables-legacy")]
    return (HEAD.format(width=900, height=480, path=path, key="top left") + block("costs", rows) + f"""\
set title "A session among {top}: what it costs to tell the kernel (median; logarithmic)"
set ylabel "microseconds"
set logscale y
set yrange [1:*]
set format y "%.0f"
set style data histogram
set style histogram clustered gap 1
set style fill solid border -1
set xtics rotate by -20
set rmargin 12
plot $costs using 2:xtic(1) title "opening" lc rgb "{COLOURS[0]}", "" using 3 title "closing" lc rgb "{COLOURS[4]}"
""")


def packets(records, path):
    """What a packet costs beside one masquerade rule, by the number of clients."""
    figures = packets_report.PacketFigures(records)
    sizes = sorted({entries for _, _, entries, _, _ in records})
    subjects = [subject for subject in packets_report.TITLES if subject not in ("sender", packets_report.REFERENCE)]
    titles = packets_report.TITLES | {"again": "that rule, measured again"}
    script = HEAD.format(width=1200, height=480, path=path, key="off") + f"""\
set logscale xy
set xrange [{sizes[0] * 0.7}:{sizes[-1] * 1.4}]
set yrange [0.1:10000]
set xlabel "clients"
set format "%g"
set multiplot layout 1,3 title "CPU time of a packet, in that of one masquerade rule (both logarithmic)"
"""
    for way, title in packets_report.WAYS.items():
        rows = [(lines, *(figures.ratio(subject, lines, way, False) for subject in subjects)) for lines in sizes]
        lines = ", ".join(curve(way, "1", i, titles[subject]) for i, subject in enumerate(subjects))
        script += block(way, rows) + f"set title {quoted(title)}\nplot {lines}\nset key off\n"
        if way == "up":
            script = script.replace("set key off\n", "set key top left Left reverse\n", 1)
    return script + "unset multiplot\n"


def gateway(records, path):
    """How long one request takes, by the number of sessions that are there."""
    figures = Figures(records)
    sizes = sorted({entries for _, subject, entries, _, _ in records if subject == "latency"})
    names = [f"{what}_{figure}_us" for what in ("open", "admit") for figure in ("median", "p99")]
    titles = ("Open, median", "Open, 99 of 100", "Admit, median", "Admit, 99 of 100")
    rows = [(quoted(str(size)), *(figures.get("latency", size, name) for name in names)) for size in sizes]
    lines = ", ".join(curve("latency", "0", i, title, ":xtic(1)") for i, title in enumerate(titles))
    return HEAD.format(width=800, height=480, path=path, key="outside right") + block("latency", rows) + f"""\
set title "masqd's answer to one request"
set xlabel "sessions that are there"
set ylabel "microseconds (logarithmic)"
set logscale y
set xrange [-0.3:{len(sizes) - 0.7}]
plot {lines}
"""


PLOTS = {"programming": programming, "packets": packets, "gateway": gateway}


def draw(name, records, path):
    run("gnuplot", stdin=PLOTS[name](records, path))
