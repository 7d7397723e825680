"""Commands that simulate an analysis: toys, calibrate, forecast."""

import argparse

from nmmjax._arguments._kinds import factors, grid, positive, setting
from nmmjax._arguments._shared import (
    Commands,
    add_changes,
    add_cluster,
    add_fit,
    add_hypothesis,
    add_out,
    add_platform,
    add_resume,
    command,
)

_TOYS = """\
Data of all experiments, drawn at a true point and fitted again: how often intervals cover, p-values that no chi^2
gives, bands of Feldman and Cousins, limits by CLs, which of two hypotheses data prefer. Writes toys.json, toys.npz and
figures.

examples:
  nmmjax toys dayabay_theta13 --number 1000 --parameter sin2_theta13 dm3l
  nmmjax toys dayabay_theta13 --at sin2_theta13=0.02 --parameter sin2_theta13,dm3l
  nmmjax toys dayabay_theta13 --number 300 --band sin2_theta13=0.019:0.025:13 --level 0.683
  nmmjax toys dayabay_theta13 --number 100 --band sin2_theta13=0.019:0.025:7,dm3l=2.35e-3:2.75e-3:7
  nmmjax toys dayabay_theta13 --number 100000 --cluster local:4
  nmmjax toys xenonnt_moment --hypothesis flat_in_square --number 1000 --scan moment=0:1e-11:6
  nmmjax toys xenon1t_moment --number 2000 --test none universal
"""
_CALIBRATE = """\
Ranks of draws from the prior among draws from the posteriors of data simulated there. Several analyses are calibrated
one after the other, each in a folder of its own, and then shown in one table, calibrations.csv, and one figure,
calibrations.png.

examples:
  nmmjax calibrate dayabay_theta13 --number 300
  nmmjax calibrate grimus_lavoura_2000 xenon1t_moment --number 100 --out results/calibrate --resume
  nmmjax calibrate dayabay_theta13 --number 3000 --cluster slurm:8
"""
_FORECAST = """\
Data without fluctuations, as they are expected at a true point (Asimov), take the place of the data, with so many times
the present exposure. Shows errors by Fisher's information beside intervals by the profile likelihood, upper limits, and
the significance of a discovery. Writes forecast.csv, forecast.json, forecast.png and a figure for each pair of numbers.

examples:
  nmmjax forecast dayabay_theta13 --exposure daya_bay_2022=1,2,5,10,100
  nmmjax forecast xenonnt_moment --hypothesis flat_in_square --at moment=0 --exposure xenonnt_2022=1,10,100
  nmmjax forecast xenonnt_moment --hypothesis flat_in_square --at moment=6e-12 --null moment=0
"""


def _toys(commands: Commands) -> None:
    words = "simulate an analysis and fit it again: coverage, p-values, bands and limits"
    parser = command(commands, "toys", words, _TOYS)
    add_fit(parser)
    add_changes(parser)
    _add_ensemble(parser, "toys")
    parser.add_argument(
        "--at",
        nargs="+",
        default=["best"],
        metavar="POINT",
        help="what is true: best (the maximum of the data), prior (a draw for each toy), or NAME=VALUE ... (all else "
        "where it fits the data best); default: best",
    )
    parser.add_argument(
        "--parameter",
        nargs="+",
        metavar="NAME",
        help="whose Delta chi^2 is looked at, NAME,NAME for two together; default: those with limits or contours",
    )
    parser.add_argument(
        "--conditional", action="store_true", help="auxiliary measurements behind priors of nuisances stay as they are"
    )
    parser.add_argument(
        "--band",
        nargs="+",
        default=(),
        type=grid,
        metavar="NAME=LOW:HIGH:POINTS",
        help="a band of Feldman and Cousins, with so many toys at each point; of two numbers with a comma between them",
    )
    parser.add_argument(
        "--scan",
        type=grid,
        metavar="NAME=LOW:HIGH:POINTS",
        help="instead: how often interval, upper limit and band cover each of these true values",
    )
    parser.add_argument(
        "--test",
        nargs=2,
        metavar="HYPOTHESIS",
        help="instead: toys of two hypotheses of the file (orderings, or a signal and none), each fitted under both",
    )
    words = "of the (first) number without a signal: limits by CLs of each band"
    parser.add_argument("--null", type=float, help=words)
    words = "confidence level of bands and limits; default: as the fit says, or 0.9"
    parser.add_argument("--level", type=float, help=words)


def _calibrate(commands: Commands) -> None:
    parser = command(commands, "calibrate", "rank draws from the prior in posteriors of simulated data", _CALIBRATE)
    add_fit(parser, several=True)
    _add_ensemble(parser, "calibrate")


def _add_ensemble(parser: argparse.ArgumentParser, name: str) -> None:
    """What `toys` and `calibrate` share."""
    parser.add_argument("--number", type=positive, default=1000, help="how many; default: 1000")
    add_hypothesis(parser, default="all")
    parser.add_argument("--seed", type=int, help="default: as the fit says")
    add_resume(parser)
    add_out(parser, f"results/NAME/{name}")
    add_cluster(parser)
    add_platform(parser)


def _forecast(commands: Commands) -> None:
    parser = command(commands, "forecast", "what planned exposure is expected to bring", _FORECAST)
    add_fit(parser)
    add_changes(parser)
    parser.add_argument(
        "--exposure",
        nargs="+",
        default=(),
        type=factors,
        metavar="NAME=FACTOR,...",
        help="of an experiment, over the present one, one factor or several; default: 1 to 100 of all that have one",
    )
    parser.add_argument(
        "--at",
        nargs="+",
        default=(),
        type=setting,
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
        "--null", nargs="+", default=(), type=setting, metavar="NAME=VALUE", help="what a discovery excludes"
    )
    add_hypothesis(parser)
    words = "confidence level beside 68.27 %%; default: as the fit says, or 0.9"
    parser.add_argument("--level", type=float, help=words)
    add_resume(parser)
    add_out(parser, "results/NAME/forecast")
    add_cluster(parser)
    add_platform(parser)


COMMANDS = (_toys, _calibrate, _forecast)
