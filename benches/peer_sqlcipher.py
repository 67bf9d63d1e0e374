#!/usr/bin/env python3
"""The peer of `cargo bench --bench vault`: one note a transaction into SQLCipher, durable (WAL, synchronous=FULL).

Needs `pip install sqlcipher3-binary`. Prints the same percentiles. Run it on the same disk, right after the bench.
"""
import os
import tempfile
import time

from sqlcipher3 import dbapi2 as sqlcipher

with tempfile.TemporaryDirectory() as folder:
    base = sqlcipher.connect(os.path.join(folder, "peer.db"), isolation_level=None)
    base.execute("PRAGMA key = \"x'" + "2a" * 32 + "'\"")
    base.execute("PRAGMA journal_mode = WAL")
    base.execute("PRAGMA synchronous = FULL")
    base.execute("CREATE TABLE note (id INTEGER PRIMARY KEY, made INTEGER, author TEXT, body TEXT)")
    times = []
    for number in range(2200):
        text = f"Note number {number}: spoke with the school, all as agreed."
        start = time.perf_counter()
        base.execute("INSERT INTO note (made, author, body) VALUES (?, ?, ?)", (number, "abrown", text))
        times.append((time.perf_counter() - start) * 1e3)
    times = sorted(times[200:])
    at = lambda share: times[(len(times) - 1) * share // 100]
    print(f"SQLCipher, a note a transaction: p50 {at(50):.3f} ms, p95 {at(95):.3f} ms, p99 {at(99):.3f} ms, n {len(times)}")
