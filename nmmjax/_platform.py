"""Where JAX computes: platform and number of host devices, both to be chosen before it is first used."""

import os
import sys

import jax

NAMES = {"cpu": "cpu", "gpu": "cuda"}
"""Of platforms, as JAX calls them where one is chosen."""
_HOST_DEVICES = 8
"""Host devices to show JAX on a CPU with so many cores; as many are used as divide the number of chains."""


def configure(platform: str | None, chains: int | None) -> None:
    """Choose the platform, cpu or gpu (None: what JAX finds), and host devices for so many chains at most.

    **Raises:** `ValueError` that says who asked for a platform which is not there.
    """
    if platform:
        jax.config.update("jax_platforms", NAMES[platform])
    forced = "xla_force_host_platform_device_count" in os.environ.get("XLA_FLAGS", "")
    if not forced and "JAX_NUM_CPU_DEVICES" not in os.environ:
        jax.config.update("jax_num_cpu_devices", min(chains or _HOST_DEVICES, _HOST_DEVICES, cores()))
    try:
        jax.devices()
    except (RuntimeError, AssertionError) as error:
        raise ValueError(_not_there(platform, error)) from None


def cores() -> int:
    """How many cores this process may use."""
    return len(core_numbers())


def core_numbers() -> list[int]:
    """The cores that this process may use."""
    return sorted(os.sched_getaffinity(0)) if sys.platform == "linux" else list(range(os.cpu_count() or 1))


def _not_there(platform: str | None, error: Exception) -> str:
    """Who asked for a platform that is not there."""
    if platform:
        asked, value = "Argument `--platform`", platform
    elif value := os.environ.get("JAX_PLATFORMS"):
        asked = "Environment variable `JAX_PLATFORMS`"
    else:
        return f"JAX finds no device: {error}"
    return f"{asked} must be one that is there, but it is {value}, and JAX finds no such device."
