"""The command line, and the only place that prints.

    nmmjax fit FIT          maximum, posterior, tables and figures of a shipped analysis or of a file of yours
    nmmjax profile FIT NAME profile likelihood of one or two numbers, sampled or derived
    nmmjax check FIT        before a long run: is all defined and seen by data, what will it take
    nmmjax toys FIT         simulated experiments, fitted again: coverage, p-values, bands of Feldman and Cousins
    nmmjax forecast FIT     what planned exposure is expected to bring: errors, limits, significances
    nmmjax calibrate FIT    whether posteriors of simulated data cover what is true in them
    nmmjax list             models, experiments and analyses
    nmmjax plot RESULT      draw the figures of a result folder again
    nmmjax compare RESULT   hypotheses side by side: chi^2, evidences and Bayes factors
    nmmjax figures          draw oscillation through the Earth, in KamLAND and from the Sun
    nmmjax ledger           what the source papers print, and what comes out here
    nmmjax benchmark        how quick all of this is on this machine, beside other codes
    nmmjax doctor           devices, versions and precision

Exit codes: 0 good; 2 usage, or a folder or disk that takes no more files; 3 not converged, interrupted, something wrong
in a check, a row of the ledger that does not hold, or a benchmark that is not as accurate or quick as claimed.
"""

import argparse
import contextlib
import math
import os
import re
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any, NoReturn

from nmmjax import _environment
from nmmjax._interruption import ONE_SIGNAL, SIGNALS, Interruption
from nmmjax._version import __version__

GOOD, USAGE, NOT_CONVERGED = 0, 2, 3
_TOYS = """examples:
  nmmjax toys dayabay_theta13 --number 1000 --parameter sin2_theta13 dm3l
  nmmjax toys dayabay_theta13 --at sin2_theta13=0.02 --parameter sin2_theta13,dm3l
  nmmjax toys dayabay_theta13 --number 300 --band sin2_theta13=0.019:0.025:13 --level 0.683
  nmmjax toys dayabay_theta13 --number 100 --band sin2_theta13=0.019:0.025:7,dm3l=2.35e-3:2.75e-3:7
  nmmjax toys xenonnt_moment --hypothesis flat_in_square --number 1000 --scan moment=0:1e-11:6
  nmmjax toys eta_singlet_1988 --number 500 --test literal_one literal_three"""
_FORECAST = """\
Data without fluctuations, as they are expected at a true point (Asimov), take the place of the data, with so many times
the present exposure. Shows errors by Fisher's information beside intervals by the profile likelihood, upper limits, and
the significance of a discovery. Writes forecast.csv, forecast.json, forecast.png and a figure for each pair of numbers.

examples:
  nmmjax forecast dayabay_theta13 --exposure daya_bay_2022=1,2,5,10,100
  nmmjax forecast xenonnt_moment --hypothesis flat_in_square --at moment=0 --exposure xenonnt_2022=1,10,100
  nmmjax forecast xenonnt_moment --hypothesis flat_in_square --at moment=6e-12 --null moment=0
"""
_CALIBRATE = """\
Several analyses are calibrated one after the other, each in a folder of its own, and then shown in one table,
calibrations.csv, and one figure, calibrations.png.

examples:
  nmmjax calibrate dayabay_theta13 --number 300
  nmmjax calibrate grimus_lavoura_2000 xenon1t_moment --number 100 --out results/calibrate --resume"""
