"""What scattering on electrons and nuclei leaves of tensor interactions, in the talk's units of 1 TeV."""

import math

import jax.numpy as jnp
import numpy as np

from nmmjax.constants import CM_PER_FM, KEV_PER_MEV, MEV_PER_GEV, PDG_2026
from nmmjax.experiments import Texono2010
from nmmjax.fluxes import ReactorSpectra
from nmmjax.low_energy import LowEnergy
from nmmjax.models import TensorInteractions
from nmmjax.models.tensor_interactions import FERMIONS
from nmmjax.numerics.quadrature import gauss_legendre
from nmmjax.scattering import helicity_flip, nucleus, scalar_tensor
from nmmjax.tables import read_table

_TEV = 1000.0
_ONE_SIDED_90 = 1.2815515655446004
_FISSIONS = {"U235": 0.55, "U238": 0.07, "Pu239": 0.32, "Pu241": 0.06}
_GEMMA = 2.8, 55.0
"""Recoils between which GEMMA looks for a moment [keV]."""
_FLUX, _PER_FISSION = 1e13, 6.0
"""Antineutrinos [cm^-2 s^-1] in front of a detector of reactor neutrinos, and how many come of a fission."""
_EXPOSURE = 3.156e7 * 1000.0 / 72.63 * PDG_2026.avogadro
"""A year times the nuclei of a kilogram of germanium [s]."""
_THRESHOLD = 0.4
"""Least recoil of germanium [keV] in proposals of that time."""


def weak_scale() -> float:
    """2 sqrt(2) G_F M^2 for M = 1 TeV."""
    return 2.0 * math.sqrt(2.0) * PDG_2026.fermi_constant * _TEV**2


def texono() -> float:
    """|epsilon| of the electron at which TEXONO's rate is 1.28 standard deviations above what was measured."""
    experiment, row = Texono2010.load(), read_table("antineutrino_electron_rates").where(quantity="texono_2010")

    def rate(epsilon: float) -> float:
        theory: LowEnergy = TensorInteractions(epsilon_emu=epsilon, fermion=FERMIONS["e"]).low_energy()
        return float(experiment.predict(theory, {})[0])

    error = math.hypot(row["stat"].item(), row["syst"].item())
    most = row["value"].item() + _ONE_SIDED_90 * error
    return math.sqrt((most - rate(0.0)) / (rate(1.0) - rate(0.0)))


def gemma() -> float:
    """|epsilon| of the electron that makes as many recoils as a moment at GEMMA's limit, from 2.8 to 55 keV."""
    energy, flux = _flux(2.0)
    low, high = _GEMMA
    moment = read_table("moment_limits").where(quantity="gemma_2013")["limit"].item()
    magnetic = helicity_flip.magnetic_cross_section(energy, moment * jnp.eye(1), low=low, high=high)[:, 0, 0]
    tensor = scalar_tensor.strengths(energy, low=low, high=high)[2]
    return math.sqrt(float(flux @ magnetic) / float(flux @ tensor)) * weak_scale()


def germanium(quark: str) -> float:
    """|epsilon| of a quark that 1.64 statistical errors of a kilogram and a year of germanium leave.

    As if the tensor charges of quarks added up coherently, dsigma/dT = (4 M / pi) (Q epsilon / M^2)^2 [(1 - T/2E)^2 -
    M T / 4E^2] with Q = 2 Z + N for u and Z + 2 N for d, which they do not: spins cancel in nuclei.
    """
    target = nucleus.Nucleus.load("Ge")
    mass = float(jnp.sum(target.abundance * target.mass))
    Z, N = (float(jnp.sum(target.abundance * x)) for x in (target.protons, target.neutrons))
    energy, flux = _flux(math.sqrt(0.5 * mass * _THRESHOLD / KEV_PER_MEV))
    couplings = nucleus.Couplings.radiatively_corrected()
    weak = float(flux @ nucleus.cross_section(energy, target, couplings, low=_THRESHOLD)[:, 0, 0])
    a, b = _THRESHOLD / KEV_PER_MEV, np.asarray(2.0 * energy**2 / (mass + 2.0 * energy))
    E = np.asarray(energy)

    def integral(T: float | np.ndarray) -> np.ndarray:
        return T - T**2 / (2.0 * E) + T**3 / (12.0 * E**2) - mass * T**2 / (8.0 * E**2)

    charge = 2.0 * Z + N if quark == "u" else Z + 2.0 * N
    unit = 4.0 * mass / math.pi * (charge / (MEV_PER_GEV * _TEV) ** 2 * PDG_2026.hbar_c * CM_PER_FM) ** 2
    tensor = float(np.asarray(flux) @ (unit * (integral(b) - integral(a))))
    counts = _EXPOSURE * weak
    return math.sqrt(1.6448536269514722 * math.sqrt(counts) / (_EXPOSURE * tensor))


def _flux(lowest: float) -> tuple[jnp.ndarray, jnp.ndarray]:
    """Energies [MeV] from the lowest that counts, and antineutrinos per cm^2 and second there."""
    nodes, weights = gauss_legendre(80)
    half = 0.5 * (9.0 - lowest)
    energy = jnp.asarray(lowest + half * (1.0 + nodes))
    spectrum = ReactorSpectra.huber_mueller().spectrum(energy, _FISSIONS)
    return energy, _FLUX / _PER_FISSION * half * jnp.asarray(weights) * spectrum
