"""Where JAX computes: platform and number of host devices, both to be chosen before it is first used."""

import os
import sys
from typing import NamedTuple

import jax

NAMES = {"cpu": "cpu", "gpu": "cuda"}
"""Of platforms, as JAX calls them where one is chosen."""
_PATIENCE = 300
"""Seconds in which all processes of a job have come."""
_HOST_DEVICES = 8
"""Host devices to show JAX on a CPU with so many cores; as many are used as divide the number of chains."""


class Job(NamedTuple):
    """Processes that share the chains of one run; what is None follows from the environment of Slurm or Open MPI."""

    coordinator: str | None = None
    """HOST:PORT at which the first process listens."""
    processes: int | None = None
    process: int | None = None
    """The number of this one, from zero."""


def join(job: Job) -> None:
    """Let this process and the others of a job see each other's devices; before JAX is first used.

    **Raises:** `ValueError` where the environment does not tell which processes there are, or they do not come.
    """
    jax.config.update("jax_cpu_collectives_implementation", "gloo")
    jax.config.update("jax_enable_preemption_service", False)  # which would take SIGTERM for itself
    given = {"coordinator_address": job.coordinator, "num_processes": job.processes, "process_id": job.process}
    if job.processes is not None and job.process is not None and not 0 <= job.process < job.processes:
        raise ValueError(f"Argument `--process` must be one of 0 to {job.processes - 1}, but it is {job.process}.")
    try:
        jax.distributed.initialize(**given, initialization_timeout=_PATIENCE)
    except (ValueError, RuntimeError) as error:
        must = "must be in a job of Slurm or Open MPI, or have `--coordinator HOST:PORT --processes N --process I`"
        raise ValueError(f"A command with `--distributed` {must}, but {str(error).splitlines()[0]}") from None


def part() -> None:
    """Wait for the other processes of a job, so that none ends while another needs it."""
    if jax.process_count() > 1:
        jax.distributed.shutdown()


def configure(platform: str | None, chains: int | None, job: Job | None = None) -> None:
    """Choose the platform, cpu or gpu (None: what JAX finds), and host devices for so many chains at most.

    **Raises:** `ValueError` that says who asked for a platform which is not there.
    """
    if platform:
        jax.config.update("jax_platforms", NAMES[platform])
    if job is not None:
        join(job)
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
