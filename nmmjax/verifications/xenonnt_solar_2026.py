"""XENONnT: the flux of solar 8B neutrinos by coherent scattering."""

import numpy as np

from nmmjax.experiments import XenonNTSolar2026
from nmmjax.fit import Fit
from nmmjax.media import SolarModel
from nmmjax.verifications._claims import Interval, Solution, Verification
from nmmjax.verifications._mixing import benchmark


def xenon() -> Fit:
    """Three flavors with the mixing of NuFIT 6.0, and a free flux."""
    return Fit(benchmark, (XenonNTSolar2026.load(free_flux=True),), {})


def _flux(solution: Solution, relative: np.ndarray) -> np.ndarray:
    """In 1e6 / (cm^2 s)."""
    sun = SolarModel.b16_gs98()
    return 1e-6 * float(sun.fluxes[sun.index("b8")]) * relative


VERIFICATION = Verification(
    XenonNTSolar2026,
    (
        Interval(
            what="flux of 8B neutrinos",
            source="E. Aprile et al. (XENON), Phys. Rev. Lett. 133, 191002 (2024), arXiv:2408.02877",
            question=xenon,
            unit="1e6 / (cm^2 s)",
            name="xenonnt_solar_2026_flux",
            symbol=r"8B flux [$10^6$ / (cm$^2$ s)]",
            published=(4.7, 3.6, 2.3),
            reach=(0.05, 2.5),
            into=_flux,
        ),
    ),
    "Published is the flux of the first two science runs, here are three, so that errors are smaller; of the first two "
    "alone it is 5.7 +3.8 -2.4, with the response of 2026, which sees a fifth less than that of 2024.",
)
