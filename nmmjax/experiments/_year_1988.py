"""Limits of 1988, from a packaged table. Quoted without confidence levels, they are taken as 90 %: our choice."""

from nmmjax.experiments._terms import Limit
from nmmjax.tables import Source, read_table

REFERENCE = "Neutrino masses with a large magnetic moment (1988)"
CONFIDENCE = 0.9


def number(quantity: str) -> tuple[float, Source]:
    """A number as printed, and the table it comes from."""
    table = read_table("year_1988_limits")
    return table.where(quantity=quantity)["limit"].item(), table.source


def upper(quantity: str, power: int = 1) -> tuple[Limit, Source]:
    """A half-Gaussian above zero in that power of a quantity which a rate is proportional to, and its table."""
    limit, source = number(quantity)
    return Limit(limit**power, boundary=0.0, confidence=CONFIDENCE), source