_NEGATIVE = re.compile(r"^-(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$")
_PROFILE = """\
Maximize the posterior over everything but one or two numbers, and follow -2 ln of what is left. Derived numbers are
held by an augmented Lagrangian. The lattice is refined where contours run. Writes NAMES.csv (with all other parameters
along the curve), NAMES.png and NAMES.checkpoint.npz.

example:
  nmmjax profile grimus_lavoura_2000 scalar_mass --range 1e14 1e16
  nmmjax profile three_flavor_nufit sin2_theta23 delta_cp --hypothesis normal --points 9
"""
_CHECK = """\
Is the density finite in the prior, and which experiment is at fault where it is not? Are gradients those of
differences? Which parameters does no datum see, on which does the prior decide? What does an evaluation cost, and a
run? Exits with code 3 where something is wrong.

example:
  nmmjax check grimus_lavoura_2000
"""
_PAPERS = Path(__file__).parent / "ledger"


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code; what it needs is imported when the command line has been read."""
    options = _parser().parse_args(arguments)
    with Interruption() as interruption:
        try:
            return _run(options, interruption)
        except (ValueError, FloatingPointError) as error:
            _complain(str(error))
            return NOT_CONVERGED if isinstance(error, FloatingPointError) else USAGE
        except OSError as error:
            _complain(f"{error}; {_kept(options)}" if "out" in options else str(error))
            return USAGE
        except KeyboardInterrupt:
            _complain(f"interrupted; {_kept(options)}")
            return NOT_CONVERGED


def _run(options: argparse.Namespace, interruption: Interruption) -> int:
    _environment.single_precision()
    from nmmjax import _commands

    good = _commands.COMMANDS[options.command](options, _commands.screen(interruption))
    return GOOD if good else NOT_CONVERGED


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
            from rich.console import Console

            Console().show_cursor()
            _leave(NOT_CONVERGED)


def _leave(code: int) -> NoReturn:
    """End at once: threads of XLA may still be at work, and a signal must not change the code of what is finished."""
    _environment.finish()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError):
            stream.flush()
    os._exit(code)


def _complain(words: str) -> None:
    from rich.console import Console

    from nmmjax._words import plain

    Console(stderr=True, highlight=False).print(plain(f"nmmjax: {words}"), style="red", soft_wrap=True)


def _kept(options: argparse.Namespace) -> str:
    """What a command that was cut leaves behind."""
    out = getattr(options, "out", None)
    if out is None or not any(path.is_file() for path in out.rglob("*")):
        return "nothing had been saved yet"
    if any(any(out.rglob(f"{name}.npz")) for name in ("toys*", "calibration", "forecast")):
        return f"`{out}` keeps what was finished, and `--resume` adds to it"
    if any(out.rglob("*.checkpoint.npz")):
        return f"`{out}` keeps what was finished, and `--resume` goes on from there"
    if any(out.rglob("checkpoint.npz")):
        return f"`{out}` keeps what was finished, and `--resume` goes on with warm-up and draws"
    return f"`{out}` keeps what was finished"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="nmmjax", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--version", action="version", version=f"nmmjax {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)

    fit = commands.add_parser("fit", help="fit a shipped analysis, or a file of yours")
    fit.add_argument("fit", metavar="FIT", help="a name that `nmmjax list` shows, or a path to a .py file")
    fit.add_argument("--chains", type=_positive, help="default: as the fit says")
    fit.add_argument("--samples", type=_positive, help="draws per chain after warm-up; default: as the fit says")
    fit.add_argument("--warmup", type=_positive, help="default: as the fit says")
    fit.add_argument("--sampler", choices=("nuts", "smc"), help="smc for posteriors of several modes; default: nuts")
    fit.add_argument("--seed", type=int, help="default: as the fit says")
    fit.add_argument("--level", type=float, help="confidence level of intervals and limits, such as 0.95; default: 0.9")
    fit.add_argument("--map-only", action="store_true", help="stop at the maximum")
    fit.add_argument("--resume", action="store_true", help="go on with an interrupted run of the same fit and options")
    fit.add_argument("--out", type=Path, help="result folder; default: results/NAME")
    fit.add_argument("--platform", choices=("cpu", "gpu"), help="default: what JAX finds")

    toys = commands.add_parser(
        "toys",
        help="simulate an analysis and fit it again: coverage, p-values, bands and limits",
        epilog=_TOYS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _add_ensemble(toys, "toys")
    toys.add_argument(
        "--at",
        nargs="+",
        default=["best"],
        metavar="POINT",
        help="what is true: best (the maximum of the data), prior (a draw for each toy), or NAME=VALUE ... (all else "
        "where it fits the data best); default: best",
    )
    toys.add_argument(
        "--parameter",
        nargs="+",
        metavar="NAME",
        help="whose Delta chi^2 is looked at, NAME,NAME for two together; default: those with limits or contours",
    )
    toys.add_argument(
        "--conditional", action="store_true", help="auxiliary measurements behind priors of nuisances stay as they are"
    )
    toys.add_argument(
        "--band",
        nargs="+",
        default=(),
        type=_grid,
        metavar="NAME=LOW:HIGH:POINTS",
        help="a band of Feldman and Cousins, with so many toys at each point; of two numbers with a comma between them",
    )
    toys.add_argument(
        "--scan",
        type=_grid,
        metavar="NAME=LOW:HIGH:POINTS",
        help="instead: how often interval, upper limit and band cover each of these true values",
    )
    toys.add_argument(
        "--test",
        nargs=2,
        metavar="HYPOTHESIS",
        help="instead: toys of two hypotheses of the file, such as orderings, each fitted under both",
    )
    toys.add_argument(
        "--null",
        type=float,
        help="of the (first) number without a signal: limits by CLs of each band",
    )
    toys.add_argument("--level", type=float, default=0.9, help="confidence level of bands and limits; default: 0.9")

    calibrate = commands.add_parser(
        "calibrate",
        help="rank draws from the prior in posteriors of simulated data",
        epilog=_CALIBRATE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _add_ensemble(calibrate, "calibrate", several=True)

    forecast = commands.add_parser(
        "forecast",
        help="what planned exposure is expected to bring",
        description=_FORECAST,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _add_forecast(forecast)

    profile = commands.add_parser(
        "profile",
        help="profile likelihood of one or two numbers, sampled or derived",
        description=_PROFILE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    profile.add_argument("fit", metavar="FIT", help="a name that `nmmjax list` shows, or a path to a .py file")
    profile.add_argument(
        "parameter", metavar="PARAMETER", help="a sampled or derived number, such as dm21 or x_re[0,1]"
    )
    profile.add_argument("second", metavar="PARAMETER2", nargs="?", help="another one: their plane is profiled")
    profile.add_argument(
        "--range",
        nargs=2,
        type=float,
        action="append",
        metavar=("LOW", "HIGH"),
        help="of PARAMETER, and once more of PARAMETER2; default: four standard deviations around the maximum",
    )
    profile.add_argument("--points", type=_positive, help="along each axis before refinement; default: 25, a plane 13")
    profile.add_argument("--hypothesis", metavar="NAME", help="of a file that builds several analyses")
    profile.add_argument("--level", type=float, help="confidence level beside 68.27 and 99.73 %%; default: 0.9")
    profile.add_argument("--resume", action="store_true", help="go on with an interrupted run of the same profile")
    profile.add_argument("--out", type=Path, help="folder; default: results/profiles/NAME")
    profile.add_argument("--platform", choices=("cpu", "gpu"), help="default: what JAX finds")
    profile.set_defaults(chains=None)
    profile._negative_number_matcher = _NEGATIVE  # pyright: ignore[reportAttributeAccessIssue]  (knows no exponents)

    check = commands.add_parser(
        "check",
        help="try a fit before a long run",
        description=_CHECK,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    check.add_argument("fit", metavar="FIT", help="a name that `nmmjax list` shows, or a path to a .py file")
    check.add_argument("--hypothesis", metavar="NAME", help="of a file that builds several analyses; default: all")
    check.add_argument("--points", type=_positive, default=256, help="draws from the prior; default: 256")
    check.add_argument("--platform", choices=("cpu", "gpu"), help="default: what JAX finds")
    check.set_defaults(chains=None)

    listing = commands.add_parser("list", help="show models, experiments and analyses")
    listing.add_argument("file", metavar="FILE", nargs="?", help="show what a .py file of yours defines instead")
    listing.set_defaults(platform=None, chains=None)

    plot = commands.add_parser("plot", help="draw the figures of a result folder again")
    plot.add_argument("result", metavar="RESULT", type=Path)

    compare = commands.add_parser("compare", help="set results side by side: chi^2, evidences and Bayes factors")
    compare.add_argument("results", metavar="RESULT", type=Path, nargs="+", help="folders that `nmmjax fit` wrote")
    compare.set_defaults(platform=None, chains=None)

    engine = commands.add_parser(
        "figures", help="draw moments over masses, oscillation through the Earth, in KamLAND and from the Sun"
    )
    engine.add_argument("--out", type=Path, default=Path("results/figures"), help="folder; default: results/figures")
    engine.add_argument("--format", choices=("png", "pdf", "svg"), default="png", help="default: png")
    engine.add_argument("--points", type=_positive, default=300, help="along each axis of a map; default: 300")
    engine.add_argument("--platform", choices=("cpu", "gpu"), help="default: what JAX finds")
    engine.set_defaults(chains=None)

    papers = commands.add_parser("ledger", help="compute again what the source papers print, and show both")
    papers.add_argument("--document", metavar="NAME", help=f"one of {_papers()}; default: all")
    papers.set_defaults(platform=None, chains=None)

    benchmark = commands.add_parser("benchmark", help="measure how quick all of this is, beside other codes (minutes)")
    benchmark.add_argument("questions", metavar="QUESTION", nargs="*", help="loops, oscillation, ...; default: all")
    benchmark.add_argument("--peers", action="store_true", help="compare with other codes, where they are installed")
    benchmark.add_argument("--out", type=Path, default=Path("results/benchmark"), help="default: results/benchmark")
    benchmark.add_argument("--platform", choices=("cpu", "gpu"), help="default: what JAX finds")

    doctor = commands.add_parser("doctor", help="show devices, versions and precision")
    doctor.set_defaults(platform=None, chains=None)
    return parser


def _add_ensemble(parser: argparse.ArgumentParser, name: str, *, several: bool = False) -> None:
    """What `toys` and `calibrate` share."""
    words = "a name that `nmmjax list` shows, or a path to a .py file"
    parser.add_argument("fit", metavar="FIT", nargs="+" if several else None, help=words)
    parser.add_argument("--number", type=_positive, default=1000, help="how many; default: 1000")
    parser.add_argument("--hypothesis", metavar="NAME", help="of a file that builds several analyses; default: all")
    parser.add_argument("--seed", type=int, help="default: as the fit says")
    parser.add_argument("--resume", action="store_true", help="keep what an earlier run has finished, and add to it")
    parser.add_argument("--out", type=Path, help=f"folder; default: results/NAME/{name}")
    parser.add_argument("--platform", choices=("cpu", "gpu"), help="default: what JAX finds")
    parser.set_defaults(chains=None)


def _add_forecast(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("fit", metavar="FIT", help="a name that `nmmjax list` shows, or a path to a .py file")
    parser.add_argument(
        "--exposure",
        nargs="+",
        default=(),
        type=_factors,
        metavar="NAME=FACTOR,...",
        help="of an experiment, over the present one, one factor or several; default: 1 to 100 of all that have one",
    )
    parser.add_argument(
        "--at",
        nargs="+",
        default=(),
        type=_setting,
        metavar="NAME=VALUE",
        help="what is true; all else where it fits the data best, as does everything by default",
    )
    parser.add_argument(
        "--parameter",
        nargs="+",
        metavar="NAME",
        help="whose interval is looked for, NAME,NAME to draw the plane of two; default: those with limits or contours",
    )
    parser.add_argument(
        "--null", nargs="+", default=(), type=_setting, metavar="NAME=VALUE", help="what a discovery excludes"
    )
    parser.add_argument("--hypothesis", metavar="NAME", help="of a file that builds several analyses")
    parser.add_argument(
        "--level", type=float, help="confidence level beside 68.27 %%; default: as the fit says, or 0.9"
    )
    parser.add_argument("--resume", action="store_true", help="keep what an earlier run has finished, and go on")
    parser.add_argument("--out", type=Path, help="folder; default: results/NAME/forecast")
    parser.add_argument("--platform", choices=("cpu", "gpu"), help="default: what JAX finds")
    parser.set_defaults(chains=None)


def _papers() -> str:
    """The names of the documents of the ledger, without importing what they compute."""
    return ", ".join(sorted(path.stem.replace("_", "-") for path in _PAPERS.glob("[!_]*.py")))


def _grid(text: str) -> dict[str, Any]:
    """The points of the grid of each of one number or two, by name."""
    parts = text.split(",")
    grids = dict(map(_points, parts))
    if len(parts) > 2 or len(grids) < len(parts):
        raise argparse.ArgumentTypeError(f"must be of one number or of two different ones, but it is {text!r}")
    return grids


def _points(text: str) -> tuple[str, Any]:
    """A name and the points of its grid."""
    import numpy as np

    name, _, numbers = text.partition("=")
    try:
        low, high, points = numbers.split(":")
        grid = np.linspace(float(low), float(high), int(points))
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be NAME=LOW:HIGH:POINTS, but it is {text!r}") from None
    if len(grid) < 2 or not np.all(np.isfinite(grid)) or grid[0] >= grid[-1]:
        raise argparse.ArgumentTypeError(f"must rise over two points or more, but it is {text!r}")
    return name, grid


def _setting(text: str) -> tuple[str, float]:
    """A name and a number."""
    name, _, number = text.partition("=")
    with contextlib.suppress(ValueError):
        if name and math.isfinite(value := float(number)):
            return name, value
    raise argparse.ArgumentTypeError(f"must be NAME=VALUE, but it is {text!r}")


def _factors(text: str) -> tuple[str, tuple[float, ...]]:
    """A name and positive numbers."""
    name, _, numbers = text.partition("=")
    with contextlib.suppress(ValueError):
        factors = tuple(map(float, numbers.split(",")))
        if name and all(0.0 < factor < math.inf for factor in factors):
            return name, factors
    raise argparse.ArgumentTypeError(f"must be NAME=FACTOR or NAME=FACTOR,FACTOR,..., but it is {text!r}")


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"must be a positive integer, but it is {value}")
    return value


if __name__ == "__main__":
    command()
