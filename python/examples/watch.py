"""Follow a long solve. Ctrl-C ends it, and the best plan so far is what solve() returns."""

import sys

import plimsoll


def show(now: plimsoll.Progress) -> None:
    print(f"{now.seconds:.1f} s: {now.objective} >= {now.bound}")


plan = plimsoll.solve(sys.argv[1], time_limit=2, progress=show)
if plan.certificate.stopped_by == "interrupt":
    print("stopped by hand")
print(plan.certificate)
