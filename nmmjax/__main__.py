"""The command line, and the only place that prints.

    nmmjax fit FIT       maximum, posterior, tables and figures of a shipped analysis or of a file of yours
    nmmjax list          models, experiments and analyses
    nmmjax plot RESULT   draw the figures of a result folder again
    nmmjax figures       draw oscillation through the Earth, in KamLAND and from the Sun
    nmmjax ledger        what the source papers print, and what comes out here
    nmmjax doctor        devices, versions and precision

Exit codes: 0 good; 2 usage, or a folder or disk that takes no more files; 3 not converged, interrupted, or a row of the
ledger that does not hold.
"""

import argparse
import contextlib
import dataclasses
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import jax
from matplotlib.figure import Figure
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import Progress as RichProgress

import nmmjax
from nmmjax import _environment, experiments, figures, gallery, infer, ledger, models, plots, report, results
from nmmjax._files import locked, writable
from nmmjax._interruption import ONE_SIGNAL, SIGNALS, Interruption
from nmmjax.analysis import Analysis, Progress, Settings, run
from nmmjax.report import plain
from nmmjax.results import Result

GOOD, USAGE, NOT_CONVERGED = 0, 2, 3
_HOST_DEVICES = 8
"""Host devices to show JAX on a CPU with so many cores; as many are used as divide the number of chains."""
_NARROWEST = 100
"""Columns that tables need; a narrower terminal wraps their lines rather than lose digits."""
_TENTHS = 10
"""How many lines tell of long work where no terminal shows it."""
_Item = TypeVar("_Item")


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code."""
    options = _parser().parse_args(arguments)
    console = Console(highlight=False)
    console.width = max(console.width, _NARROWEST)
    with Interruption() as interruption:
        try:
            return options.run(options, _Screen(console, interruption))
        except (ValueError, FloatingPointError) as error:
            _complain(str(error))
            return NOT_CONVERGED if isinstance(error, FloatingPointError) else USAGE
        except OSError as error:
            _complain(f"{error}; {_kept(options)}" if "out" in options else str(error))
            return USAGE
        except KeyboardInterrupt:
            _complain(f"interrupted; {_kept(options)}")
            return NOT_CONVERGED


def command() -> NoReturn:
    """The process of one command: a second Ctrl-C or SIGTERM ends it at once, even while it compiles."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # pyright: ignore[reportAttributeAccessIssue]
    sys.unraisablehook = _not_lost
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    threading.Thread(target=_end_at_the_second, args=(reader,), daemon=True).start()
    _leave(main())


def _not_lost(swallowed: Any) -> None:
    """Tell of exceptions that Python could not raise, but of an interruption: that is raised again after the step."""
    if not issubclass(swallowed.exc_type, KeyboardInterrupt):
        sys.__unraisablehook__(swallowed)


def _end_at_the_second(signals: int) -> None:
    """Watch for signals where Python itself cannot, while it waits for compiled code."""
    first = None
    while number := os.read(signals, 1):
        if number[0] not in SIGNALS:
            continue
        now = time.monotonic()
        first = now if first is None else first
        if now - first > ONE_SIGNAL:
            Console().show_cursor()
            _leave(NOT_CONVERGED)


def _leave(code: int) -> NoReturn:
    """End at once: threads of XLA may still be at work, and a signal must not change the code of what is finished."""
    _environment.tidy()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError):
            stream.flush()
    os._exit(code)


def _complain(words: str) -> None:
    Console(stderr=True, highlight=False).print(plain(f"nmmjax: {words}"), style="red", soft_wrap=True)


