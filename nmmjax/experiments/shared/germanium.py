"""Germanium: how much of the energy of a nuclear recoil becomes ionization, which nobody knows well below 1 keV."""

import abc
from typing import ClassVar

import equinox as eqx
import numpy as np
from jaxtyping import Float

from nmmjax import _checks
from nmmjax._public import public
from nmmjax.constants import PDG_2026
from nmmjax.scattering.nucleus import Nucleus
from nmmjax.tables import Source, read_table

MOLAR_MASS = 72.630
"""[g/mol]."""
PAIR = 0.003
"""Ionization [keV] by one pair of an electron and a hole; there is not less."""
_PROTONS = 32.0
_TABLE = "germanium_quenching"


class Quenching(eqx.Module):
    """Abstract: the ionization of a nuclear recoil over that of an electron of its energy."""

    @property
    @abc.abstractmethod
    def short_name(self) -> str:
        """What the name of an experiment tells of the choice."""

    @abc.abstractmethod
    def factor(self, recoil: Float[np.ndarray, "..."]) -> Float[np.ndarray, "..."]:
        """Quenching factor Q(T) at recoils T [keV]."""

    @property
    @abc.abstractmethod
    def sources(self) -> tuple[Source, ...]:
        """Tables it was read from."""

    def ionization(self, recoil: Float[np.ndarray, "..."]) -> Float[np.ndarray, "..."]:
        """Ionization Q(T) T [keV electron equivalent]."""
        return self.factor(recoil) * recoil

    def least_recoil(self) -> float:
        """The recoil [keV] that makes one `PAIR`."""
        recoil = np.geomspace(PAIR, 100.0 * PAIR, 1000)
        return float(np.interp(PAIR, self.ionization(recoil), recoil))


class _Tabulated(Quenching):
    """Abstract: the polygon through the points of a column of the table."""

    column: ClassVar[str]

    def factor(self, recoil: Float[np.ndarray, "..."]) -> Float[np.ndarray, "..."]:
        """Quenching factor Q(T) at recoils T [keV], between the points of the table."""
        table = read_table(_TABLE)
        return np.interp(recoil, table["recoil"], table[self.column])

    @property
    def sources(self) -> tuple[Source, ...]:
        """The table."""
        return (read_table(_TABLE).source,)


class IronFiltered(_Tabulated):
    """That of neutrons filtered by iron (Fef), which rises below 1 keV. CONUS disagrees with it.

    J. I. Collar, A. R. L. Kavner and C. M. Lewis, Phys. Rev. D 103, 122003 (2021).
    """

    column: ClassVar[str] = "iron_filtered"

    @property
    def short_name(self) -> str:
        """As the authors abbreviate it."""
        return "fef"


class Photoneutrons(_Tabulated):
    """That of neutrons of a source of 88Y and beryllium (YBe). J. I. Collar et al., as `IronFiltered`."""

    column: ClassVar[str] = "photoneutrons"

    @property
    def short_name(self) -> str:
        """As the authors abbreviate it."""
        return "ybe"


class Lindhard(Quenching):
    """Q = k g / (1 + k g), g = 3 e^0.15 + 0.7 e^0.6 + e, e = 11.5 Z^-7/3 T, T in keV.

    J. Lindhard et al., Mat. Fys. Medd. Dan. Vid. Selsk. 33, 10 (1963), in the form of J. D. Lewin and P. F. Smith,
    Astropart. Phys. 6, 87 (1996). CONUS and TEXONO take k = 0.162.
    """

    k: float = eqx.field(static=True)

    @public
    def __init__(self, k: float = 0.162):
        """`k` in (0, 1)."""
        _checks.check_range("k", k, low=0.0, high=1.0, open_low=True, open_high=True)
        self.k = float(k)

    @property
    def short_name(self) -> str:
        """With k in it."""
        return f"lindhard_{self.k:g}"

    def factor(self, recoil: Float[np.ndarray, "..."]) -> Float[np.ndarray, "..."]:
        """The closed form."""
        e = 11.5 * _PROTONS ** (-7.0 / 3.0) * recoil
        g = 3.0 * e**0.15 + 0.7 * e**0.6 + e
        return self.k * g / (1.0 + self.k * g)

    @property
    def sources(self) -> tuple[Source, ...]:
        """None: a closed form."""
        return ()


def steps() -> Float[np.ndarray, " points"]:
    """Recoils [keV] of the table, where its polygons have kinks."""
    return read_table(_TABLE)["recoil"]


def nuclei(mass: float, seconds: float) -> tuple[Nucleus, float]:
    """Natural germanium, and its nuclei times a time [s], of a mass [g]."""
    return Nucleus.load("Ge"), mass / MOLAR_MASS * PDG_2026.avogadro * seconds
