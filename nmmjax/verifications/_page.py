"""A page and a table of verifications."""

from collections import Counter
from collections.abc import Mapping, Sequence

from rich import box

from nmmjax import experiments
from nmmjax.report import PlainTable, number
from nmmjax.results.verifying import ClaimRecord, NumberRecord, Status, VerifiedRecord
from nmmjax.verifications._exempt import EXEMPT

HEADINGS = ("what", "published", "here", "unit", "distance", "ratio", "status")
"""Of what is said of a claim."""
_HEAD = """# Verifications

What papers state of the experiments of this package, beside what comes out here. This page and its figures are written
by `nmmjax verify --out fits/verifications`. The distance is that of the central values, in published standard
deviations; for curves and surfaces the largest distance of the roots of Delta chi^2, for spectra the root mean square
over the bins. Of errors and limits stands the ratio to the published one, of several the one that is farthest from 1.
The status follows from these two:
"""


def markdown(records: Sequence[VerifiedRecord], figures: Mapping[str, str]) -> str:
    """The page: what the statuses mean, all claims, then each experiment with its figure and caveats.

    **Arguments:** the records, and the file of a figure by the name of an experiment.
    """
    lines = [_HEAD, "| status | meaning | how many |", "|---|---|---|"]
    counts = Counter(claim.status for record in records for claim in record.claims)
    counts.update(exempt.status for exempt in EXEMPT.values())
    lines += [f"| {status.label} | {status.meaning} | {counts[status]} |" for status in Status if counts[status]]
    lines += ["", *_summary(records)]
    for record in records:
        lines += _section(record, figures.get(record.experiment))
    lines += ["", "## Nothing to verify", "", "| experiment | status | why | paper |", "|---|---|---|---|"]
    for name, exempt in EXEMPT.items():
        paper = getattr(experiments, name).reference
        lines.append(f"| `{name}` | {exempt.status.label} | {exempt.reason} | {_cell(paper)} |")
    return "\n".join(lines) + "\n"


def _summary(records: Sequence[VerifiedRecord]) -> list[str]:
    lines = ["| experiment | status | claims | chi^2 / data |", "|---|---|---|---|"]
    for record in records:
        chi2 = "" if record.chi2 is None else f"{record.chi2:.1f} / {record.data}"
        counts = Counter(claim.status for claim in record.claims)
        claims = ", ".join(f"{counts[status]} {status.label}" for status in Status if counts[status])
        name = f"[`{record.experiment}`](#{record.experiment.lower()})"
        lines.append(f"| {name} | **{record.status.label}** | {claims} | {chi2} |")
    return lines


def _section(record: VerifiedRecord, figure: str | None) -> list[str]:
    lines = ["", f"## {record.experiment}", "", f"{record.paper}.", "", f"{record.caveats}", ""]
    lines += [
        "| what | published | here | unit | distance | ratio | status | source |",
        "|---|---|---|---|---|---|---|---|",
    ]
    lines += ["| " + " | ".join(map(_cell, (*cells(claim), claim.source))) + " |" for claim in record.claims]
    if figure is not None:
        lines += ["", f"![{record.experiment}: published and computed here]({figure})"]
    return lines


def _cell(words: str) -> str:
    return words.replace("|", r"\|").replace("<", "&lt;")


def cells(claim: ClaimRecord) -> tuple[str, ...]:
    """What stands under each of the `HEADINGS`."""
    width = "" if claim.width is None else f"{claim.width:.2f}"
    shown = (_shown(claim.published), _shown(claim.here))
    return (claim.what, *shown, claim.unit, f"{claim.distance:+.2f}", width, claim.status.label)


def _shown(value: NumberRecord | None) -> str:
    """A number with its errors."""
    if value is None:
        return ""
    plus, minus = ("?" if error is None else f"{error:.2g}" for error in (value.plus, value.minus))
    if value.plus is None and value.minus is None:
        return number(value.best)
    return f"{number(value.best)} ± {plus}" if plus == minus else f"{number(value.best)} +{plus} -{minus}"


def table(records: Sequence[VerifiedRecord]) -> PlainTable:
    """All claims in one table."""
    found = PlainTable("verifications", box=box.SIMPLE_HEAD)
    for heading in ("experiment", *HEADINGS):
        found.add_column(heading, justify="right" if heading in ("distance", "ratio") else "left")
    for record in records:
        for claim in record.claims:
            bad = claim.status is Status.DIFFERS
            found.add_row(record.experiment, *cells(claim), style="bold red" if bad else None)
    return found
