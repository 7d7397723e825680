"""What an executor is: units of independent work in, their results out as they finish."""

import contextlib
from collections.abc import Callable, Generator, Sequence
from typing import Any, NamedTuple, Protocol

_HOPELESS = 3
"""So many units that fail, where none has succeeded, end a run."""


class Finished(NamedTuple):
    """The result of one unit."""

    unit: int
    """Its place among the units."""
    result: Any


class Failed(NamedTuple):
    """A unit that has failed twice."""

    unit: int
    reason: str
    error: BaseException


Outcomes = Generator[Finished | Failed, None, None]
"""Of units, as they finish."""


class UnfinishedError(RuntimeError):
    """Every unit that was tried has failed."""


class Executor(Protocol):
    """Where units of independent work are done: toys, rows of a grid, hypotheses.

    A unit is a batch, sized for one device. What is random in it follows from the unit alone, so that results depend
    neither on the number of workers nor on their order.
    """

    @property
    def platform(self) -> str:
        """Of the devices that compute, as JAX calls it: cpu or gpu."""
        ...

    def run(self, function: Callable[[Any, Any], Any], shared: Any, units: Sequence[Any]) -> Outcomes:
        """function(shared, unit) of each unit, in the order in which they finish.

        **Arguments:** a function of a module; what all units share; the units. All can be pickled where processes
        other than this one take part. A unit that fails is tried once more.

        **Raises:** `UnfinishedError` where the first units fail and none succeeds.
        """
        ...


def hopeful(outcomes: Outcomes) -> Outcomes:
    """The same outcomes, as long as there is hope.

    **Raises:** `UnfinishedError` where several units have failed and none has succeeded, or none at all succeeds.
    """
    failed, none_yet = [], True
    with contextlib.closing(outcomes):
        for outcome in outcomes:
            if isinstance(outcome, Finished):
                none_yet = False
            else:
                failed.append(outcome)
            if none_yet and len(failed) >= _HOPELESS:
                break
            yield outcome
    if none_yet and failed:
        raise UnfinishedError(f"No batch of work succeeds: {failed[-1].reason}") from failed[-1].error


def reason(error: BaseException) -> str:
    """An error in one line."""
    lines = str(error).strip().splitlines() or [""]
    return f"{type(error).__name__}: {lines[0]}".rstrip(": ")
