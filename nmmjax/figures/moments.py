"""Magnetic moments in experiments: recoils, cross sections, and who knows how much."""

import math

import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from nmmjax import plots
from nmmjax.constants import ELECTRON, MUON
from nmmjax.experiments import Experiment, Xenon1T2020, XenonNT2022
from nmmjax.figures import _reach
from nmmjax.models import Democratic, TensorInteractions, ThreeFlavor, UniversalMoment
from nmmjax.models.tensor_interactions import FERMIONS
from nmmjax.plots import Band, Curve, Recoils
from nmmjax.plots._matplotlib import Figure
from nmmjax.scattering import dipole_portal, electron, helicity_flip
from nmmjax.tables import read_table

_PUBLISHED = (1.4e-11, 2.9e-11)
"""What XENON1T read out of its excess, at 90 % [mu_B]."""
_NEUTRINO = 0.4
"""Energy of the neutrinos of the cross sections [MeV], near the end of the pp spectrum."""
_RECOILS = np.geomspace(0.03, 1000.0, 400)
"""[keV]."""
_HEAVIEST = 0.45
"""Mass of neutrinos that KATRIN leaves [eV]."""
_DISPUTED = " (disputed)"
_HEAVY = 0.05
"""Mass of N [MeV]."""


def recoil_spectra() -> Figure:
    """XENON1T and XENONnT with what the moment that would explain the first does to both."""
    return plots.recoil_spectra([_recoils(Xenon1T2020.load()), _recoils(XenonNT2022.load())])


def _recoils(experiment: Xenon1T2020 | XenonNT2022) -> Recoils:
    low, high = (_expected(experiment, mu) for mu in _PUBLISHED)
    label = rf"with $\mu_\nu$ = ({_PUBLISHED[0] * 1e11:g} to {_PUBLISHED[1] * 1e11:g}) $\times 10^{{-11}} \mu_B$"
    return Recoils(
        experiment.panel,
        np.asarray(experiment.edges),
        np.asarray(experiment.counts),
        np.asarray(experiment.errors()),
        _expected(experiment, 0.0),
        Band(label, low, high),
        (r"with $\mu_\nu = 6.4 \times 10^{-12} \mu_B$", _expected(experiment, 6.4e-12)),
    )


def _expected(experiment: Experiment, moment: float) -> Float[np.ndarray, " bins"]:
    nuisance = {name: jnp.zeros(()) for name in experiment.nuisances()}
    return np.asarray(experiment.predict(UniversalMoment(moment).low_energy(), nuisance))


def electron_cross_sections() -> Figure:
    """dsigma/dT on a free electron: flat for the weak interaction, 1/T for moments, 1/T^2 for charges."""
    T = jnp.asarray(_RECOILS)
    weak = electron.differential_cross_section(_NEUTRINO, T, electron.Couplings.radiatively_corrected())
    standard = [np.asarray(jnp.real(weak[:, flavor, flavor])) for flavor in (ELECTRON, MUON)]
    labels = (r"weak, $\nu_e$", r"weak, $\nu_\mu$ or $\nu_\tau$")
    curves = [Curve(label, _RECOILS, values, family="weak") for label, values in zip(labels, standard, strict=True)]
    for mu in (3e-11, 1e-11, 3e-12):
        flip = helicity_flip.magnetic_differential_cross_section(_NEUTRINO, T, mu * jnp.eye(1))
        label = rf"$\mu_\nu$ = {_scientific(mu)} $\mu_B$"
        curves.append(Curve(label, _RECOILS, np.asarray(flip[:, 0, 0]), family="moments"))
    up = dipole_portal.electron_differential_cross_section(_NEUTRINO, T, _HEAVY, moment=1e-11)
    label = rf"dipole portal, {_scientific(1e-11)} $\mu_B$, $m_N$ = {1e3 * _HEAVY:g} keV"
    curves.append(Curve(label, _RECOILS, np.asarray(up)))
    charged = electron.Couplings.radiatively_corrected().with_millicharge(1e-13 * jnp.eye(3), T)
    total = electron.differential_cross_section(_NEUTRINO, T, charged)
    label = rf"weak $\nu_e$ with $q_\nu$ = {_scientific(1e-13)} $e$"
    curves.append(Curve(label, _RECOILS, np.asarray(jnp.real(total[:, 0, 0]))))
    return plots.cross_sections(curves, f"neutrino of {1e3 * _NEUTRINO:g} keV on a free electron")


def moment_limits() -> Figure:
    """Limits of reactors, the Sun, stars and cosmology beside what mechanisms reach."""
    table = read_table("moment_limits")
    limits = [
        (f"{name}{_DISPUTED if 'red giants' in str(name) else ''}, {100 * confidence:g} %", low, high)
        for name, low, high, confidence in zip(
            table["experiment"], table["low"], table["limit"], table["confidence"], strict=True
        )
    ]
    atmospheric = float(jnp.max(ThreeFlavor.benchmark().masses()))
    democratic = np.abs(np.asarray(Democratic.benchmark().low_energy().neutrinos.moment_matrix))
    mechanisms = [
        Band("$W$ loop, Dirac, masses to 0.45 eV", *_ends([_reach.dirac(m) for m in (atmospheric, _HEAVIEST)])),
        Band("$W$ loop, Majorana, lightest mass to 0.45 eV", *_ends(_majorana())),
        Band("democratic neutrinos, transitions", *_ends(democratic[democratic > 0.0])),
        Band(r"no symmetry, $M$ = 100 GeV to 10 TeV, $m_\nu$ = 0.05 eV", *_ends(_unprotected(atmospheric))),
        Band(r"left-right, $\xi < 10^{-3}$", *_ends(_reach.left_right())),
        Band(r"Zee with Barr-Freire-Zee, $\tilde y_t < 1$", *_ends(_reach.zee())),
        Band(r"tensor interaction with $\tau$, $|\epsilon| < 1$ at 1 TeV", *_ends(_tensor())),
        Band(r"singlet $\eta$ (1988)", *_ends(_reach.eta()[1])),
        Band(r"SU(2)$_H$, $ff'\sin 2\alpha < 0.1$", *_ends(_reach.su2())),
    ]
    return plots.moment_limits(limits, mechanisms)


def _majorana() -> np.ndarray:
    mass, moment = _reach.majorana()
    return moment[mass < _HEAVIEST]


def _unprotected(mass: float) -> list[float]:
    return [float(_reach.without_symmetry(np.array(mass), M)) for M in (1e2, 1e4)]


def _tensor() -> list[float]:
    model = TensorInteractions(epsilon_emu=1.0, fermion=FERMIONS["tau"])
    return [0.0, float(model.derived()["mu_emu"])]


def _ends(values: object) -> tuple[np.ndarray, np.ndarray]:
    array = np.asarray(values)
    return np.array([array.min()]), np.array([array.max()])


def _scientific(value: float) -> str:
    power = math.floor(math.log10(value) + 1e-9)
    front = value / 10.0**power
    return rf"$10^{{{power}}}$" if abs(front - 1.0) < 1e-9 else rf"${front:g} \times 10^{{{power}}}$"
