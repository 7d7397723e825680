"""Commands that answer an analysis: fit, profile, check, impacts."""

from nmmjax._arguments._kinds import positive
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

_FIT = """\
Maximum of the posterior from many starts, then draws by NUTS or sequential Monte Carlo. Writes the posterior, a
summary and figures, after each step.

examples:
  nmmjax fit grimus_lavoura_2000
  nmmjax fit kamland_solar --hypothesis together --without sno_2013 --fix dm21=7.5e-5
  nmmjax fit three_flavor_nufit --cluster local:2      each hypothesis on a worker
  srun -n 4 nmmjax fit global_three_flavor --distributed      the chains of a run over four tasks
"""
_PROFILE = """\
Maximize the posterior over everything but one or two numbers, and follow -2 ln of what is left. Derived numbers are
held by an augmented Lagrangian. The lattice is refined where contours run. Writes NAMES.csv (with all other parameters
along the curve), NAMES.png and NAMES.checkpoint.npz.

examples:
  nmmjax profile grimus_lavoura_2000 scalar_mass --range 1e14 1e16
  nmmjax profile three_flavor_nufit sin2_theta23 delta_cp --hypothesis normal --points 9
  nmmjax profile three_flavor_nufit sin2_theta23 delta_cp --hypothesis normal --cluster local:4
"""
_CHECK = """\
Is the density finite in the prior, and which experiment is at fault where it is not? Are gradients those of
differences? Which parameters does no datum see, on which does the prior decide? What does an evaluation cost, and a
run? Exits with code 3 where something is wrong.

example:
  nmmjax check grimus_lavoura_2000
"""
_IMPACTS = """\
How far does each number of interest move where a nuisance is held one standard deviation (of its posterior, of its
prior) off its best value, and all else is fitted again? What is it, and how wide, without each experiment? Writes
impacts.json, impacts.csv and impacts_NAME.png.

examples:
  nmmjax impacts dayabay_theta13 sin2_theta13
  nmmjax impacts kamland_solar --hypothesis together --cluster local:2     without each of five experiments
"""


def _fit(commands: Commands) -> None:
    parser = command(commands, "fit", "fit a shipped analysis, or a file of yours", _FIT)
    add_fit(parser)
    add_changes(parser)
    add_hypothesis(parser, default="all")
    parser.add_argument("--chains", type=positive, help="default: as the fit says")
    parser.add_argument("--samples", type=positive, help="draws per chain after warm-up; default: as the fit says")
    parser.add_argument("--warmup", type=positive, help="default: as the fit says")
    parser.add_argument("--sampler", choices=("nuts", "smc"), help="smc for posteriors of several modes; default: nuts")
    parser.add_argument("--seed", type=int, help="default: as the fit says")
    parser.add_argument(
        "--level", type=float, help="confidence level of intervals and limits, such as 0.95; default: 0.9"
    )
    parser.add_argument("--map-only", action="store_true", help="stop at the maximum")
    add_resume(parser)
    add_out(parser, "results/NAME")
    add_cluster(parser)
    add_platform(parser)
    parser.add_argument(
        "--distributed", action="store_true", help="share the chains among the processes of this job (Slurm, Open MPI)"
    )
    parser.add_argument("--coordinator", metavar="HOST:PORT", help="where the first process of them listens")
    parser.add_argument("--processes", type=positive, metavar="N", help="how many there are, where no job says it")
    parser.add_argument("--process", type=int, metavar="I", help="which of them this is, from 0")


def _profile(commands: Commands) -> None:
    parser = command(commands, "profile", "profile likelihood of one or two numbers, sampled or derived", _PROFILE)
    add_fit(parser)
    add_changes(parser)
    parser.add_argument("parameter", metavar="PARAMETER", help="a sampled or derived number, such as dm21 or x_re[0,1]")
    parser.add_argument("second", metavar="PARAMETER2", nargs="?", help="another one: their plane is profiled")
    parser.add_argument(
        "--range",
        nargs=2,
        type=float,
        action="append",
        metavar=("LOW", "HIGH"),
        help="of PARAMETER, and once more of PARAMETER2; default: four standard deviations around the maximum",
    )
    parser.add_argument("--points", type=positive, help="along each axis before refinement; default: 25, a plane 13")
    add_hypothesis(parser)
    parser.add_argument("--level", type=float, help="confidence level beside 68.27 and 99.73 %%; default: 0.9")
    add_resume(parser)
    add_out(parser, "results/NAME/profile")
    add_cluster(parser)
    add_platform(parser)


def _check(commands: Commands) -> None:
    parser = command(commands, "check", "try a fit before a long run", _CHECK)
    add_fit(parser)
    add_changes(parser)
    add_hypothesis(parser, default="all")
    parser.add_argument("--points", type=positive, default=256, help="draws from the prior; default: 256")
    add_platform(parser)


def _impacts(commands: Commands) -> None:
    parser = command(commands, "impacts", "how far nuisances and experiments move the answer", _IMPACTS)
    add_fit(parser)
    add_changes(parser)
    parser.add_argument(
        "parameter",
        metavar="PARAMETER",
        nargs="*",
        help="sampled or derived numbers; default: what the model takes and is sampled, without a normal prior",
    )
    add_hypothesis(parser, default="all")
    add_resume(parser)
    add_out(parser, "results/NAME/impacts")
    add_cluster(parser)
    add_platform(parser)


COMMANDS = (_fit, _profile, _check, _impacts)
