"""Upper limits from packaged tables."""

from nmmjax.experiments._terms import Limit
from nmmjax.tables import Source, read_table


def upper(table: str, quantity: str, power: int = 1) -> tuple[Limit, Source]:
    """A half-Gaussian above zero in that power of a quantity which a rate is proportional to, and its table."""
    read = read_table(table)
    row = read.where(quantity=quantity)
    term = Limit(row["limit"].item() ** power, boundary=0.0, confidence=row["confidence"].item())
    return term, read.source
