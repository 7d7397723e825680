"""Commands that go on from result folders: plot, compare, reweight, join, report, export, slha."""

from pathlib import Path

from nmmjax._arguments._kinds import file, folder, positive
from nmmjax._arguments._shared import Commands, add_out, add_platform, command

_REWEIGHT = """\
The stored posterior with other priors of sampled parameters, by importance weights (new prior / old prior), smoothed by
Pareto's law. Distributions are those of numpyro and of nmmjax.priors. Exits with code 3 where too few effective draws
are left. Writes reweighted.json, posterior.nc (draws of equal weight, and all weights) and reweighted.png.

example:
  nmmjax reweight results/xenonnt_moment --prior "moment=LogUniform(1e-13, 1e-11)"
"""
_JOIN = """\
Chains of runs of one fit with different seeds, by NUTS or by sequential Monte Carlo but not both, as one result: table,
diagnostics, verdict, evidences and figures anew. The fit is built again from its file and must be what it was. One
RESULT with --thin keeps every N-th draw of it.

example:
  nmmjax fit grimus_lavoura_2000 --seed 1 --out results/one
  nmmjax fit grimus_lavoura_2000 --seed 2 --out results/two
  nmmjax join results/one results/two --out results/both
"""
_WRITTEN = "a folder that `nmmjax fit` wrote"
_SEVERAL = "folders that `nmmjax fit` wrote"


_PLOT = """draw the figures of a result folder again, and others

  nmmjax plot results/three_flavor_nufit/fit --also lobster flavors      of all hypotheses in the folder

lobster: |m_beta_beta| over the lightest mass; mass_planes: m_beta, |m_beta_beta| and the sum of masses; both upon what
oscillations allow, with limits. probabilities: over energy in the
beam of DUNE and at reactors. flavors: shares of e, mu and tau at a telescope. triangle: of unitarity, e and mu.
correlations: of the parameters."""


def _plot(commands: Commands) -> None:
    parser = command(commands, "plot", _PLOT.partition("\n")[0], _PLOT)
    parser.add_argument("result", metavar="RESULT", type=Path, help=_WRITTEN)
    names = ("lobster", "mass_planes", "probabilities", "flavors", "triangle", "correlations")
    parser.add_argument("--also", nargs="+", choices=names, metavar="FIGURE", help="%(choices)s")


def _compare(commands: Commands) -> None:
    parser = command(commands, "compare", "set results side by side: chi^2, evidences and Bayes factors")
    parser.add_argument("results", metavar="RESULT", type=Path, nargs="+", help=_SEVERAL)


def _reweight(commands: Commands) -> None:
    parser = command(commands, "reweight", "a stored posterior with other priors", _REWEIGHT)
    parser.add_argument("result", metavar="RESULT", type=Path, help=_WRITTEN)
    parser.add_argument(
        "--prior",
        action="append",
        required=True,
        metavar="NAME=DISTRIBUTION(NUMBERS)",
        help="of a sampled parameter, of all entries of an array; may be given several times",
    )
    add_out(parser, "RESULT/reweighted")


def _join(commands: Commands) -> None:
    parser = command(commands, "join", "chains of separate runs of one fit as one result", _JOIN)
    parser.add_argument("results", metavar="RESULT", type=Path, nargs="+", help=_SEVERAL)
    parser.add_argument("--out", type=folder, required=True, help="folder of the joined result")
    parser.add_argument("--thin", type=positive, default=1, metavar="N", help="keep every N-th draw; default: all")
    parser.add_argument("--fit", metavar="FIT", help="name or file of the analysis; default: that of the first RESULT")
    add_platform(parser)


_EXPORT = """\
Numbers and figures of a result for others:

  hepdata   a submission to HEPData, submission.yaml and a file for each table: parameters, limits, profiles, contours,
            exclusions and spectra
  csv       the same tables, with a line of names and units
  pdf       the figures, for papers
  pgf       the figures in LaTeX's own words, where LaTeX is installed

Numbers have all their digits. The hypotheses of a folder have a folder each.

example:
  nmmjax export results/grimus_lavoura_2000 --to hepdata
"""
_REPORT = """write a result as one HTML page: tables, figures, verdict, settings, versions, checksums, papers

It needs no network and no other file. A folder with several hypotheses makes one page with a comparison. Exits with
code 3 where a result is not good.

  nmmjax report results/grimus_lavoura_2000/fit                       report.html in that folder
  nmmjax report results/three_flavor_nufit/fit --out both.html"""


def _export(commands: Commands) -> None:
    parser = command(commands, "export", "a result as tables for HEPData, CSV, or figures for papers", _EXPORT)
    parser.add_argument("result", metavar="RESULT", type=Path, help=_WRITTEN)
    parser.add_argument("--to", required=True, choices=("hepdata", "csv", "pdf", "pgf"), help="the format")
    parser.add_argument("--out", type=folder, metavar="FOLDER", help="default: RESULT/FORMAT, as RESULT/csv")


def _report(commands: Commands) -> None:
    parser = command(commands, "report", _REPORT.partition("\n")[0], _REPORT)
    parser.add_argument("result", metavar="RESULT", type=Path, help=_WRITTEN)
    parser.add_argument("--out", dest="to", type=file, metavar="FILE", help="default: RESULT/report.html")


_SLHA = """write masses, mixing, moments and decays of neutrinos by the SUSY Les Houches Accord

The theory at the maximum of a result, or at the benchmark of a model. `nmmjax.slha` reads such files, too.

  nmmjax slha results/grimus_lavoura_2000/fit --out grimus_lavoura.slha
  nmmjax slha SeesawTypeOne --out seesaw.slha"""


def _slha(commands: Commands) -> None:
    parser = command(commands, "slha", _SLHA.partition("\n")[0], _SLHA)
    parser.add_argument("name", metavar="NAME", help=f"{_WRITTEN}, a model, or a .py file with one")
    parser.add_argument("--out", dest="to", type=file, required=True, metavar="FILE", help="where it goes")
    parser.add_argument("--fit", metavar="FIT", help="name or file of the analysis; default: that of the result")


COMMANDS = (_plot, _compare, _reweight, _join, _report, _export, _slha)
