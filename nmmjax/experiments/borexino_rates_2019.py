"""Borexino: solar neutrinos scattered on the electrons of a scintillator, 2007-2016."""

from typing import ClassVar, Self

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Complex, Float

from nmmjax._compilation import quick
from nmmjax._public import public
from nmmjax.experiments.likelihoods.correlated import correlated_fields
from nmmjax.experiments.shared import electron_recoils, solar
from nmmjax.fluxes import SolarSpectra
from nmmjax.low_energy import LowEnergy
from nmmjax.media import SolarModel
from nmmjax.scattering import electron, scalar_tensor
from nmmjax.tables import read_table

ELECTRONS = 3.307e31
"""Electrons in 100 t of pseudocumene [G. Bellini et al., Phys. Rev. D 89, 112007 (2014)]."""
DAY = 86400.0
"""Length of a day [s]."""
_LINE = 0.8613
"""[MeV], the upper line of 7Be."""
_B8_THRESHOLD = 3000.0
"""Of the recoils counted as 8B neutrinos [keV]."""
_RATES = {
    "borexino_1_be7": "7Be line at 0.862 MeV, phase I",
    "borexino_1_b8": "8B above 3 MeV, phase I",
    "borexino_2_pp": "pp, phase II",
    "borexino_2_pep": "pep, phase II",
    "borexino_2_be7": "7Be, phase II",
}
_PIECE = 128
"""Energies at which cross sections are computed together: one program for all spectra."""
_PHASE_2 = slice(2, 5)


class BorexinoRates2019(solar.SolarRates):
    """Rates of elastic scattering [counts per day and 100 t]: 7Be and 8B of phase I; pp, pep and 7Be of phase II.

    nu_mu and nu_tau scatter too, with a fifth of the cross section. Effective couplings of the standard model at low
    energy, without photon emission, with the charge radii and all interactions of the theory; not its moments and
    charges, whose rates grow without end at low recoils (`BorexinoSpectrum2018` sees them). Errors of phase I are
    uncorrelated, those of phase II correlated by the spectral fit; errors common to both phases (fiducial mass) are not
    known to be so here. Day and night are the same.
    """

    reference: ClassVar[str] = (
        "G. Bellini et al. (Borexino), Phys. Rev. Lett. 107, 141302 (2011) and Phys. Rev. D 82, 033006 (2010); "
        "M. Agostini et al. (Borexino), Phys. Rev. D 100, 082004 (2019), arXiv:1707.09279"
    )

    @classmethod
    @public
    def load(cls, sun: SolarModel | None = None) -> Self:
        """Read the packaged data; solar fluxes are those of B16-GS98 unless another model of the Sun is given."""
        sun = solar.given_or_standard(sun)
        spectra = SolarSpectra.load()
        rates, inverse = read_table("solar_rates"), read_table("solar_rates_borexino_2")
        measured = [rates.where(measurement=name) for name in _RATES]
        covariance = np.diag(np.concatenate([solar.variance(table) for table in measured]))
        covariance[_PHASE_2, _PHASE_2] = np.linalg.inv(np.stack([inverse[name] for name in ("pp", "pep", "be7")]))
        upper_line, energetic, everything = (
            _scattering(lowest=_LINE),
            _scattering(threshold=_B8_THRESHOLD),
            _scattering(),
        )
        seen = (
            (("be7", upper_line),),
            (("b8", energetic), ("hep", energetic)),
            (("pp", everything),),
            (("pep", everything),),
            (("be7", everything),),
        )
        channels = [[solar.Channel.of(sun, spectra, *channel) for channel in of_datum] for of_datum in seen]
        return cls(
            name="borexino",
            sources=(rates.source, inverse.source, *spectra.tables, *sun.tables),
            quantities=tuple((label, "cpd/100t") for label in _RATES.values()),
            **solar.rate_fields(sun, channels),
            **correlated_fields(np.concatenate([table["value"] for table in measured]), covariance),
        )

    def rates(self, state: Complex[Array, "points 3 3"], theory: LowEnergy) -> Float[Array, "data points"]:
        """Rates (data, points) for the fluxes of the solar model, by energy."""
        matrices = electron_recoils.products(theory)[0]
        if (flips := electron_recoils.flip_couplings(theory)) is not None:
            matrices += flips.products()
        seen = self.weights[..., 3 : 3 + len(matrices)]
        return jnp.einsum("dpk,kp->dp", seen, electron_recoils.traces(state, matrices))

    @property
    def holds(self) -> frozenset[str]:
        """Tags of the data: what the rates say of the mixing, and the recoils that were counted."""
        return frozenset({"borexino/mixing", "borexino/recoils"})


def _scattering(*, threshold: float = 0.0, lowest: float = 0.0) -> solar.Response:
    """Response of recoils above a threshold [keV] of neutrinos from an energy [MeV] on."""

    def response(energy: Float[np.ndarray, " n"]) -> Float[np.ndarray, "n 10"]:
        pieces = np.resize(energy, (-(-len(energy) // _PIECE), _PIECE))
        sections = np.concatenate([_sections(piece, threshold) for piece in pieces])[: len(energy)]
        rates = ELECTRONS * DAY * sections
        return np.where(energy >= lowest, 1.0, 0.0)[:, None] * rates

    return response


@quick()
def _sections(energy: Float[Array, " n"], threshold: Float[Array, ""]) -> Float[Array, "n 10"]:
    """Cross sections [cm^2] of each flavor and of each product of couplings, for recoils above a threshold [keV]."""
    couplings = electron.Couplings.radiatively_corrected()
    flavors = jnp.diagonal(electron.cross_section(energy, couplings, low=threshold), axis1=-2, axis2=-1)
    strengths = electron.strengths(energy, low=threshold) + scalar_tensor.strengths(energy, low=threshold)
    return jnp.concatenate([flavors, jnp.stack(strengths, -1)], -1)
