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
import dataclasses
import importlib.metadata
import os
import platform as host
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from matplotlib.figure import Figure
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

import nmmjax
from nmmjax import _compilation, experiments, figures, gallery, infer, ledger, models, plots, report, results
from nmmjax.fit import Fit, Settings

GOOD, USAGE, NOT_CONVERGED = 0, 2, 3
_HOST_DEVICES = 8
"""Host devices to show JAX on a CPU where the number of chains is not given; as many are used as divide it."""
_PACKAGES = ("jax", "jaxlib", "equinox", "numpyro", "optax", "arviz", "xarray", "numpy")
_CONTOUR_POINTS = 31
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
    fit.add_argument("--map-only", action="store_true", help="stop at the maximum")
    fit.add_argument("--resume", action="store_true", help="go on with an interrupted run of the same fit and options")
    fit.add_argument("--out", type=Path, help="result folder; default: results/NAME")
    fit.add_argument("--platform", choices=("cpu", "gpu"), help="default: what JAX finds")
    fit.set_defaults(run=_fit)

    listing = commands.add_parser("list", help="show models, experiments and analyses")
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
    analysis = gallery.find(options.fit)
    options.out = options.out or Path("results") / analysis.name
    out = _writable(options.out)
    console.print(f"[bold]{analysis.name}[/]: {analysis.headline}", soft_wrap=True)
    fits = gallery.build(analysis)
    finished: dict[str, results.Saved] = {}
    for hypothesis, fit in fits.items():
        name = f"{analysis.name}/{hypothesis}" if hypothesis else analysis.name
        folder = _writable(out / hypothesis)
        if options.map_only and (folder / "posterior.nc").exists():
            raise ValueError(f"Argument `--out` must hold no posterior for `--map-only`, but `{folder}` does.")
        finished[name] = _run(name, _override(fit, options), folder, options, console)
        sampling = finished[name].summary["sampling"]
        if sampling and not sampling["complete"]:
            break
    summaries = {name: saved.summary for name, saved in finished.items()}
    if len(summaries) > 1:
        console.print(report.comparison(summaries))
        _show_paths(plots.draw_together(list(finished.values()), out), console)
    return GOOD if all(summary["verdict"]["good"] for summary in summaries.values()) else NOT_CONVERGED


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


def _override(fit: Fit, options: argparse.Namespace) -> Fit:
    """The fit with the sampler settings of the command line."""
    given = {name: getattr(options, name) for name in ("chains", "samples", "warmup", "seed")}
    settings = dataclasses.replace(fit.settings, **{name: value for name, value in given.items() if value is not None})
    return dataclasses.replace(fit, settings=settings)


def _run(name: str, fit: Fit, folder: Path, options: argparse.Namespace, console: Console) -> results.Saved:
    """One fit from the search to the figures."""
    begun, compiled = time.perf_counter(), _compilation.seconds()
    with console.status(f"{name}: searching the maximum from {fit.settings.starts} starts"):
        maximum = infer.maximize(fit)
        approximation = infer.laplace(fit, maximum)
    console.print(
        f"{name}: {maximum.status.value}, ln p = {maximum.log_density:.3f} ({time.perf_counter() - begun:.1f} s)"
    )
    draws = None
    if fit.settings.sampled and not options.map_only:
        draws = _sample(name, fit, maximum, folder, options.resume, console)
    result = results.conclude(fit, maximum, approximation, draws)

    def save(limits: Sequence[infer.Limits] = (), pairs: Sequence[infer.Profile] = ()) -> None:
        times = {"wall": time.perf_counter() - begun, "compile": _compilation.seconds() - compiled}
        run = _circumstances(name, fit.settings) | {"seconds": times, "limits": [_written(limit) for limit in limits]}
        found = [*(limit.profile for limit in limits), *pairs]
        results.save(result, folder, run, results.profiles(found) if found else None)

    save()
    if fit.limits or fit.contours:
        save(*_profiles(name, fit, maximum, results.reach(result), console))
    saved = results.load(folder)
    with console.status(f"{name}: drawing"):
        drawn = plots.draw_all(saved, folder)
    console.print(report.result(saved))
    _show_paths([path for path in (folder / "summary.json", folder / "posterior.nc") if path.exists()] + drawn, console)
    return saved


def _show_paths(paths: Sequence[Path], console: Console) -> None:
    for path in paths:
        console.print(f"  {path}", soft_wrap=True)


