# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# What bench/gateway measures in its network. Each returns {figure: value}; what is not as it must be raises Failed.

import json
import subprocess
import time
from statistics import median

from gateway_net import EARLY, LATE, SERVER, SILENT
from namespaces import Failed, wait_for

WINDOW = 64


def milliseconds_since(began):
    return (time.monotonic() - began) * 1000


def require(is_true, what):
    if not is_true:
        raise Failed(what)


def latency(net, present, samples):
    """One after the other, beside so many that are there; then they hang up again."""
    done = net.lines.ask("open", present, samples, 1, "pool")
    net.lines.ask("close", present, samples)
    return {f"{what}_{figure}_us": done[f"{what}_{figure}_us"] for what in ("admit", "open") for figure in ("median", "p99")}


def fill(net, present, wanted):
    return net.lines.ask("open", present, wanted - present, WINDOW, "pool")["ms"]


def talk(net, port):
    """Each line says something: the far side answers, and each hears only that."""
    said = net.lines.ask("talk", SERVER, port, 3000)
    known = net.echo.ask("peers", port)["peers"]
    require(known == net.count, f"{known:.0f} flows of {net.count} lines have reached the server")
    return said


def storm(net, seed):
    """All hang up and come again with each other's addresses; whoever had talked to them still does."""
    before = talk(net, EARLY)
    closed = net.lines.ask("close", 0, net.count)["ms"]
    opened = net.lines.ask("open", 0, net.count, WINDOW, seed)["ms"]
    net.lines.ask("up", 0, net.count)
    net.echo.ask("again", EARLY)
    stale = net.lines.ask("listen", 500)
    after = talk(net, LATE)
    net.echo.ask("again", EARLY)
    stale_after = net.lines.ask("listen", 500)
    return {
        "hangup_ms": closed, "reopen_ms": opened, "talked": before["right"] + after["right"],
        "unanswered": 2 * net.count - before["right"] - after["right"], "crossed": before["wrong"] + after["wrong"],
        "stale_sent": 2 * net.count, "stale_delivered": sum(heard[way] for heard in (stale, stale_after) for way in ("right", "wrong")),
    }


def restart(net, rate):
    """masqd is killed, and is there again when all lines have seen that; a client's packets pass meanwhile."""
    flow = net.flow
    flow.order("start", rate)
    time.sleep(0.2)
    net.daemon.kill()
    net.lines.order("resume", 20)
    time.sleep(1)
    began = time.monotonic()
    ready = net.daemon.start(net.gateway)
    resumed = net.lines.answer()
    known = milliseconds_since(began)
    time.sleep(0.2)
    passed = flow.ask("stop")
    require(not resumed["lost"], f"{resumed['lost']:.0f} lines are not known again")
    require(passed["sent"] > 0 and passed["received"] > 0, "no packet has passed")
    return {"known_again_ms": known, "ready_ms": ready * 1000, "resumed_median_us": resumed["open_median_us"],
            "restart_packets": passed["sent"], "restart_lost": passed["sent"] - passed["received"], "restart_gap_ms": passed["gap_ms"]}


def sessions_in_kernel(net):
    listed = subprocess.run(net.gateway.command("nft", "-j", "list", "map", "inet", "masqgate", "serial"), capture_output=True, check=False)
    if listed.returncode:
        return 0
    return sum(len(item["map"].get("elem", ())) for item in json.loads(listed.stdout)["nftables"] if "map" in item)


def flush(net, rate):
    """Somebody empties all of nftables, and masqd repairs that. A client's packets are stopped meanwhile."""
    sessions, before = net.sessions(), sessions_in_kernel(net)
    some = [f"{ifindex}:{address}" for ifindex, address in (*sessions[::max(1, len(sessions) // 50)], sessions[-1])]
    elements, flow, strays = net.elements(), net.flow, net.strays()
    require(elements.ask("have", *some)["have"] == len(some), "a session has no element")
    elements.order("renewed", *some)
    flow.order("start", rate)
    time.sleep(0.2)
    net.gateway.exec("nft", "flush", "ruleset")
    repaired = elements.answer()["ms"]
    there = sessions_in_kernel(net)
    require(there == before, f"{there} of {before} sessions are in the table again")
    time.sleep(0.2)
    passed = flow.ask("stop")
    return {"flush_ms": repaired, "flush_gap_ms": passed["gap_ms"], "flush_packets": passed["sent"],
            "flush_lost": passed["sent"] - passed["received"], "flush_strays": net.strays() - strays}


def idle(net, seconds):
    before = net.status()
    time.sleep(seconds)
    return {"wakeups_per_s": (net.status()["waits"] - before["waits"]) / seconds}


def listing(net, times):
    """The table and JSON, as a user waits for them."""
    figures = {}
    for figure, options in (("list_ms", ()), ("list_json_ms", ("--json",))):
        taken = []
        for _ in range(times):
            began = time.monotonic()
            text = net.ctl("list", *options)
            taken.append(milliseconds_since(began))
        require(text.count("ppp") >= net.count, "masqctl does not list every session")
        figures[figure] = median(taken)
    return figures


def delete_by_tool(net, address):
    """The connections of one client, as a script deletes them."""
    began = time.monotonic()
    net.gateway.exec("conntrack", "-D", "-s", address)
    return milliseconds_since(began)


def hang_up(net, flows, closing):
    """So many lines at once, each with so many connections of its own beside those of all others."""
    net.gateway.exec("sysctl", "-qw", "net.netfilter.nf_conntrack_udp_timeout=600")
    net.gateway.exec("conntrack", "-F")
    net.lines.ask("flows", SILENT, 10000, flows)
    all_flows = net.flows()
    require(all_flows >= flows * net.count, f"the kernel tracks {all_flows} of {flows * net.count} connections")
    probe = net.probe()
    probe.order("start")
    time.sleep(0.5)
    quiet = probe.ask("stop")
    probe.order("start")
    began = time.monotonic()
    net.lines.order("close", 0, closing)
    wait_for(lambda: net.flows() <= all_flows - flows * closing, 120, "the end of their connections")
    taken = milliseconds_since(began)
    net.lines.answer()
    stopped = probe.ask("stop")
    left = net.flows() - (all_flows - flows * closing)
    require(left > -flows, f"{-left} connections of others have gone, too")
    return {"flows": all_flows, "flows_gone_ms": taken, "flows_longest_ms": stopped["longest_ms"], "quiet_longest_ms": quiet["longest_ms"],
            "tool_ms": median(delete_by_tool(net, address) for _, address in net.sessions()[-3:])}
