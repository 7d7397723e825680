"""Mixing matrices of a result of three flavors, from the observables that every result has."""

import numpy as np
from jaxtyping import Complex

from nmmjax import mixing
from nmmjax.results import Result

_ANGLES = ("sin2_theta12", "sin2_theta13", "sin2_theta23", "delta_cp")
_MOST = 2000
"""Draws of a result that are shown."""


def matrices(result: Result, *, best: bool) -> Complex[np.ndarray, "n 3 3"]:
    """U at the maximum (1, 3, 3), or of some of the draws; of the maximum alone where nothing varies."""
    rows = [result.row(name) for name in _ANGLES]
    sampled = [] if best or result.posterior is None else [row for row in rows if row.varies]
    count = result.draws(sampled[0].name).size if sampled else 1
    step = max(1, count // _MOST)
    columns = [result.draws(row.name).ravel() if row in sampled else np.full(count, row.best) for row in rows]
    s12, s13, s23, delta = (column[::step] for column in columns)
    theta12, theta13, theta23 = (np.arcsin(np.sqrt(s)) for s in (s12, s13, s23))
    return np.asarray(mixing.pmns(theta12, theta13, theta23, delta))
