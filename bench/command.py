# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# The command line that the benchmarks have in common, and what each needs before it begins.

import argparse
import os
import sys

from namespaces import clean_up_on_signals

TOP = os.path.join(os.path.dirname(os.path.realpath(__file__)), "..")


def parse_options(name, description, quick, repetitions):
    """quick: what --quick does; repetitions: how many there are by default."""
    parser = argparse.ArgumentParser(prog=f"bench/{name}", description=description)
    parser.add_argument("--quick", action="store_true", help=quick)
    parser.add_argument("--repetitions", type=int, metavar="N", help=f"of everything ({repetitions})")
    parser.add_argument("--csv", metavar="FILE", help="write every figure of every repetition there")
    parser.add_argument("--build", metavar="DIR", default=os.path.join(TOP, "build", "gcc"), help="where the tree was built (build/gcc)")
    return parser.parse_args()


def die(name, what, hint):
    print(f"bench/{name}: {what}\nhint: {hint}", file=sys.stderr)
    sys.exit(1)


def begin(name, options, program):
    """program: one of the build's, without which there is nothing to measure with."""
    if os.geteuid() != 0:
        die(name, "needs to be root: it makes network namespaces", f"sudo bench/{name}")
    if not os.path.exists(os.path.join(options.build, "bench", program)):
        die(name, f"nothing is built in {options.build}", "./check --only build")
    clean_up_on_signals()
