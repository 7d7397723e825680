"""Ctrl-C and SIGTERM at any moment: what was finished is there, and a resumed run ends as one that was never cut."""

import contextlib
import os
import signal

import pytest

from nmmjax import _interruption
from nmmjax._interruption import Interruption

BOTH = (signal.SIGINT, signal.SIGTERM)


@pytest.fixture(autouse=True)
def each_signal_counts(monkeypatch):
    """However fast one follows the other."""
    monkeypatch.setattr(_interruption, "ONE_SIGNAL", 0.0)


@pytest.mark.parametrize("number", BOTH)
def test_both_signals_raise_and_handlers_come_back(number):
    before = [signal.getsignal(n) for n in BOTH]
    with pytest.raises(KeyboardInterrupt), Interruption(), Interruption() as inner:
        signal.raise_signal(number)
    assert inner.heard
    assert [signal.getsignal(n) for n in BOTH] == before


def test_what_was_swallowed_is_raised_until_it_is_heeded():
    with Interruption() as interruption:
        interruption.check()
        for _ in range(2):
            with contextlib.suppress(KeyboardInterrupt):  # as a callback of compiled code may
                signal.raise_signal(signal.SIGTERM)
            with pytest.raises(KeyboardInterrupt):
                interruption.check()
            interruption.taken()
            interruption.check()


def test_the_first_waits_for_the_end_and_the_second_does_not():
    finished = []
    with Interruption() as interruption:
        with interruption.deferred():
            signal.raise_signal(signal.SIGTERM)
            finished.append("first")
        with pytest.raises(KeyboardInterrupt):
            interruption.check()
        with pytest.raises(KeyboardInterrupt), interruption.deferred():
            signal.raise_signal(signal.SIGTERM)
    assert finished == ["first"]


def test_one_signal_that_comes_twice_is_one(monkeypatch):
    """To a group of processes, and through a parent."""
    monkeypatch.setattr(_interruption, "ONE_SIGNAL", 60.0)
    with Interruption() as interruption, interruption.deferred():
        for _ in range(2):
            os.kill(os.getpid(), signal.SIGTERM)
        assert interruption.heard
        interruption.taken()


def test_handlers_of_others_and_ignored_signals_stay():
    """Shells let what they start in the background ignore Ctrl-C."""
    before = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        with Interruption() as interruption:
            signal.raise_signal(signal.SIGTERM)
            assert not interruption.heard
    finally:
        signal.signal(signal.SIGTERM, before)
