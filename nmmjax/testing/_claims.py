"""What a check says where something does not hold."""

from collections.abc import Sequence
from typing import Any

import jax
import numpy as np
from numpy.testing import assert_allclose


def require(holds: Any, words: str) -> None:
    """Raise `AssertionError` with these words unless something holds; also where Python leaves out its own asserts."""
    if not holds:
        raise AssertionError(words)


def require_close(actual: Any, desired: Any, words: str, *, rtol: float, atol: float = 0.0) -> None:
    """Arrays of one shape whose components agree."""
    assert_allclose(actual, desired, rtol=rtol, atol=atol, err_msg=words)


def finite(tree: Any) -> bool:
    """Whether all numbers in a tree are."""
    return all(np.all(np.isfinite(leaf)) for leaf in jax.tree.leaves(tree))


def different(names: Sequence[str]) -> bool:
    """Whether no two are equal."""
    return len(set(names)) == len(names)
