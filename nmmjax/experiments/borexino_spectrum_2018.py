"""Borexino: the spectrum of phase II, in which a magnetic moment would raise the recoils of low energy."""

from typing import ClassVar, Self

import equinox as eqx
import jax.numpy as jnp
import numpy as np
import numpyro.distributions as dist
from jaxtyping import Array, Float

from nmmjax._device import on_device
from nmmjax._public import public
from nmmjax.constants import KEV_PER_MEV
from nmmjax.experiments.base import Nuisance
from nmmjax.experiments.borexino_rates_2019 import DAY, ELECTRONS
from nmmjax.experiments.likelihoods.poisson import CountedSpectrum
from nmmjax.experiments.shared import solar
from nmmjax.experiments.shared.electron_recoils import SolarRecoils
from nmmjax.fluxes import SolarSpectra
from nmmjax.low_energy import LowEnergy
from nmmjax.media import SolarModel
from nmmjax.numerics.special import normal_cdf
from nmmjax.tables import Source, read_table

_NAME = "borexino_2018"
_SOURCES = ("pp", "be7", "pep", "n13", "o15", "f17", "b8")
_EXPOSURE = 582.326
"""[days x 100 t]."""
_CELLS = np.geomspace(20.0, 2000.0, 400)
"""Kinetic energies of electrons [keV], edges of the cells in which cross sections are integrated."""
_SCALE, _OFFSET = 1.0795, -8.23
"""The energy axis over the energy of an electron, and its offset [keV]."""
_RESOLUTION = (0.0543, 0.0366)
"""sigma^2 = a^2 T MeV + b^2 T^2."""
_MASSES = 64
"""Of a heavy lepton, between which its recoils are a spline: right to 5e-3."""
_COMPONENTS = ("c14", "pileup", "po210", "kr85", "bi210")
_KNOWN = {"c14": 0.05, "pileup": 0.02}
"""Relative errors of what is measured by itself."""
_LARGEST = {"po210": 2.0, "kr85": 5.0, "bi210": 3.0}
"""Upper ends of the flat priors of what is not, in units of the published fit."""


