"""Over which devices chains are spread, as `sampling` explains, and how they come back from there."""

from typing import Any

import jax
import numpy as np
from jax.experimental import multihost_utils
from jax.sharding import Mesh, NamedSharding, PartitionSpec
from jaxtyping import Array

from nmmjax import _checks
from nmmjax.fit import Prepared


def placement(density: Prepared, chains: int, devices: int | None) -> Mesh:
    """The largest number of devices that divides the chains, or the number asked for; of each process as many."""
    available, processes = jax.devices(), jax.process_count()
    if devices is None:
        alone = available[0].platform == "cpu" and density.terms.program.decomposes_batches
        most = processes if alone else min(chains, len(available))
        possible = [n for n in range(processes, most + 1, processes) if chains % n == 0]
        if not possible:
            must = f"be a multiple of the number of processes that share the run, {processes}"
            _checks.fail("chains", must, f"there are {chains}")
        devices = max(possible)
    if not processes <= devices <= len(available) or chains % devices or devices % processes:
        must = f"divide the number of chains, {chains}, and not exceed the {len(available)} devices there are"
        _checks.fail("devices", must, f"it is {devices}")
    each = [[d for d in available if d.process_index == process] for process in range(processes)]
    return Mesh(np.array([d for own in each for d in own[: devices // processes]]), ("chains",))


def spread(mesh: Mesh, array: Any) -> Array:
    """An array whose leading axis lies along the mesh; where several processes share it, each has all of the array."""
    along = NamedSharding(mesh, PartitionSpec("chains"))
    if jax.process_count() == 1:
        return jax.device_put(array, along)
    if isinstance(array, Array) and not array.is_fully_addressable:
        return array
    whole = np.asarray(array)
    return jax.make_array_from_callback(whole.shape, along, lambda place: whole[place])


def gathered(tree: Any) -> Any:
    """All of what lies along a mesh, in the memory of each process."""
    return jax.device_get(tree) if jax.process_count() == 1 else multihost_utils.process_allgather(tree, tiled=True)


def leads() -> bool:
    """Whether this process is the one of those which share a run that writes and speaks."""
    return jax.process_index() == 0
