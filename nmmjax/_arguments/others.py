"""Commands that need no fit: list, show, cite, new, figures, ledger, verify, benchmark, completion, doctor."""

from pathlib import Path

from nmmjax._arguments._kinds import file, folder, positive
from nmmjax._arguments._names import complete, experiments, things
from nmmjax._arguments._shared import Commands, add_platform, add_resume, command

_PAPERS = Path(__file__).parent.parent / "ledger"


def _list(commands: Commands) -> None:
    parser = command(commands, "list", "show models, experiments and analyses")
    parser.add_argument("file", metavar="FILE", nargs="?", help="show what a .py file of yours defines instead")
    parser.add_argument("--data", action="store_true", help="show the tables of data: paper, origin and terms of use")


_SHOW = """show what a model, an experiment or an analysis is: parameters, priors, data, papers

  nmmjax show SeesawTypeOne           a model: couplings with their domains, constructors, what it derives
  nmmjax show DayaBay2022             an experiment: data, nuisances, tables with their terms, its verification
  nmmjax show dayabay_theta13         an analysis: what is sampled and fixed, data, what is shown
  nmmjax show mine.py                 all of these in a file of yours"""


def _show(commands: Commands) -> None:
    parser = command(commands, "show", _SHOW.partition("\n")[0], _SHOW)
    name = parser.add_argument("name", metavar="NAME", help="as `nmmjax list` shows it, or a path to a .py file")
    complete(name, things, files=True)


_CITE = """write the BibTeX of everything that a result, an analysis, a model or an experiment rests on

Papers of models, of experiments and of their tables of data, and packages, with versions where a result records them.

  nmmjax cite results/grimus_lavoura_2000 --out refs.bib    a folder that `nmmjax fit` wrote
  nmmjax cite grimus_lavoura_2000                           an analysis, before it is run
  nmmjax cite KamLAND2011                                   a model or an experiment"""


def _cite(commands: Commands) -> None:
    parser = command(commands, "cite", _CITE.partition("\n")[0], _CITE)
    words = "as `nmmjax list` shows it, a result folder, or a .py file"
    complete(parser.add_argument("name", metavar="NAME", help=words), things, files=True)
    parser.add_argument("--out", dest="to", type=file, metavar="FILE", help="default: printed")


_NEW = """write a working model, experiment or analysis of yours with its test, to be changed

  nmmjax new model TwoZeros                two_zeros.py and test_two_zeros.py
  nmmjax new experiment Reno2018           reno_2018.py, its table .csv with the record .toml, and its test
  nmmjax new analysis reno_theta13         reno_theta13.py and its test"""


def _new(commands: Commands) -> None:
    parser = command(commands, "new", _NEW.partition("\n")[0], _NEW)
    parser.add_argument("kind", metavar="KIND", choices=("model", "experiment", "analysis"), help="%(choices)s")
    parser.add_argument("name", metavar="NAME", help="of the class, as TwoZeros, or of the analysis, as two_zeros")
    parser.add_argument("--out", type=folder, default=Path(), help="folder; default: this one")


def _figures(commands: Commands) -> None:
    words = "draw moments over masses, oscillation through the Earth, in KamLAND and from the Sun"
    parser = command(commands, "figures", words)
    parser.add_argument("--out", type=folder, default=Path("results/figures"), help="folder; default: results/figures")
    parser.add_argument("--format", choices=("png", "pdf", "svg"), default="png", help="default: png")
    parser.add_argument("--points", type=positive, default=300, help="along each axis of a map; default: 300")
    add_platform(parser)


def _ledger(commands: Commands) -> None:
    parser = command(commands, "ledger", "compute again what the source papers print, and show both")
    parser.add_argument("--document", metavar="NAME", help=f"one of {', '.join(papers())}; default: all")


def papers() -> list[str]:
    """The names of the documents of the ledger, without importing what they compute."""
    return sorted(path.stem.replace("_", "-") for path in _PAPERS.glob("[!_]*.py"))


_VERIFY = """compute again what papers state of the experiments, and set both side by side

Writes a page, VERIFICATIONS.md, a figure and a record of each experiment. What is finished stays when it is cut.

  nmmjax verify                                 all experiments that have something to verify
  nmmjax verify DayaBay2022 Xenon1T2020         these
  nmmjax verify --resume                        those that an earlier run has not finished"""


def _verify(commands: Commands) -> None:
    words = _VERIFY.partition("\n")[0]
    parser = command(commands, "verify", words, _VERIFY)
    words = "class of an experiment; default: all"
    complete(parser.add_argument("experiments", metavar="EXPERIMENT", nargs="*", help=words), experiments)
    parser.add_argument("--out", type=folder, default=Path("results/verify"), help="folder; default: results/verify")
    add_resume(parser)
    add_platform(parser)


def _benchmark(commands: Commands) -> None:
    parser = command(commands, "benchmark", "measure how quick all of this is, beside other codes (minutes)")
    parser.add_argument("questions", metavar="QUESTION", nargs="*", help="loops, oscillation, ...; default: all")
    parser.add_argument("--peers", action="store_true", help="compare with other codes, where they are installed")
    parser.add_argument("--out", type=folder, default=Path("results/benchmark"), help="default: results/benchmark")
    add_platform(parser)


_COMPLETION = """print what makes a shell complete commands, options and names

  eval "$(nmmjax completion bash)"                                     in ~/.bashrc
  eval "$(nmmjax completion zsh)"                                      in ~/.zshrc
  nmmjax completion fish > ~/.config/fish/completions/nmmjax.fish      once"""


def _completion(commands: Commands) -> None:
    parser = command(commands, "completion", _COMPLETION.partition("\n")[0], _COMPLETION)
    parser.add_argument("shell", metavar="SHELL", choices=("bash", "zsh", "fish"), help="%(choices)s")


def _doctor(commands: Commands) -> None:
    command(commands, "doctor", "show devices, versions and precision")


COMMANDS = (_list, _show, _cite, _new, _figures, _ledger, _verify, _benchmark, _completion, _doctor)
