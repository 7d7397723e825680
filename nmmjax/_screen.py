"""What a command shows: at a terminal what is under way, elsewhere a line now and then."""

import contextlib
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    ProgressColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.progress import Progress as RichProgress
from rich.table import Column
from rich.text import Text

from nmmjax import _compilation, infer
from nmmjax._interruption import Interruption
from nmmjax._words import plain
from nmmjax.analysis import Progress, Settings

_TENTHS = 10
"""How many lines tell of long work where no terminal shows it."""
_LONG = 5.0
"""A step that takes longer [s] tells at its end how long, where no terminal shows it."""
_Item = TypeVar("_Item")


class Screen(Progress):
    """What a command shows: at a terminal what is under way, elsewhere a line now and then."""

    def __init__(self, console: Console, interruption: Interruption):
        self.console = console
        self.interruption = interruption
        self.written: list[Path] = []

    @contextlib.contextmanager
    def step(self, words: str) -> Iterator[None]:
        begun, before = time.monotonic(), _compilation.spent()
        if self.console.is_terminal:
            with self.console.status(_UnderWay(words)):  # pyright: ignore[reportArgumentType]  (any renderable)
                yield
        else:
            self.say(words)
            yield
            if time.monotonic() - begun > _LONG:
                self.say(f"{words}: {_spent(time.monotonic() - begun, before)}")
        self.interruption.check()

    def each(self, items: Sequence[_Item], words: Callable[[_Item], str]) -> Iterator[_Item]:
        """Items, while work is done on one after the other."""
        if not self.console.is_terminal:
            for done, item in enumerate(items):
                if _tenth(done, len(items)) > _tenth(done - 1, len(items)):
                    self.say(f"{words(item)} ({done} of {len(items)} done)")
                yield item
                self.interruption.check()
            return
        with self.console.status("") as status:
            for item in items:
                status.update(plain(words(item)))
                yield item
                self.interruption.check()

    def awaited(self, items: Iterator[_Item], words: str, number: int) -> Iterator[_Item]:
        """Items that come from elsewhere, one after the other."""
        for done in range(number):
            with self.step(f"{words}, {done} of {number} done"):
                item = next(items)
            yield item

    @contextlib.contextmanager
    def sampling(self, name: str, settings: Settings) -> Iterator[Callable[[infer.Report], None]]:
        begin = f"{name}: preparing the chains"
        if not self.console.is_terminal:
            self.say(begin)
            yield self._lines(name, settings)
            return
        with RichProgress(*_columns(), console=self.console) as bar:
            task = bar.add_task(begin, total=settings.warmup + settings.samples)
            yield lambda state: bar.update(
                task, completed=state.done, total=state.total, description=_line(name, settings, state)
            )

    @contextlib.contextmanager
    def counting(self, words: str, number: int) -> Iterator[Callable[..., None]]:
        """While something is done `number` times; what it gives is told how often it is done already."""
        last = 0
        if not self.console.is_terminal:
            self.say(words)

            def show(done: int, *_: int) -> None:
                nonlocal last
                if (now := _tenth(done, number)) > last:
                    self.say(f"{words}: {done} of {number}")
                last = now
                self.interruption.check()

            yield show
            return
        with RichProgress(*_columns(), console=self.console) as bar:
            task = bar.add_task(words, total=number)

            def move(done: int, *_: int) -> None:
                bar.update(task, completed=done)
                self.interruption.check()

            yield move

    @contextlib.contextmanager
    def surveying(self, words: str) -> Iterator[Callable[[infer.Surveyed], None]]:
        last = time.monotonic()

        def show(state: infer.Surveyed) -> None:
            nonlocal last
            if status is not None:
                status.update(plain(f"{words}: {_surveyed(state)}"))
            elif time.monotonic() - last > _LONG:
                self.say(f"{words}: {_surveyed(state)}")
                last = time.monotonic()
            self.interruption.check()

        if self.console.is_terminal:
            with self.console.status(plain(words)) as status:
                yield show
        else:
            status = None
            self.say(words)
            yield show
        self.interruption.check()

    def _lines(self, name: str, settings: Settings) -> Callable[[infer.Report], None]:
        last = 0

        def show(state: infer.Report) -> None:
            nonlocal last
            if (now := _tenth(state.done, state.total)) > last:
                self.say(f"{_line(name, settings, state)}: {state.done} of {state.total}")
            last = now

        return show

    def say(self, words: str) -> None:
        self.console.print(plain(words), soft_wrap=True)

    def wrote(self, paths: Sequence[Path]) -> None:
        self.written = list(dict.fromkeys([*self.written, *paths]))

    def show_paths(self, paths: Iterable[Path]) -> None:
        """One a line."""
        for path in paths:
            self.say(f"  {path}")


class _UnderWay:
    """Words, how long it has taken, and what is traced or compiled: as often as they are drawn."""

    def __init__(self, words: str):
        self._words, self._begun = words, time.monotonic()

    def __rich__(self) -> Text:
        activity = _activity()
        seconds = f"{time.monotonic() - self._begun:.0f} s"
        return Text(f"{self._words} ({seconds}{activity and ', ' + activity})")


class _ActivityColumn(ProgressColumn):
    """What is traced or compiled."""

    def render(self, task: Task) -> Text:
        del task
        return Text(_activity())


def _columns() -> tuple[ProgressColumn, ...]:
    """Of a bar: what, how far, for how long, and what is compiled."""
    return (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        _ActivityColumn(Column(no_wrap=True)),
    )


def _activity() -> str:
    """What is traced or compiled, and for how long."""
    now = _compilation.activity()
    return "" if now is None else f"{now.words}, {time.monotonic() - now.begun:.0f} s"


def _spent(wall: float, before: _compilation.Spent) -> str:
    """How long something took, and how much of that went into programs, if any."""
    spent = _compilation.spent().since(before)
    if not spent.programs:
        return f"{wall:.1f} s"
    return f"{wall:.1f} s, of which tracing {spent.tracing:.1f} s, compiling {spent.compiling:.1f} s"


def _tenth(done: int, total: int) -> int:
    return _TENTHS * done // total


def _surveyed(state: infer.Surveyed) -> str:
    """How far a survey is."""
    lost = f", {state.failed} without a maximum" if state.failed else ""
    return f"{state.points} points, {state.descents} descents{lost}"


def _line(name: str, settings: Settings, state: infer.Report) -> str:
    """How far the chains are."""
    if state.words:
        return f"{name}: {settings.chains} runs of {settings.samples} particles, {state.words}"
    phase = "warm-up" if state.warming_up else f"sampling, {state.divergences} divergences"
    return f"{name}: {settings.chains} chains, {phase}, {state.steps:.0f} steps"
