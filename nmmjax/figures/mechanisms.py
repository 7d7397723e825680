"""The conundrum of moments and masses: what each mechanism gives of both, and of the muon's moment."""

import jax.numpy as jnp
import numpy as np

from nmmjax import plots
from nmmjax.figures import _reach
from nmmjax.models import ThreeFlavor
from nmmjax.plots import Curve, Span
from nmmjax.plots._matplotlib import Figure
from nmmjax.tables import read_table

_SCALES = {"100 GeV": 100.0, "1 TeV": 1000.0, "10 TeV": 1e4}
"""[GeV]."""
_MASSES = np.geomspace(1e-3, 1e7, 200)
"""[eV]."""
_APART = 1.7
"""Between the masses at which mechanisms that leave them free are drawn."""

_BALANCES = (0.003, 0.03, 0.3)
"""Ratios f / f' of the horizontal SU(2)."""
_NEUTRAL = (200.0, 600.0)
"""Masses of its neutral scalars [GeV]."""
_THEORIES = {"wp2020": "White Paper 2020", "wp2025": "White Paper 2025"}


def conundrum() -> Figure:
    """Moment over mass: the loop of W, loops without a symmetry, mechanisms that separate both, and limits."""
    atmospheric = float(jnp.max(ThreeFlavor.benchmark().masses()))
    lines = [
        Curve("Standard Model, Dirac", _MASSES, np.array([_reach.dirac(m) for m in _MASSES])),
        Curve("Standard Model, Majorana", *_reach.majorana()),
    ]
    guides = [
        Curve(f"no symmetry, $M$ = {name}", _MASSES, _reach.without_symmetry(_MASSES, M)) for name, M in _SCALES.items()
    ]
    spans = [
        Span("singlet $\\eta$ (1988), literal", *_reach.eta()),
        Span("$R$-parity violation", *_reach.r_parity()),
        Span("left-right, $\\xi < 10^{-3}$", *_at(atmospheric * _APART**0.5, _reach.left_right())),
        Span("Zee with BFZ, $\\tilde y_t < 1$", *_at(atmospheric * _APART**1.5, _reach.zee())),
        Span("SU(2)$_H$, $ff'\\sin 2\\alpha < 0.1$", *_at(atmospheric * _APART**2.5, _reach.su2())),
    ]
    known = {"from oscillations": atmospheric, "KATRIN": 0.45}
    return plots.conundrum(lines, spans, guides=guides, limits=_limits(), masses=known)


def muon_correlation() -> Figure:
    """Delta a_mu over the moment of nu_e and nu_mu in the horizontal SU(2), what is measured, and what the muon wants.

    Babu, Jana, Lindner and Vishnu, Phys. Lett. B, 2104.03291.
    """
    curves = [
        Curve(f"$f/f' = {balance}$, $m_{{H^0}} = {m:.0f}$ GeV", *_reach.su2_muon(balance, m), family=f"{m}")
        for m in _NEUTRAL
        for balance in _BALANCES
    ]
    table = read_table("muon_magnetic_moment")
    determined = {str(row): i for i, row in enumerate(table["determination"])}
    value, error = table["value"], table["error"]
    measured = determined["experiment"]
    anomalies = {
        label: (value[measured] - value[determined[name]], float(np.hypot(error[measured], error[determined[name]])))
        for name, label in _THEORIES.items()
    }
    return plots.muon_correlation(curves, anomalies=anomalies, limits=_limits())


def _limits() -> list[tuple[str, float, float]]:
    """Name and ends of the limits on moments that are drawn [mu_B]."""
    limits = read_table("moment_limits").where(drawn=1.0)
    rows = zip(limits["experiment"], limits["low"], limits["limit"], strict=True)
    return [(str(name), low, high) for name, low, high in rows]


def _at(mass: float, sizes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return np.full(len(sizes), mass), sizes
