"""`python -m bench.labels [N]`: how long N labels in nine scripts take, as one PDF and one by one."""

from __future__ import annotations

import sys
import time

from checkout_desk.shipping.paper import labels
from tests.shipping.addresses import SCRIPTS, facts


def main() -> int:
    """Print seconds, milliseconds a label and the size; 1 when N labels take longer than N/40 s ('a few' for 200)."""
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    wanted = [facts(list(SCRIPTS.values())[at % len(SCRIPTS)], 1001 + at) for at in range(n)]
    began = time.perf_counter()
    labels.pdf(wanted[:1])
    print(f"first label, fonts read: {1000 * (time.perf_counter() - began):.0f} ms")
    took = 0.0
    for layout in labels.LAYOUTS:
        began = time.perf_counter()
        made = labels.pdf(wanted, layout=layout)
        took = max(took, time.perf_counter() - began)
        print(f"{n} labels, {layout}: {time.perf_counter() - began:.2f} s, {len(made) / 1024:.0f} kB")
    began = time.perf_counter()
    for one in wanted[:50]:
        labels.pdf([one])
    print(f"one by one: {1000 * (time.perf_counter() - began) / 50:.1f} ms each")
    return int(took > n / 40)


if __name__ == "__main__":
    sys.exit(main())
