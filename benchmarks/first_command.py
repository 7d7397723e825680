"""How long does a new user wait for figures, and how much of it is compilation?

    python benchmarks/first_command.py [FIT]

Runs `nmmjax fit` in a process of its own. Default: grimus_lavoura_2000.
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from _timing import table


def main(name="grimus_lavoura_2000"):
    with tempfile.TemporaryDirectory() as folder:
        begun = time.perf_counter()
        subprocess.run([sys.executable, "-m", "nmmjax", "fit", name, "--out", folder], check=True, capture_output=True)
        wall = time.perf_counter() - begun
        summaries = [json.loads(path.read_text()) for path in sorted(Path(folder).rglob("summary.json"))]
    rows = [
        (s["name"], f"{s['seconds']['wall']:.1f}", f"{s['seconds']['compile']:.1f}", f"{s['sampling']['seconds']:.1f}")
        for s in summaries
    ]
    rows.append(("process, start to end", f"{wall:.1f}", "", ""))
    table(("fit", "wall [s]", "of it compilation [s]", "of it sampling, with its compilation [s]"), rows)


if __name__ == "__main__":
    main(*sys.argv[1:])
