"""Super-Kamiokande: the day-night asymmetry that the collaboration expects, over the splitting."""

import jax
import jax.numpy as jnp
import numpy as np
import numpyro.distributions as dist
from jaxtyping import Array, Float

from nmmjax.experiments import SuperKamiokandeDayNight2024
from nmmjax.fit import Fit
from nmmjax.low_energy import LowEnergy, Neutrinos
from nmmjax.tables import read_table
from nmmjax.verifications._claims import Binned, Bins, Solution, Verification
from nmmjax.verifications._mixing import solar

_PAPER = "K. Abe et al. (Super-Kamiokande), Phys. Rev. D 109, 092001 (2024), arXiv:2312.12907"
_MIXING = (0.306, 0.0218)
"""sin^2 of theta12 and theta13 that the paper finds."""


def mixed(dm21: float) -> Neutrinos:
    """With the mixing that the paper finds, dm21 in 1e-5 eV^2."""
    sin2, sin2_theta13 = _MIXING
    return solar(dm21, sin2 / (1.0 - sin2), sin2_theta13)


def all_phases() -> Fit:
    """The asymmetry of phases I to IV."""
    return Fit(mixed, (SuperKamiokandeDayNight2024.load(),), {"dm21": dist.Uniform(2.0, 12.0)})


def fourth() -> Fit:
    """The asymmetry of phase IV."""
    return Fit(mixed, (SuperKamiokandeDayNight2024.load(phases=(4,)),), {"dm21": dist.Uniform(2.0, 12.0)})


def expected(solution: Solution, phases: float) -> Binned:
    """The asymmetry by the splitting on both sides, with the statistical error of what is measured."""
    (experiment,) = solution.fit.experiments
    assert isinstance(experiment, SuperKamiokandeDayNight2024)
    curve, fits = (
        read_table(f"super_kamiokande_day_night_2024_{of}").where(phases=phases) for of in ("expected", "fits")
    )
    dm21 = curve["dm21"]

    @jax.jit
    def asymmetry(x: Float[Array, ""]) -> Float[Array, ""]:
        return experiment.asymmetry(LowEnergy(mixed(x)))  # pyright: ignore[reportArgumentType]

    here = np.array([float(asymmetry(jnp.asarray(x))) for x in dm21])
    middle = 0.5 * (dm21[1:] + dm21[:-1])
    edges = np.concatenate([[1.5 * dm21[0] - 0.5 * dm21[1]], middle, [1.5 * dm21[-1] - 0.5 * dm21[-2]]])
    return Binned(edges, here, curve["expected"], np.interp(dm21, fits["dm21"], fits["error"]))


def _claim(what: str, figure: str, question: object, phases: float) -> Bins:
    return Bins(
        what=f"expected asymmetry, {what}",
        source=f"{_PAPER}, {figure}",
        question=question,  # pyright: ignore[reportArgumentType]
        spectra=lambda solution: expected(solution, phases),
        axes=(r"$\Delta m^2_{21}$ [$10^{-5}$ eV$^2$]", "day-night asymmetry [%]"),
    )


VERIFICATION = Verification(
    SuperKamiokandeDayNight2024,
    (
        _claim("phase IV", "figure 49", fourth, 4.0),
        _claim("phases I to IV", "figure 52", all_phases, 1234.0),
    ),
    "What is measured is the published fit. What is computed is the asymmetry that a theory has in its place: the "
    "rates of phase IV above 4.49 MeV, by which that of all phases is also judged.",
)
