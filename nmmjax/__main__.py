"""The command line, and the only place that prints.

    nmmjax fit FIT       maximum, posterior, tables and figures of a shipped analysis or of a file of yours
    nmmjax list          models, experiments and analyses
    nmmjax plot RESULT   draw the figures of a result folder again
    nmmjax figures       draw oscillation through the Earth, in KamLAND and from the Sun
    nmmjax ledger        what the source papers print, and what comes out here
    nmmjax doctor        devices, versions and precision

Exit codes: 0 good, 2 usage, 3 not converged (or a row of the ledger that does not hold).
"""

import argparse
import contextlib
import dataclasses
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import Any

import jax
from matplotlib.figure import Figure
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import Progress as RichProgress

import nmmjax
from nmmjax import experiments, figures, gallery, infer, ledger, models, plots, report, results
from nmmjax.analysis import Analysis, Progress, Settings, run
from nmmjax.results import Result

GOOD, USAGE, NOT_CONVERGED = 0, 2, 3
_HOST_DEVICES = 8
"""Host devices to show JAX on a CPU where the number of chains is not given; as many are used as divide it."""
_NARROWEST = 100
"""Columns that tables need; a narrower terminal wraps their lines rather than lose digits."""


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code."""
    options = _parser().parse_args(arguments)
    console = Console(highlight=False)
    console.width = max(console.width, _NARROWEST)
    try:
        return options.run(options, console)
    except (ValueError, FloatingPointError, OSError) as error:
        Console(stderr=True, highlight=False).print(f"nmmjax: {error}", style="red", markup=False, soft_wrap=True)
        return NOT_CONVERGED if isinstance(error, FloatingPointError) else USAGE
    except KeyboardInterrupt:
        words = f"nmmjax: interrupted; {_kept(options)}"
        Console(stderr=True, highlight=False).print(words, style="red", markup=False, soft_wrap=True)
        return NOT_CONVERGED


def _kept(options: argparse.Namespace) -> str:
    """What an interrupted command leaves behind."""
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
    listing.set_defaults(run=_list)

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
    papers.set_defaults(run=_ledger)

    doctor = commands.add_parser("doctor", help="show devices, versions and precision")
    doctor.set_defaults(run=_doctor, platform=None, chains=None)
    return parser


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"must be a positive integer, but it is {value}")
    return value


# nmmjax fit


def _fit(options: argparse.Namespace, console: Console) -> int:
    _configure_jax(options)
    entry = gallery.find(options.fit)
    options.out = options.out or Path("results") / entry.name
    out = _writable(options.out)
    console.print(f"[bold]{entry.name}[/]: {entry.headline}", soft_wrap=True)
    built = {hypothesis: _override(analysis, options) for hypothesis, analysis in gallery.build(entry).items()}
    found: list[Result] = []
    for hypothesis, analysis in built.items():
        name, folder = f"{entry.name}/{hypothesis}".rstrip("/"), _writable(out / hypothesis)
        progress, sampled = _Shown(console), not options.map_only
        result = run(
            analysis, folder, name=name, resume=options.resume, sampled=sampled, file=entry.path, progress=progress
        )
        console.print(report.result(result))
        _show_paths(progress.written, console)
        found.append(result)
        if result.sampling and not result.sampling.complete:
            break
    if len(found) > 1:
        console.print(report.comparison(found))
        _show_paths(plots.draw_together(found, out), console)
    return GOOD if all(result.good for result in found) else NOT_CONVERGED


class _Shown(Progress):
    """A run, shown at a terminal."""

    def __init__(self, console: Console):
        self.console = console
        self.written: list[Path] = []

    def step(self, words: str) -> AbstractContextManager[Any]:
        return self.console.status(words)

    @contextlib.contextmanager
    def sampling(self, name: str, settings: Settings) -> Iterator[Callable[[infer.Report], None]]:
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
        )
        with RichProgress(*columns, console=self.console) as bar:
            task = bar.add_task(f"{name}: compiling the sampler", total=settings.warmup + settings.samples)

            def show(state: infer.Report) -> None:
                phase = "warm-up" if state.warming_up else f"sampling, {state.divergences} divergences"
                line = f"{name}: {settings.chains} chains, {phase}, {state.steps:.0f} steps"
                bar.update(task, completed=state.done, description=line)

            yield show

    def say(self, words: str) -> None:
        self.console.print(words)

    def wrote(self, paths: Sequence[Path]) -> None:
        self.written = list(dict.fromkeys([*self.written, *paths]))


def _configure_jax(options: argparse.Namespace) -> None:
    """Platform and number of host devices; both must be known before JAX is first used."""
    if options.platform:
        jax.config.update("jax_platforms", {"cpu": "cpu", "gpu": "cuda"}[options.platform])
    if "xla_force_host_platform_device_count" not in os.environ.get("XLA_FLAGS", ""):
        jax.config.update("jax_num_cpu_devices", options.chains or _HOST_DEVICES)
    try:
        jax.devices()
    except (RuntimeError, AssertionError):
        but = f"it is {options.platform}, and JAX finds no such device"
        raise ValueError(f"Argument `--platform` must be one that is there, but {but}.") from None


def _writable(folder: Path) -> Path:
    """Make a folder and prove that files can be made in it, before any work is done."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        raise ValueError(f"Argument `--out` must be a folder that can be written, but {error}.") from None
    return folder


