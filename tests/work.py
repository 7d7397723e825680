"""What workers of the tests do: functions of a module that they can only have from the test's process."""

import os
import time
from pathlib import Path

SECRET = 42


def plus(shared, unit):
    """The sum, and the process that computed it."""
    return shared + unit, os.getpid()


def slowly(shared, unit):
    time.sleep(shared)
    return unit


def fails_at_three(shared, unit):
    """Always; every other unit is doubled."""
    if unit == 3:
        raise ArithmeticError("three is too much\nfor me")
    return 2 * unit


def fails_once(folder, unit):
    """At the first attempt of each unit."""
    mark = Path(folder) / str(unit)
    if not mark.exists():
        mark.write_text("")
        raise OSError("not yet")
    return unit


def fails(shared, unit):
    raise ArithmeticError("never")


def takes_its_worker_with_it(shared, unit):
    """At one unit."""
    if unit == shared:
        os._exit(1)
    return unit
