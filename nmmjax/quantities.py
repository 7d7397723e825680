"""What a number is: its symbol, unit and domain. Declared once, read by checks, tables and figures."""

import dataclasses
import math


@dataclasses.dataclass(frozen=True)
class Quantity:
    """A named number of a model or of the low-energy theory."""

    symbol: str
    """As a paper writes it, in TeX without dollar signs."""
    unit: str = ""
    low: float = -math.inf
    """The domain is [low, high]; a prior may not reach outside it."""
    high: float = math.inf
    circular: bool = False
    """An angle or phase with period 2 pi, reported in (-pi, pi] with circular mean and interval."""
    open_low: bool = False
    """The lower end itself is outside the domain."""
    shape: tuple[int, ...] = ()
    """Of an array; its entries share symbol, unit and domain."""
    is_complex: bool = False
    """Of a complex number the domain [low, high] is that of the modulus."""

    @property
    def label(self) -> str:
        """The symbol with its unit, for axes."""
        return f"${self.symbol}$" + (f" [{self.tex_unit}]" if self.unit else "")

    def real_parts(self, name: str) -> "dict[str, Quantity]":
        """The real numbers of which it consists, by the names under which they are stored: see `space.real_parts`."""
        if not self.is_complex:
            return {name: self}
        parts = {f"{name}_re": r"{\rm Re}\,", f"{name}_im": r"{\rm Im}\,"}
        return {part: Quantity(prefix + self.symbol, self.unit, shape=self.shape) for part, prefix in parts.items()}

    @property
    def tex_unit(self) -> str:
        """The unit, with its exponents in TeX."""
        return {"eV^2": r"eV$^2$", "mu_B": r"$\mu_B$"}.get(self.unit, self.unit)