def _override(analysis: Analysis, options: argparse.Namespace) -> Analysis:
    """The analysis with the settings of the command line."""
    given = {name: getattr(options, name) for name in ("chains", "samples", "warmup", "seed")}
    changed = {name: value for name, value in given.items() if value is not None}
    settings = dataclasses.replace(analysis.settings, **changed)
    level = analysis.level if options.level is None else options.level
    return dataclasses.replace(analysis, settings=settings, level=level)


def _show_paths(paths: Sequence[Path], console: Console) -> None:
    for path in paths:
        console.print(f"  {path}", soft_wrap=True)


# The other commands


def _list(options: argparse.Namespace, console: Console) -> int:
    """Of the package, or of one analysis file."""
    entry = None if options.file is None else gallery.find(options.file)
    for title, module, base in (("models", models, models.Model), ("experiments", experiments, experiments.Experiment)):
        exported = [getattr(module, name) for name in module.__all__]
        shipped = [cls for cls in exported if isinstance(cls, type) and issubclass(cls, base) and cls is not base]
        classes = shipped if entry is None else gallery.outside(entry, base)
        lines = [(cls.__name__, (cls.__doc__ or "").partition("\n")[0], cls.reference) for cls in classes]
        console.print(report.listing(title, lines))
    analyses = gallery.analyses().values() if entry is None else [entry]
    console.print(report.listing("analyses: nmmjax fit NAME", [(a.name, a.headline, a.paper) for a in analyses]))
    return GOOD


def _plot(options: argparse.Namespace, console: Console) -> int:
    folders = [path.parent for path in sorted(options.result.rglob("summary.json"))] or [options.result]
    loaded = {folder: results.load(folder) for folder in folders}
    for folder, result in loaded.items():
        drawn = plots.draw_all(result, _writable(folder))
        if not drawn:
            console.print(f"{folder}: nothing was sampled, so there is nothing to draw")
        _show_paths(drawn, console)
    if len(loaded) > 1:
        _show_paths(plots.draw_together(list(loaded.values()), options.result), console)
    return GOOD


def _figures(options: argparse.Namespace, console: Console) -> int:
    """Those that need no fit first."""
    _configure_jax(options)
    out = _writable(options.out)
    begun = time.perf_counter()

    def show(name: str, draw: Callable[[], Figure]) -> None:
        with console.status(f"{name}: drawing"):
            path = plots.write(draw(), out / f"{name}.{options.format}")
        console.print(f"  {path} ({time.perf_counter() - begun:.0f} s)", soft_wrap=True)

    for name, plain in figures.PLAIN.items():
        show(name, plain)
    for name, of_earth in figures.MAPS.items():
        show(name, partial(of_earth, options.points))
    solutions = {}
    with console.status(f"{figures.ANALYSIS}: searching the maxima") as status:
        for name, analysis in gallery.build(gallery.find(figures.ANALYSIS)).items():
            status.update(f"{figures.ANALYSIS}/{name}: searching the maximum from {analysis.settings.starts} starts")
            solutions[name] = figures.solve(analysis.fit)
    for name, of_fits in figures.FITTED.items():
        show(name, partial(of_fits, solutions))
    return GOOD


def _ledger(options: argparse.Namespace, console: Console) -> int:
    rows = ledger.rows(options.document)
    outcomes = []
    with console.status("ledger") as status:
        for row in rows:
            status.update(f"{row.document}: {row.where}")
            outcomes.append(ledger.recompute(row))
    console.print(report.ledger(outcomes))
    failed = [outcome.row.id for outcome in outcomes if not outcome.holds]
    if failed:
        console.print(f"rows that do not hold: {', '.join(failed)}", style="bold red", soft_wrap=True)
    return NOT_CONVERGED if failed else GOOD


def _doctor(options: argparse.Namespace, console: Console) -> int:
    _configure_jax(options)
    found = results.run_record("doctor", Settings())
    console.print(f"backend: {found.platform.backend}; devices: {', '.join(found.platform.devices)}")
    console.print(f"float64: {'yes' if found.platform.float64 else 'NO (NMMJAX_FLOAT32 is set)'}")
    console.print(f"python {found.python} on {found.platform.machine}, {os.cpu_count()} cores")
    for package, version in found.versions.items():
        console.print(f"{package} {version}")
    console.print(f"analyses: {gallery.folder()}", soft_wrap=True)
    return GOOD


if __name__ == "__main__":
    sys.exit(main())