def _kept(options: argparse.Namespace) -> str:
    """What a command that was cut leaves behind."""
    out = getattr(options, "out", None)
    if out is None or not any(path.is_file() for path in out.rglob("*")):
        return "nothing had been saved yet"
    if any(out.rglob("checkpoint.npz")):
        return f"`{out}` keeps what was finished, and `--resume` goes on with warm-up and draws"
    return f"`{out}` keeps what was finished"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="nmmjax", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--version", action="version", version=f"nmmjax {nmmjax.__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    fit = commands.add_parser("fit", help="fit a shipped analysis, or a file of yours")
    fit.add_argument("fit", metavar="FIT", help="a name that `nmmjax list` shows, or a path to a .py file")
    fit.add_argument("--chains", type=_positive, help="default: as the fit says")
    fit.add_argument("--samples", type=_positive, help="draws per chain after warm-up; default: as the fit says")
    fit.add_argument("--warmup", type=_positive, help="default: as the fit says")
    fit.add_argument("--seed", type=int, help="default: as the fit says")
    fit.add_argument("--level", type=float, help="confidence level of intervals and limits, such as 0.95; default: 0.9")
    fit.add_argument("--map-only", action="store_true", help="stop at the maximum")
    fit.add_argument("--resume", action="store_true", help="go on with an interrupted run of the same fit and options")
    fit.add_argument("--out", type=Path, help="result folder; default: results/NAME")
    fit.add_argument("--platform", choices=("cpu", "gpu"), help="default: what JAX finds")
    fit.set_defaults(run=_fit)

    listing = commands.add_parser("list", help="show models, experiments and analyses")
    listing.add_argument("file", metavar="FILE", nargs="?", help="show what a .py file of yours defines instead")
    listing.set_defaults(run=_list, platform=None, chains=None)

    plot = commands.add_parser("plot", help="draw the figures of a result folder again")
    plot.add_argument("result", metavar="RESULT", type=Path)
    plot.set_defaults(run=_plot)

    engine = commands.add_parser(
        "figures", help="draw moments over masses, oscillation through the Earth, in KamLAND and from the Sun"
    )
    engine.add_argument("--out", type=Path, default=Path("results/figures"), help="folder; default: results/figures")
    engine.add_argument("--format", choices=("png", "pdf", "svg"), default="png", help="default: png")
    engine.add_argument("--points", type=_positive, default=300, help="along each axis of a map; default: 300")
    engine.add_argument("--platform", choices=("cpu", "gpu"), help="default: what JAX finds")
    engine.set_defaults(run=_figures, chains=None)

    papers = commands.add_parser("ledger", help="compute again what the source papers print, and show both")
    papers.add_argument("--document", metavar="NAME", help=f"one of {', '.join(ledger.DOCUMENTS)}; default: all")
    papers.set_defaults(run=_ledger, platform=None, chains=None)

    doctor = commands.add_parser("doctor", help="show devices, versions and precision")
    doctor.set_defaults(run=_doctor, platform=None, chains=None)
    return parser


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"must be a positive integer, but it is {value}")
    return value


class _Screen(Progress):
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


# nmmjax fit


def _fit(options: argparse.Namespace, screen: _Screen) -> int:
    _configure_jax(options)
    entry = gallery.find(options.fit)
    options.out = options.out or Path("results") / entry.name
    writable("--out", options.out)
    screen.say(f"{entry.name}: {entry.headline}")
    with gallery.neighbors(entry):
        built = {hypothesis: _override(analysis, options) for hypothesis, analysis in gallery.build(entry).items()}
        several = set(built) != {""}
        with locked(options.out) if several else contextlib.nullcontext():
            found = list(_answers(entry, built, options, screen))
    if len(found) > 1:
        screen.console.print(report.comparison(found))
        screen.show_paths(plots.draw_together(found, options.out))
    return GOOD if all(result.good for result in found) else NOT_CONVERGED


def _answers(
    entry: gallery.Entry, built: dict[str, Analysis], options: argparse.Namespace, screen: _Screen
) -> Iterator[Result]:
    """The result of each hypothesis, shown; none after one that was interrupted."""
    sampled, resume = not options.map_only, options.resume
    for hypothesis, analysis in built.items():
        name, folder = f"{entry.name}/{hypothesis}".rstrip("/"), writable("--out", options.out / hypothesis)
        screen.written = []
        result = run(analysis, folder, name=name, resume=resume, sampled=sampled, file=entry.path, progress=screen)
        screen.console.print(report.result(result))
        screen.show_paths(screen.written)
        yield result
        if result.sampling and not result.sampling.complete:
            return


def _configure_jax(options: argparse.Namespace) -> None:
    """Platform and number of host devices; both must be known before JAX is first used."""
    if options.platform:
        jax.config.update("jax_platforms", {"cpu": "cpu", "gpu": "cuda"}[options.platform])
    forced = "xla_force_host_platform_device_count" in os.environ.get("XLA_FLAGS", "")
    if not forced and "JAX_NUM_CPU_DEVICES" not in os.environ:
        jax.config.update("jax_num_cpu_devices", min(options.chains or _HOST_DEVICES, _HOST_DEVICES, _cores()))
    try:
        jax.devices()
    except (RuntimeError, AssertionError) as error:
        raise ValueError(_no_platform(options, error)) from None


def _cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def _no_platform(options: argparse.Namespace, error: Exception) -> str:
    """Who asked for a platform that is not there."""
    if options.platform:
        asked, value = "Argument `--platform`", options.platform
    elif value := os.environ.get("JAX_PLATFORMS"):
        asked = "Environment variable `JAX_PLATFORMS`"
    else:
        return f"JAX finds no device: {error}"
    return f"{asked} must be one that is there, but it is {value}, and JAX finds no such device."


