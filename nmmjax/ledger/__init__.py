"""The ledger: what five papers print about neutrino masses and moments, and what comes out when it is computed again.

`nmmjax/data/ledger.csv` has a row for each statement. The functions that compute them are here, one module for each
paper; where a paper prints one thing and the models of nmmjax have another, the printed variant lives here alone.
"""

from nmmjax import _checks
from nmmjax.ledger import grimus_lavoura_2000, jana_2020, jana_2024, large_moment_1988, zhuridov_2013
from nmmjax.ledger._rows import RELATIONS, Document, Outcome, Row, Verdict, rounds_to
from nmmjax.tables import read_table

__all__ = ["DOCUMENTS", "RELATIONS", "Document", "Outcome", "Row", "Verdict", "recompute", "rounds_to", "rows"]

DOCUMENTS = {
    document.name: document
    for document in (
        large_moment_1988.DOCUMENT,
        grimus_lavoura_2000.DOCUMENT,
        zhuridov_2013.DOCUMENT,
        jana_2020.DOCUMENT,
        jana_2024.DOCUMENT,
    )
}


def rows(document: str | None = None) -> tuple[Row, ...]:
    """The rows of one document, or all.

    **Raises:** `ValueError` for a name that is not in `DOCUMENTS`.
    """
    if document is not None:
        _checks.check_known("document", document, DOCUMENTS)
    table = read_table("ledger")
    words = zip(*(table[name] for name in table.columns), strict=True)
    cells = (dict(zip(table.columns, map(str, row), strict=True)) for row in words)
    found = (Row(verdict=Verdict.named(cell.pop("verdict")), **cell) for cell in cells)
    return tuple(row for row in found if document in (None, row.document))


def recompute(row: Row) -> Outcome:
    """The number of a row where it has one, and that of its other reading where it has one."""
    document = DOCUMENTS[row.document]
    functions = (document.computed.get(row.id), document.readings.get(row.id))
    computed, reading = (None if function is None else float(function()) for function in functions)
    return Outcome(row, computed, reading)