class BorexinoSpectrum2018(CountedSpectrum):
    """Phase II, 1291.5 days: 251 bins of the number of hit tubes, 231 to 855 keV, cosmogenic 11C subtracted:

        t_b = sum_c n_c B_cb + O_b + sum_p (1 + sum_f z_f s_fp) N_bp.

    N_bp are the recoils of `SolarRecoils`: solar neutrinos by the weak interaction, moments, charge radii, charges, a
    heavy lepton; fluxes f vary within the errors of the solar model. The shapes B of 14C, pile-up, 210Po, 85Kr and
    210Bi are those of the collaboration, and so is the small rest O. 14C is known to 5 %, pile-up to 2 %; 210Po, 85Kr
    and 210Bi are free. 85Kr is what a moment resembles: without a measurement of its own it limits the sensitivity.

    The energy axis is that of the published figure. Where an electron lies on it, 1.08 T - 8.2 keV, and with what
    resolution, is what brings the computed recoils to the solar curve of the collaboration: they agree to 1.5 % below
    700 keV, with 0.987 of the pp and 1.004 of the 7Be neutrinos of B16-GS98. Light yield and resolution are held there.

    Below 3 % of the published 210Po some bins expect a negative number of events, for O is taken from its peak: such
    points are impossible, ln L = -inf.
    """

    reference: ClassVar[str] = (
        "M. Agostini et al. (Borexino), Nature 562, 505 (2018) and Phys. Rev. D 100, 082004 (2019), arXiv:1707.09279; "
        "moment: Phys. Rev. D 96, 091103 (2017), arXiv:1707.09355"
    )
    panel: ClassVar[str] = "Borexino phase II"
    ranges: ClassVar[tuple[tuple[float, float], ...]] = (
        (229.8, 300.0),
        (300.0, 360.0),
        (360.0, 550.0),
        (550.0, 700.0),
        (700.0, 856.0),
    )

    counts: Float[Array, " data"]
    edges: Float[Array, " data+1"]
    backgrounds: Float[Array, "components data"]
    """Shapes B of the backgrounds, events of each at the published fit."""
    other: Float[Array, " data"]
    """The rest O: external gamma rays, 11C that was missed, the discreteness of the tubes in the 210Po peak."""
    recoils: SolarRecoils
    flux_shifts: Float[Array, "nuisances points"]
    """Relative change s of the flux of each point for one standard deviation of a nuisance."""
    flux_names: tuple[str, ...] = eqx.field(static=True)
    sources: tuple[Source, ...] = eqx.field(static=True)
    name: str = eqx.field(static=True, default=_NAME)

    @classmethod
    @public
    def load(cls, sun: SolarModel | None = None) -> Self:
        """Read the packaged data; solar fluxes are those of B16-GS98 unless another model of the Sun is given."""
        sun = solar.given_or_standard(sun)
        spectra, table = SolarSpectra.load(), read_table(f"{_NAME}_spectrum")
        edges = np.append(table["energy_low"], table["energy_high"][-1])
        response = ELECTRONS * DAY * _EXPOSURE * _acceptance(edges, 0.5 * (_CELLS[1:] + _CELLS[:-1]))
        recoils = SolarRecoils.build(sun, spectra, _SOURCES, _CELLS, response, masses=_MASSES)
        names = {source: solar.flux_name(sun, flux) for flux, group in solar.FLUXES.items() for source in group}
        flux_names, flux_shifts = recoils.shifts(sun, names)
        return cls(
            counts=on_device(table["observed"]),
            edges=on_device(edges),
            backgrounds=on_device(np.stack([table[name] for name in _COMPONENTS])),
            other=on_device(table["other"]),
            recoils=recoils,
            flux_shifts=on_device(flux_shifts),
            flux_names=flux_names,
            sources=(table.source, *spectra.tables, *sun.tables),
        )

    @property
    def holds(self) -> frozenset[str]:
        """Tags of the data: the recoils; what they say of the mixing weighs nothing beside a global fit."""
        return frozenset({"borexino/recoils"})

    def nuisances(self) -> dict[str, dist.Distribution]:
        """Priors: backgrounds in units of the published fit; in standard deviations, known ones and solar fluxes."""
        known = {f"{_NAME}_{name}": dist.Normal(0.0, 1.0) for name in _KNOWN}
        free = {f"{_NAME}_{name}": dist.Uniform(0.0, high) for name, high in _LARGEST.items()}
        return known | free | {name: dist.Normal(0.0, 1.0) for name in self.flux_names}

    def predict(self, theory: LowEnergy, nuisance: Nuisance) -> Float[Array, " data"]:
        """Predicted events (data,) of each bin."""
        given = [nuisance[f"{_NAME}_{name}"] for name in _COMPONENTS]
        pairs = zip(_COMPONENTS, given, strict=True)
        sizes = jnp.stack([1.0 + _KNOWN[name] * n if name in _KNOWN else n for name, n in pairs])
        flux = 1.0 + jnp.stack([nuisance[name] for name in self.flux_names]) @ self.flux_shifts
        return sizes @ self.backgrounds + self.other + self.recoils.events(theory) @ flux


def _acceptance(
    edges: Float[np.ndarray, " bins+1"], recoil: Float[np.ndarray, " cells"]
) -> Float[np.ndarray, "bins cells"]:
    """The probability that an electron is counted in a bin."""
    sigma = np.sqrt(KEV_PER_MEV * _RESOLUTION[0] ** 2 * recoil + (_RESOLUTION[1] * recoil) ** 2)
    distance = (edges[:, None] - _SCALE * recoil - _OFFSET) / sigma
    return np.diff(np.asarray(normal_cdf(jnp.asarray(distance))), axis=0)