def _override(analysis: Analysis, options: argparse.Namespace) -> Analysis:
    """The analysis with the settings of the command line."""
    given = {name: getattr(options, name) for name in ("chains", "samples", "warmup", "seed")}
    changed = {name: value for name, value in given.items() if value is not None}
    settings = dataclasses.replace(analysis.settings, **changed)
    level = analysis.level if options.level is None else options.level
    return dataclasses.replace(analysis, settings=settings, level=level)


# The other commands


def _list(options: argparse.Namespace, screen: _Screen) -> int:
    """Of the package, or of one analysis file."""
    if options.file is not None:
        _configure_jax(options)
    entry = None if options.file is None else gallery.find(options.file)
    for title, module, base in (("models", models, models.Model), ("experiments", experiments, experiments.Experiment)):
        exported = [getattr(module, name) for name in module.__all__]
        shipped = [cls for cls in exported if isinstance(cls, type) and issubclass(cls, base) and cls is not base]
        classes = shipped if entry is None else gallery.outside(entry, base)
        lines = [(cls.__name__, (cls.__doc__ or "").partition("\n")[0], cls.reference) for cls in classes]
        screen.console.print(report.listing(title, lines))
    analyses = gallery.analyses().values() if entry is None else [entry]
    lines = [(a.name, a.headline, a.paper) for a in analyses]
    screen.console.print(report.listing("analyses: nmmjax fit NAME", lines))
    return GOOD


def _plot(options: argparse.Namespace, screen: _Screen) -> int:
    folders = [path.parent for path in sorted(options.result.rglob("summary.json"))] or [options.result]
    loaded = {folder: results.load(folder) for folder in folders}
    for folder, result in loaded.items():
        with screen.step(f"{folder}: drawing"):
            drawn = plots.draw_all(result, writable("RESULT", folder))
        if not drawn:
            screen.say(f"{folder}: nothing was sampled, so there is nothing to draw")
        screen.show_paths(drawn)
    if len(loaded) > 1:
        screen.show_paths(plots.draw_together(list(loaded.values()), options.result))
    return GOOD


def _figures(options: argparse.Namespace, screen: _Screen) -> int:
    """Those that need no fit first."""
    _configure_jax(options)
    out = writable("--out", options.out)
    begun = time.perf_counter()

    def show(name: str, draw: Callable[[], Figure]) -> None:
        with screen.step(f"{name}: drawing"):
            path = plots.write(draw(), out / f"{name}.{options.format}")
        screen.say(f"  {path} ({time.perf_counter() - begun:.0f} s)")

    for name, unaided in figures.PLAIN.items():
        show(name, unaided)
    for name, of_earth in figures.MAPS.items():
        show(name, partial(of_earth, options.points))
    solutions = {}
    for name, analysis in gallery.build(gallery.find(figures.ANALYSIS)).items():
        with screen.step(f"{figures.ANALYSIS}/{name}: searching the maximum from {analysis.settings.starts} starts"):
            solutions[name] = figures.solve(analysis.fit)
    for name, of_fits in figures.FITTED.items():
        show(name, partial(of_fits, solutions))
    return GOOD


def _ledger(options: argparse.Namespace, screen: _Screen) -> int:
    rows = ledger.rows(options.document)
    _configure_jax(options)
    outcomes = [ledger.recompute(row) for row in screen.each(rows, lambda row: f"{row.document}: {row.where}")]
    screen.console.print(report.ledger(outcomes))
    failed = [outcome.row.id for outcome in outcomes if not outcome.holds]
    if failed:
        words = plain(f"rows that do not hold: {', '.join(failed)}")
        screen.console.print(words, style="bold red", soft_wrap=True)
    return NOT_CONVERGED if failed else GOOD


def _doctor(options: argparse.Namespace, screen: _Screen) -> int:
    _configure_jax(options)
    found = results.run_record("doctor", Settings())
    screen.say(f"backend: {found.platform.backend}; devices: {', '.join(found.platform.devices)}")
    screen.say(f"float64: {'yes' if found.platform.float64 else 'NO (the variable NMMJAX_FLOAT32 asks for float32)'}")
    screen.say(f"python {found.python} on {found.platform.machine}, {_cores()} of {os.cpu_count()} cores")
    for package, version in found.versions.items():
        screen.say(f"{package} {version}")
    screen.say(f"cache: {_environment.cache()}{' (for this process)' if _environment.cache_is_temporary() else ''}")
    screen.say(f"analyses: {gallery.folder()}")
    return GOOD


if __name__ == "__main__":
    command()
