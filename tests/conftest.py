"""Four host devices, so that four chains run side by side; set before JAX is first used."""

import jax
import pytest

jax.config.update("jax_num_cpu_devices", 4)


@pytest.fixture(autouse=True, scope="module")
def forget_programs():
    """What a file has compiled is dropped after it: a process may map only so many pieces of memory."""
    yield
    jax.clear_caches()
