"""What a command shows: at a terminal what is under way, elsewhere a line now and then."""

import contextlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import Progress as RichProgress

from nmmjax import infer
from nmmjax._interruption import Interruption
from nmmjax._words import plain
from nmmjax.analysis import Progress, Settings

_TENTHS = 10
"""How many lines tell of long work where no terminal shows it."""
_Item = TypeVar("_Item")


class Screen(Progress):
    """What a command shows: at a terminal what is under way, elsewhere a line now and then."""

    def __init__(self, console: Console, interruption: Interruption):
        self.console = console
        self.interruption = interruption
        self.written: list[Path] = []

    @contextlib.contextmanager
    def step(self, words: str) -> Iterator[None]:
        if self.console.is_terminal:
            with self.console.status(plain(words)):
                yield
        else:
            self.say(words)
            yield
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

    @contextlib.contextmanager
    def sampling(self, name: str, settings: Settings) -> Iterator[Callable[[infer.Report], None]]:
        begin = f"{name}: compiling the sampler"
        if not self.console.is_terminal:
            self.say(begin)
            yield self._lines(name, settings)
            return
        columns = (
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
        )
        with RichProgress(*columns, console=self.console) as bar:
            task = bar.add_task(begin, total=settings.warmup + settings.samples)
            yield lambda state: bar.update(task, completed=state.done, description=_line(name, settings, state))

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


def _tenth(done: int, total: int) -> int:
    return _TENTHS * done // total


def _line(name: str, settings: Settings, state: infer.Report) -> str:
    """How far the chains are."""
    phase = "warm-up" if state.warming_up else f"sampling, {state.divergences} divergences"
    return f"{name}: {settings.chains} chains, {phase}, {state.steps:.0f} steps"
