"""A sampling run on disk, so that it can go on where it was cut.

Draws are appended to `NAME.draws`, block after block; the small `NAME.npz` is replaced after each block, and says how
far the draws count and what their digest is. So the cost of a block does not grow with the run, and a run killed at any
moment keeps all finished blocks: what was appended after the last `NAME.npz` is cut off.
"""

import hashlib
import io
import json
import math
from pathlib import Path
from typing import Any, NamedTuple

import jax
import numpy as np

from nmmjax._files import atomic
from nmmjax.infer._question import Pieces, differences

Block = dict[str, np.ndarray]
"""Name -> (chains, draws, ...)."""


class Progressed(NamedTuple):
    """What a run has: finished iterations, the state of the chains, what was drawn and how long it took."""

    done: int
    state: Any
    blocks: tuple[Block, ...]
    seconds: float

    @property
    def drawn(self) -> Block:
        """All draws so far, by name."""
        names = self.blocks[0] if self.blocks else ()
        return {name: np.concatenate([block[name] for block in self.blocks], axis=1) for name in names}


class Checkpoint:
    """The files of one run, which answers a question given by its pieces."""

    def __init__(self, path: Path, question: Pieces):
        self.path, self.draws, self.question = path, path.with_suffix(".draws"), question
        self._written, self._length, self._digest = 0, 0, ""

    def save(self, run: Progressed) -> None:
        """Append the blocks that are new, and then say that they count."""
        for block in run.blocks[self._written :]:
            self._append(_bytes(block))
        about = {"done": run.done, "seconds": run.seconds, "length": self._length, "digest": self._digest}
        leaves: Any = {f"state_{i:03d}": np.asarray(leaf) for i, leaf in enumerate(jax.tree.leaves(run.state))}
        with atomic(self.path) as temporary, temporary.open("wb") as stream:
            np.savez(stream, about=json.dumps(about | {"question": self.question}), **leaves)

    def _append(self, block: bytes) -> None:
        with self.draws.open("r+b" if self._length else "wb") as stream:
            stream.seek(self._length)
            stream.truncate()
            stream.write(block)
        self._written, self._length = self._written + 1, self._length + len(block)
        self._digest = _chained(self._digest, block)

    def check(self) -> None:
        """Raise `ValueError` where the files are damaged, or belong to another question."""
        self._contents()

    def load(self, like: Any) -> Progressed:
        """Read what an earlier run left; `like` is a state with the right structure. Raises as `check` does."""
        about, contents = self._contents()
        try:
            state = jax.tree.unflatten(jax.tree.structure(like), [contents[name] for name in sorted(contents)])
            return Progressed(about["done"], state, self._read(about["length"], about["digest"]), about["seconds"])
        except Exception as error:
            raise self._damaged(self.draws, error) from None

    def _contents(self) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        """What the small file says of the run, and the state of the chains."""
        try:
            with np.load(io.BytesIO(self.path.read_bytes()), allow_pickle=False) as stored:
                contents = dict(stored)
            about = json.loads(str(contents.pop("about")))
            changed = differences(about["question"], self.question)
        except Exception as error:  # a damaged archive raises anything
            raise self._damaged(self.path, error) from None
        if changed:
            raise ValueError(
                f"Checkpoint `{self.path}` must come from the same question, but these are not what they were: "
                f"{'; '.join(changed)}. Start anew without resuming, or in another folder."
            )
        return about, contents

    def _read(self, length: int, digest: str) -> tuple[Block, ...]:
        """The blocks that count."""
        raw = self.draws.read_bytes()[:length] if length else b""
        stream, blocks = io.BytesIO(raw), []
        while stream.tell() < length:
            begun = stream.tell()
            names = json.loads(stream.readline())
            blocks.append({name: np.load(stream, allow_pickle=False) for name in names})
            self._digest = _chained(self._digest, raw[begun : stream.tell()])
        self._written, self._length = len(blocks), length
        if self._digest != digest:
            raise ValueError("its digest is not what it was")
        return tuple(blocks)

    @staticmethod
    def _damaged(path: Path, error: Exception) -> ValueError:
        return ValueError(f"Checkpoint `{path}` must be intact, but it is damaged ({error}): start anew.")


def check_density(stored: np.ndarray, now: np.ndarray, path: Path) -> None:
    """The density where the chains stand is what it was: what draws are worth, whatever else has been compared.

    **Arguments:** -ln p as stored and as it is; the file. **Raises:** `ValueError` with both.
    """
    stored, now = -np.asarray(stored), -np.asarray(now)
    rounding = math.sqrt(np.finfo(stored.dtype).eps)
    if not np.allclose(now, stored, rtol=rounding, atol=rounding):
        raise ValueError(
            f"Checkpoint `{path}` must come from the same posterior, but its density where the chains stand was "
            f"{stored}, and now is {now}. Start anew without resuming, or in another folder."
        )


def _bytes(block: Block) -> bytes:
    """A line with the names, then each array as numpy writes it."""
    stream = io.BytesIO(json.dumps(list(block)).encode() + b"\n")
    stream.seek(0, io.SEEK_END)
    for values in block.values():
        np.save(stream, values, allow_pickle=False)
    return stream.getvalue()


def _chained(digest: str, block: bytes) -> str:
    """The digest of all blocks so far, from that of those before and the last."""
    return hashlib.sha256(digest.encode() + block).hexdigest()
