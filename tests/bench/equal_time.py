# SPDX-License-Identifier: BSD-2-Clause
"""Whether a denial tells by its time why it was one: the kinds interleaved, each compared with a
wrong password by Welch's t and by medians. Below |t| = 4.5 and within 1 ms they are not told apart
(the threshold of dudect, Reparaz and others 2017)."""
import math
import statistics

WRONG = "incorrect horse battery staple"
JUNK = "\b\n\r\x7fINCORRECT\b\n\r\x7fINCORRECT"
T_LIMIT = 4.5
MEDIAN_LIMIT_MS = 1.0
DELAY_US = 5000
BATCH = 500  # of each kind, before the failures are cleared: far below MAX_FAILURES
# kind: the user and the password; what the command does to the user before
KINDS = {
    "wrong password": ("alice", WRONG, None),
    "unknown name": ("nobdy", WRONG, None),
    "locked": ("locky", WRONG, "lock"),
    "disabled": ("dizzy", WRONG, "disable"),
    "junk password": ("junky", JUNK, None),
}


def prepare(service, password):
    """Users of one name's length, so that no request is longer than another."""
    for user, _, command in KINDS.values():
        if user in ("alice", "nobdy"):
            continue
        service.command("add", user, "--hosts", "*", password=password)
        if command is not None:
            service.command(command, user)


def welch_t(a, b):
    spread = statistics.variance(a) / len(a) + statistics.variance(b) / len(b)
    return (statistics.fmean(a) - statistics.fmean(b)) / math.sqrt(spread)


def measure(bench, service, rounds):
    """{kind: {p50_ms, t, samples}}, t and medians against a wrong password."""
    cases = [(kind, service.name, user, password, False)
             for kind, (user, password, _) in KINDS.items()]
    collected = {kind: [] for kind in KINDS}
    bench.logins(cases, 20)
    while len(collected["junk password"]) < rounds:
        samples, _ = bench.logins(cases, BATCH)
        for kind, elapsed in samples.items():
            collected[kind] += [ns / 1e6 for ns in elapsed]
        service.command("unlock", "alice")
    base = collected["wrong password"]
    return {kind: {"p50_ms": statistics.median(ms), "samples": len(ms),
                   "t": welch_t(ms, base),
                   "apart_ms": statistics.median(ms) - statistics.median(base)}
            for kind, ms in collected.items()}


def report(store, rows):
    print(f"{f'denials over {store}, against a wrong password':42} {'p50 ms':>8} {'apart ms':>9}"
          f" {'Welch t':>8}")
    for kind, row in rows.items():
        inside = abs(row["t"]) < T_LIMIT and abs(row["apart_ms"]) < MEDIAN_LIMIT_MS
        print(f"  {kind:40} {row['p50_ms']:8.3f} {row['apart_ms']:9.3f} {row['t']:8.2f} "
              f"{'inside' if inside else 'OUTSIDE'}")