def _sample(name: str, fit: Fit, maximum: infer.Maximum, folder: Path, resume: bool, console: Console) -> infer.Draws:
    """NUTS with a bar; Ctrl-C keeps what is drawn."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console) as bar:
        total = fit.settings.warmup + fit.settings.samples
        task = bar.add_task(f"{name}: compiling the sampler", total=total)

        def show(state: infer.Report) -> None:
            phase = "warm-up" if state.warming_up else f"sampling, {state.divergences} divergences"
            line = f"{name}: {fit.settings.chains} chains, {phase}, {state.steps:.0f} steps"
            bar.update(task, completed=state.done, description=line)

        draws = infer.sample(fit, maximum, progress=show, checkpoint=folder / "checkpoint.npz", resume=resume)
    if not draws.complete:
        console.print("interrupted: the draws so far are kept; `--resume` goes on from here", style="yellow")
    return draws


def _profiles(
    name: str, fit: Fit, maximum: infer.Maximum, reach: Mapping[str, tuple[float, float]], console: Console
) -> tuple[list[infer.Limits], list[infer.Profile]]:
    """The profiles that the fit wants: of one parameter for its limits, of two for contours."""
    limits, pairs = [], []
    for parameter in fit.limits:
        with console.status(f"{name}: profiling {parameter}"):
            limits.append(infer.limits(fit, maximum, parameter, reach[parameter]))
    grids = {label: np.linspace(low, high, _CONTOUR_POINTS) for label, (low, high) in reach.items()}
    for x, y in fit.contours:
        with console.status(f"{name}: profiling {x} and {y} on {_CONTOUR_POINTS} x {_CONTOUR_POINTS} points"):
            pairs.append(infer.profile(fit, maximum, {y: grids[y], x: grids[x]}))
    return limits, pairs


def _written(limit: infer.Limits) -> dict[str, Any]:
    """For the summary."""
    return {name: value for name, value in limit._asdict().items() if name != "profile"}


def _circumstances(name: str, settings: Settings) -> dict[str, Any]:
    """What would be needed to repeat the run."""
    return {
        "name": name,
        "date": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        "settings": dataclasses.asdict(settings),
        "versions": {"nmmjax": nmmjax.__version__}
        | {package: importlib.metadata.version(package) for package in _PACKAGES},
        "python": host.python_version(),
        "platform": {
            "backend": jax.default_backend(),
            "devices": [str(device) for device in jax.devices()],
            "machine": host.platform(),
            "float64": jnp.result_type(float) == jnp.float64,
        },
    }


# The other commands


def _list(options: argparse.Namespace, console: Console) -> int:
    for title, module, base in (("models", models, models.Model), ("experiments", experiments, experiments.Experiment)):
        classes = [getattr(module, name) for name in module.__all__]
        entries = [
            (cls.__name__, (cls.__doc__ or "").splitlines()[0], cls.reference)
            for cls in classes
            if isinstance(cls, type) and issubclass(cls, base) and cls is not base
        ]
        console.print(report.listing(title, entries))
    shipped = gallery.analyses().values()
    console.print(report.listing("analyses: nmmjax fit NAME", [(a.name, a.headline, a.paper) for a in shipped]))
    return GOOD


def _plot(options: argparse.Namespace, console: Console) -> int:
    folders = [path.parent for path in sorted(options.result.rglob("summary.json"))] or [options.result]
    loaded = {folder: results.load(folder) for folder in folders}
    for folder, saved in loaded.items():
        drawn = plots.draw_all(saved, _writable(folder))
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
        for name, fit in gallery.build(gallery.find(figures.ANALYSIS)).items():
            status.update(f"{figures.ANALYSIS}/{name}: searching the maximum from {fit.settings.starts} starts")
            solutions[name] = figures.solve(fit)
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
    found = _circumstances("doctor", Settings())
    console.print(f"backend: {found['platform']['backend']}; devices: {', '.join(found['platform']['devices'])}")
    console.print(f"float64: {'yes' if found['platform']['float64'] else 'NO (NMMJAX_FLOAT32 is set)'}")
    console.print(f"python {found['python']} on {found['platform']['machine']}, {os.cpu_count()} cores")
    for package, version in found["versions"].items():
        console.print(f"{package} {version}")
    console.print(f"analyses: {gallery.folder()}", soft_wrap=True)
    return GOOD


if __name__ == "__main__":
    sys.exit(main())
