"""The likelihoods of the year 2000, from two packaged tables."""

from nmmjax.experiments._terms import Limit, LogNormal
from nmmjax.tables import Source, read_table


def value(quantity: str) -> tuple[LogNormal, Source]:
    """A mass-squared difference [eV^2] and the table it comes from."""
    table = read_table("year_2000_values")
    row = table.where(quantity=quantity)
    return LogNormal(row["best"].item(), row["width"].item()), table.source


def limit(quantity: str) -> tuple[Limit, Source]:
    """A limit on an oscillation amplitude and the table it comes from."""
    table = read_table("year_2000_limits")
    row = table.where(quantity=quantity)
    term = Limit(row["limit"].item(), boundary=row["boundary"].item(), confidence=row["confidence"].item())
    return term, table.source
