"""Over which devices chains are spread, as `sampling` explains."""

import jax
import numpy as np
from jax.sharding import Mesh

from nmmjax import _checks
from nmmjax.fit import Prepared


def placement(density: Prepared, chains: int, devices: int | None) -> Mesh:
    """The largest number of devices that divides the chains, or the number asked for."""
    available = jax.devices()
    if devices is None:
        alone = available[0].platform == "cpu" and density.terms.program.decomposes_batches
        devices = 1 if alone else max(n for n in range(1, min(chains, len(available)) + 1) if chains % n == 0)
    if not 1 <= devices <= len(available) or chains % devices:
        must = f"divide the number of chains, {chains}, and not exceed the {len(available)} devices there are"
        _checks.fail("devices", must, f"it is {devices}")
    return Mesh(np.array(available[:devices]), ("chains",))
