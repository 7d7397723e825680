"""What README shows is what runs: its blocks, in order, in one namespace."""

import re
from pathlib import Path

import nmmjax

ROOT = Path(nmmjax.__file__).parent.parent
BLOCKS = re.compile(r"```python\n(.*?)```", re.DOTALL)


def blocks(name):
    return BLOCKS.findall((ROOT / name).read_text())


def test_every_block_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    namespace = {"__name__": "readme"}
    found = blocks("README.md")
    assert len(found) >= 5
    for number, block in enumerate(found):
        exec(compile(block, f"README.md, block {number}", "exec"), namespace)
    assert (tmp_path / "results/mine/summary.json").exists()
    assert "converged" in capsys.readouterr().out
