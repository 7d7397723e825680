"""Hostile calls: every public function, constructor and `load` with one or two arguments that make no sense.

A call ends in an error of the package's own grammar that names an argument, in Python's own error about a missing or
unknown keyword, or in finite numbers. The functions are found by looking; one without an example here, and without a
reason to be left out, fails the test. `python tests/test_hostile.py 20000` makes so many calls and lists what is wrong.
"""

import dataclasses
import importlib
import inspect
import pkgutil
import random
import re
import sys
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from types import ModuleType
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import numpyro.distributions as dist
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import nmmjax
from nmmjax import experiments, oscillation
from nmmjax.constants import PDG_2026, Constants
from nmmjax.fluxes import ReactorSpectra, ReactorTables, SolarSpectra
from nmmjax.low_energy import ChargedLeptons, Dirac, FermionCouplings, Neutrinos
from nmmjax.media import B23, SolarModel
from nmmjax.numerics.spectral import ExpMinusI
from nmmjax.parameters import Argument, Parametrized, arguments
from nmmjax.scattering import electron, nuclear_flips, nucleus, scalar_tensor
from nmmjax.scattering.atoms import Shells
from nmmjax.scattering.dipole_emission import Core
from nmmjax.stars import Sphere
from nmmjax.three_flavor import NUFIT60, LightNeutrinos

LEFT_OUT = {
    "analysis": "takes fits and names of their quantities: tests/test_analysis.py",
    "changes": "takes words: tests/test_changes.py",
    "citations": "takes names and records: tests/test_citations.py",
    "decisions": "takes records: tests/test_impacts.py, tests/test_reweight.py",
    "executors": "takes functions and units of work: tests/test_executors.py",
    "experiments.base.prediction": "called with what models return",
    "experiments.base.with": "called with what models return",
    "experiments.likelihoods": "parts of experiments, made of their own data: tests/test_terms.py",
    "experiments.nufit53_tables.Pair": "two names, with which `NuFIT53Tables.load` is asked",
    "experiments.published_chain": "reads files of users: tests/test_published_chain.py",
    "experiments.red_giants_2020": "called by a fit, with what models return",
    "experiments.shared": "parts of experiments, made of their own data: tests/test_experiments.py",
    "figures": "no arguments but functions and data of the package: tests/test_figures.py",
    "exports": "takes results and folders: tests/test_exports.py",
    "fit": "takes models and priors: tests/test_fit.py",
    "forecasts": "takes analyses and names of their numbers: tests/test_forecasts.py",
    "gallery": "takes names of files: tests/test_gallery.py",
    "infer": "takes fits: tests/test_infer.py; its `Settings` are here",
    "ledger": "takes names of documents: tests/test_ledger.py",
    "new": "takes names of files: tests/test_new.py",
    "numerics.closed_form": "runs inside compiled programs, on arrays that the doors have checked",
    "numerics.entrywise": "runs inside compiled programs, on arrays that the doors have checked",
    "numerics.ruled": "makes functions, whose arguments the doors have checked",
    "numerics.extrapolation": "runs inside compiled programs, on slopes of the package: tests/test_running.py",
    "numerics.projectors": "runs inside compiled programs, on arrays that the doors have checked",
    "numerics.quadrature": "runs when modules are imported, on literal numbers",
    "numerics.special": "runs inside compiled programs, on arrays that the doors have checked",
    "numerics.spectral": "runs inside compiled programs, on arrays that the doors have checked",
    "numerics.trigonometry": "runs inside compiled programs, on arrays that the doors have checked",
    "ordering": "runs inside compiled programs, on parameters that are checked",
    "pages": "takes results: tests/test_pages.py",
    "parameters": "declarations in the source of models: tests/test_parameters.py",
    "plots": "takes results: tests/test_figures.py",
    "plugins": "takes names: tests/test_plugins.py",
    "fluxes.supernova_fluence": "splines of packaged tables: tests/test_supernova_burst.py",
    "scattering.argon": "splines of a packaged table: tests/test_supernova_burst.py",
    "precession": "takes functions, profiles and neutrinos: tests/test_precession.py, tests/test_magnetic_sun.py",
    "prior_set": "takes priors of a fit: tests/test_fit.py",
    "quantities": "declarations in the source of models: tests/test_parameters.py",
    "references": "takes words: tests/test_citations.py",
    "report": "takes results: tests/test_infer.py",
    "results": "takes results and folders: tests/test_infer.py",
    "sheets": "takes names: tests/test_sheets.py",
    "simulations": "takes records: tests/test_ensembles.py, tests/test_forecasts.py",
    "space": "takes priors of a fit: tests/test_fit.py",
    "surveys": "takes analyses and names of their numbers: tests/test_surveys.py",
    "tables": "takes names of packaged files: tests/test_tables.py",
    "listings": "takes lines of tables: tests/test_doors.py",
    "low_energy.nature": "called by `Neutrinos`, which has checked",
    "matter.check_": "is a check",
    "media.sun.B23": "names of compositions",
    "matter.charge_sign": "runs inside compiled programs",
    "matter.added_mass_squared": "runs inside compiled programs",
    "priors.OverComplexPlane": "is abstract",
    "numerics.hermitian.adjoint": "runs inside compiled programs",
    "numerics.hermitian.gram": "runs inside compiled programs",
    "numerics.interpolate.traced_spline": "runs inside compiled programs",
    "numerics.interpolate.lagrange": "runs inside compiled programs",
    "oscillation.averages.averaged": "called by `density_matrix`, which has checked",
    "oscillation.solar.check_solar": "is a check",
    "scattering.form_factor.helm_of_squared": "runs inside compiled programs",
    "scattering.form_factor.ball_radius_squared": "runs inside compiled programs",
    "running": "called with what models return; its own bad input: tests/test_running.py",
    "scattering.kinematics": "runs inside compiled programs, or is a check",
    "scattering.nucleus.charge_form_factor": "runs inside compiled programs",
    "scattering.nucleus.form_factor_end": "runs inside compiled programs",
    "scattering.nucleus.form_factor_turn": "runs inside compiled programs",
    "scattering.proton.allm": "runs inside compiled programs",
    "scattering.proton.dipoles": "runs inside compiled programs",
    "scattering.electron.weak_scale": "called by cross sections, with their constants",
    "scattering.nucleus.nucleons": "called by cross sections, which have checked",
    "scattering.nucleus.symmetrized": "called by cross sections, which have checked",
    "slha": "takes theories and texts: tests/test_slha.py",
    "testing": "takes models, experiments and analyses: tests/test_testing.py",
    "three_flavor.angle_of_sin2": "called by constructors, which have checked",
    "verifications": "declarations, and names of experiments: tests/test_verifications.py",
}
"""Beginnings of names, and why nothing hostile is handed to what bears them."""
METHODS_LEFT_OUT = {
    "average": "called by experiments, with energies of their own",
    "joined": "takes any number of averages: tests/test_public.py",
    "with_broadcasting": "called by the engine",
    "loss": "of a star: called by experiments",
    "mass_matrix_in": "called by experiments",
    "state": "of an average: called by the engine",
    "check": "of an average: called by the engine",
    "coupling": "called by experiments, with words of their own",
    "has": "called by experiments, with words of their own",
    "combine": "called by the space of a fit",
    "split": "called by the space of a fit",
    "log_area": "called by the space of a fit",
    "log_prob": "of numpyro",
    "sample": "of numpyro",
    "predict": "called by a fit, with what models return",
    "log_likelihood": "called by a fit, with what models return",
    "fitted": "called by a fit, with what models return",
    "simulate": "called with what models return",
    "pulls": "called with what models return",
}

M = np.diag([0.01, 0.02, 0.05]) + 0.001
H = M @ M
U = np.eye(3) + 0j
MOMENTS = np.array([[0.0, 1.0, 2.0], [-1.0, 0.0, 3.0], [-2.0, -3.0, 0.0]]) * 1e-11
RADII = np.diag([1.0, 2.0, 3.0]) * 1e-33
CHARGES = np.diag([1.0, 2.0, 3.0]) * 1e-13


@cache
def argon() -> nucleus.Nucleus:
    return nucleus.Nucleus.load("Ar")


@cache
def sun() -> SolarModel:
    return SolarModel.b16_gs98()


def _fields(instance: Any) -> dict[str, Any]:
    return {field.name: getattr(instance, field.name) for field in dataclasses.fields(instance)}


def _portal(**others: Any) -> dict[str, Any]:
    return {"energy": 10.0, "heavy_mass": 1.0, **others}


def _emitted() -> dict[str, Any]:
    return {"heavy_mass": 1.0, "rate": 1.0, "core": Core(), "moment": 1e-11}


EXAMPLES: dict[str, Callable[[], dict[str, Any]]] = {
    "constants.Constants": lambda: dataclasses.asdict(PDG_2026),
    "decays.neutrino_radiative_rate": lambda: {"moment": 1e-10, "mass": 1.0, "lighter_mass": 0.5},
    "decays.neutrino_radiative_widths": lambda: {"moments": abs(MOMENTS), "masses": np.array([0.0, 0.1, 0.2])},
    "decays.heavy_neutrino_radiative_rate": lambda: {"moment": 1e-9, "mass": 10.0, "majorana": True},
    "decays.decay_length": lambda: {"rate": 1.0, "energy": 10.0, "mass": 1.0},
    "decays.decay_between": lambda: {"length": 2.0, "near": 0.5, "far": 3.0},
    "decays.lepton_radiative_ratio": lambda: {"left": 1e-9j, "right": 1e-10},
    "decays.higgs_lepton_ratio": lambda: {"coupling": 1e-3j, "transposed": 1e-3},
    "decays.three_lepton_ratio": lambda: {"coefficient": 1e-9j, "identical": True},
    "decays.muonium_conversion": lambda: {"coefficient": 1e-9j},
    "fluxes.pion_decay.greatest_energy": lambda: {"kind": "nu_e"},
    "fluxes.pion_decay.density": lambda: {"energy": 10.0, "kind": "nu_e"},
    "fluxes.pion_decay.energies": lambda: {"kind": "nu_e", "low": 1.0},
    "fluxes.pion_decay.fluence": lambda: {"protons": 1e20, "baseline": 0.02, "per_proton": 0.1},
    "fluxes.pion_decay.arrived": lambda: {"time": 1.0, "center": 0.5, "width": 0.2},
    "fluxes.reactor.fission_spectrum": lambda: {
        "energy": 4.0,
        "coefficients": np.array([[0.9, -0.1], [0.8, -0.2]]),
        "fission_fractions": np.array([0.6, 0.4]),
    },
    "fluxes.reactor.ReactorSpectra.spectrum": lambda: {
        "energy": 4.0,
        "fission_fractions": {"U235": 0.5, "U238": 0.1, "Pu239": 0.3, "Pu241": 0.1},
    },
    "fluxes.reactor.ReactorSpectra": lambda: _fields(ReactorSpectra.vogel_engel()),
    "fluxes.reactor_tables.ReactorTables": lambda: _fields(ReactorTables.load()),
    "fluxes.reactor_tables.ReactorTables.quadrature": lambda: {
        "fission_fractions": {"U235": 0.58, "U238": 0.08, "Pu239": 0.29, "Pu241": 0.05},
        "captures": 0.6,
    },
    "fluxes.solar.SolarSpectra": lambda: _fields(SolarSpectra.load()),
    "oscillation.solar.ProductionAverage": lambda: {"energy": np.array([1.0]), "weights": np.full((1, 128), 1 / 128)},
    "scattering.atoms.Shells": lambda: _fields(Shells.load("Xe")),
    "models.grimus_lavoura.scalar_mass": lambda: {"a": 1e-8, "coupling": 1.0},
    "fluxes.solar.SolarSpectra.quadrature": lambda: {"source": "b8"},
    "fluxes.supernova.pinched_spectrum": lambda: {"energy": 10.0, "mean_energy": 12.0, "pinching": 2.0},
    "fluxes.supernova.SupernovaBurst": lambda: {
        "times": np.array([0.0, 1.0, 2.0]),
        "luminosities": np.full((3, 3), 1e51),
        "mean_energies": np.full((3, 3), 12.0),
        "pinchings": np.full((3, 3), 2.0),
    },
    "fluxes.supernova.SupernovaBurst.luminosity": lambda: {"time": 1.0},
    "fluxes.supernova.SupernovaBurst.mean_energy": lambda: {"time": 1.0},
    "fluxes.supernova.SupernovaBurst.pinching": lambda: {"time": 1.0},
    "fluxes.supernova.SupernovaBurst.emission": lambda: {"time": 1.0, "energy": 10.0},
    "fluxes.supernova.SupernovaBurst.flux": lambda: {"time": 1.0, "energy": 10.0, "distance": 10.0},
    "fluxes.supernova.SupernovaBurst.fluence": lambda: {"energy": 10.0, "distance": 10.0, "start": 0.5, "end": 1.5},
    "infer.settings.Settings": lambda: dataclasses.asdict(nmmjax.Settings()),
    "loops.barr_zee.scalar": lambda: {"r": 0.5},
    "loops.barr_zee.pseudoscalar": lambda: {"r": 0.5},
    "loops.barr_zee.w_boson": lambda: {"r": 0.5},
    "loops.barr_zee.w_gamma_fermion": lambda: {
        "m_scalar": 100.0,
        "m_down": 4.0,
        "m_up": 170.0,
        "charge_down": -1 / 3,
        "charge_up": 2 / 3,
        "yukawa_down": 0.1,
        "yukawa_up": 1.0,
    },
    "loops.one_loop.chirality_flip": lambda: {"t": 0.5},
    "loops.one_loop.flip_on_fermion": lambda: {"t": 0.5},
    "loops.one_loop.photon_on_fermion": lambda: {"t": 0.5},
    "loops.one_loop.photon_on_scalar": lambda: {"t": 0.5},
    "loops.one_loop.w_loop": lambda: {"a": 0.5},
    "loops.one_loop.w_loop_gim": lambda: {"a": 0.5},
    "loops.one_loop.b0_minimal": lambda: {"m_1": 1.0, "m_2": 2.0, "scale": 3.0},
    "loops.one_loop.b0_cutoff": lambda: {"m_1": 1.0, "m_2": 2.0, "cutoff": 3.0},
    "loops.one_loop.b0_difference": lambda: {"m": 1.0, "m_1": 2.0, "m_2": 3.0},
    "loops.one_loop.scotogenic": lambda: {"m_fermion": 1.0, "m_real": 2.0, "m_imaginary": 3.0},
    "loops.two_loop.massless": lambda: {"r": 0.5},
    "loops.two_loop.massive": lambda: {"m_l": 0.1, "m_lp": 1.0, "m_f": 100.0, "m_h": 200.0},
    "loops.two_loop.w_gamma_fermion": lambda: {
        "m_scalar": 100.0,
        "m_down": 4.0,
        "m_up": 170.0,
        "charge_down": -1 / 3,
        "charge_up": 2 / 3,
        "yukawa_down": 0.1,
        "yukawa_up": 1.0,
    },
    "loops.two_loop.w_gamma_scalar": lambda: {"m_scalar": 100.0, "m_charged": 200.0, "m_neutral": 300.0},
    "low_energy.LowEnergy": lambda: {"neutrinos": Neutrinos(M), "charged_leptons": ChargedLeptons()},
    "low_energy.charged_leptons.ChargedLeptons": lambda: {
        "dipole_left": 1e-9 * U,
        "dipole_right": 1e-9 * U,
        "anomalous_moments": np.full(3, 1e-10),
        "bilepton": 1e-4 * U,
        "fermi_shift": np.full((3, 3), 1e-4),
        "higgs": 1e-4 * U,
    },
    "low_energy.charged_leptons.ChargedLeptons.radiative_ratio": lambda: {"mother": 1, "daughter": 0},
    "low_energy.charged_leptons.ChargedLeptons.higgs_ratio": lambda: {"first": 1, "second": 2},
    "low_energy.charged_leptons.ChargedLeptons.four_leptons": lambda: {"first": (0, 0), "second": (1, 1)},
    "low_energy.charged_leptons.ChargedLeptons.three_lepton_ratio": lambda: {
        "mother": 1,
        "antilepton": 0,
        "pair": (0, 0),
    },
    "low_energy.coherence.CoherenceLoss": lambda: {"rate": 1e-22, "power": -1.0},
    "low_energy.heavy_leptons.HeavyLepton": lambda: {"mass": 10.0, "moments": np.full(3, 1e-9)},
    "low_energy.interactions.FermionCouplings": lambda: {
        "vector": 0.1 * U,
        "axial": 0.1 * U,
        "scalar": 0.1 * U,
        "pseudoscalar": 0.1 * U,
        "tensor": 0.1 * U,
    },
    "low_energy.interactions.Interactions": lambda: {"electron": FermionCouplings(), "up": None, "down": None},
    "low_energy.light_scalars.ScalarField": lambda: {
        "mass": 2e-14,
        "neutrino_couplings": 1e-10 * np.eye(3),
        "electron_coupling": 1e-30,
        "nucleon_coupling": 1e-30,
    },
    "low_energy.neutrinos.Neutrinos": lambda: {
        "mass_matrix": M,
        "moment_matrix": MOMENTS,
        "nature": Dirac(),
        "charge_radius": RADII,
        "millicharge": CHARGES,
    },
    "matter.charged_current_potential": lambda: {"density": 3.0, "electron_fraction": 0.5},
    "matter.neutral_current_potential": lambda: {"density": 3.0, "electron_fraction": 0.5},
    "matter.vacuum_hamiltonian": lambda: {"mass_squared": H, "energy": 3.0, "antineutrino": False},
    "matter.hamiltonian": lambda: {
        "mass_squared": H,
        "energy": 3.0,
        "density": 3.0,
        "electron_fraction": 0.5,
        "antineutrino": True,
        "nsi": 0.01 * U,
    },
    "matter.potential_matrix": lambda: {
        "flavors": 3,
        "charged": 1.0,
        "sterile": 0.5,
        "antineutrino": False,
        "nsi": 0.01 * U,
    },
    "media.earth.EarthModel": lambda: {
        "outer_radius": np.array([3000.0, 6371.0]),
        "density": np.array([12.0, 5.0]),
        "electron_fraction": np.array([0.47, 0.5]),
        "piece": 500.0,
        "joined": [False, True],
    },
    "media.earth.EarthModel.prem": lambda: {
        "core_electron_fraction": 0.47,
        "mantle_electron_fraction": 0.5,
        "piece": 500.0,
    },
    "media.earth.EarthModel.flattened": lambda: {"thickness": 500.0},
    "media.earth.EarthModel.density_at": lambda: {"radius": 1000.0},
    "media.earth.ThroughEarth": lambda: {"cos_zenith": -0.5, "production_height": 15.0, "detector_depth": 1.0},
    "media.profiles.Arch": lambda: {"value": 1.0, "start": 1.0, "stop": 10.0},
    "media.profiles.Constant": lambda: {"value": 1.0},
    "media.profiles.Exponential": lambda: {"value": 1.0, "scale": 10.0, "origin": 1.0},
    "media.profiles.Linear": lambda: {"value": 1.0, "slope": 0.1, "origin": 1.0},
    "media.profiles.PowerLaw": lambda: {"value": 1.0, "radius": 10.0, "power": 3.0},
    "media.profiles.Steps": lambda: {"edges": np.array([1.0, 2.0]), "values": np.array([0.3, 0.4, 0.5])},
    "media.profiles.Tabulated": lambda: {
        "radius": np.array([1.0, 2.0, 3.0, 4.0]),
        "value": np.array([1.0, 0.5, 0.2, 0.1]),
        "logarithmic": True,
    },
    "media.path.Uniform": lambda: {"baseline": 295.0, "density": 3.0, "electron_fraction": 0.5},
    "media.path.Layers": lambda: {
        "lengths": np.array([1.0, 2.0]),
        "densities": np.array([3.0, 4.0]),
        "electron_fractions": 0.5,
    },
    "media.sun.SolarModel": lambda: _fields(sun()),
    "media.sun.SolarModel.from_profiles": lambda: {
        "name": "mine",
        "radius": np.array([0.1, 0.2, 0.3]),
        "electron_density": np.array([50.0, 20.0, 10.0]),
        "production": np.ones((8, 3)),
        "fluxes": np.full(8, 1e6),
        "flux_errors": np.full(8, 0.1),
        "neutron_density": np.array([20.0, 5.0, 2.0]),
    },
    "media.sun.SolarModel.index": lambda: {"source": "b8"},
    "media.sun.SolarModel.with_electrons_of": lambda: {"composition": B23.GS98},
    "media.sun.FromSun": lambda: {"model": sun(), "source": "b8", "scale_height": 6.6e4},
    "mixing.pmns": lambda: {"theta12": 0.5, "theta13": 0.1, "theta23": 0.7, "delta_cp": 1.0},
    "mixing.majorana_phases": lambda: {"alpha21": 0.5, "alpha31": 0.1},
    "mixing.mass_squared_matrix": lambda: {"pmns": U, "dm21": 7.5e-5, "dm31": 2.5e-3},
    "mixing.majorana_mass_matrix": lambda: {"pmns": U, "masses": np.array([0.0, 0.1, 0.2])},
    "mixing.dirac_mass_matrix": lambda: {"pmns": U, "masses": np.array([0.0, 0.1, 0.2])},
    **{
        f"mixing.{name}": lambda: {"pmns": U}
        for name in ("sin2_theta12", "sin2_theta13", "sin2_theta23", "jarlskog", "delta_cp")
    },
    **{f"mixing.{name}": lambda: {"pmns": U} for name in ("alpha21", "alpha31", "angles")},
    "mixing.label_order": lambda: {"mass_squared": np.array([0.0, 0.1, 0.2])},
    "moments.in_bohr_magnetons": lambda: {"over_charge": 1e-8},
    "moments.w_loop_dirac": lambda: {"mass_matrix": M},
    "moments.w_loop_majorana": lambda: {"mass_matrix": M},
    "moments.charged_scalar": lambda: {"left": 0.1 * U, "right": 0.1 * U, "m_scalar": 100.0},
    "moments.tensor": lambda: {"couplings": 0.1, "scale": 1e3, "mass": 1.0, "charge": -1.0, "colors": 3},
    "moments.left_right": lambda: {"sin_2xi": 0.1, "lepton_mass": 0.1, "neutrino_mass": 0.1, "mass_ratio": 0.1},
    "moments.r_parity_violation": lambda: {
        "coupling": 0.1,
        "m_slepton": 300.0,
        "lepton_mass": 1.7,
        "trilinear": 100.0,
    },
    "moments.barr_freire_zee": lambda: {"coupling": 0.1, "loop": 1e-4, "fine_structure_2": 0.03},
    "moments.expected_mass": lambda: {"moment": 1e-11, "m_heavy": 100.0},
    "numerics.hermitian.matrix_function": lambda: {"H": M, "f": ExpMinusI(jnp.asarray(1.0))},
    "numerics.hermitian.exp_minus_i": lambda: {"H": M, "length": 1.0},
    "numerics.hermitian.hadamard": lambda: {"H": M, "X": M, "g": ExpMinusI(jnp.asarray(1.0))},
    "numerics.hermitian.eigensystem": lambda: {"H": M},
    "numerics.interpolate.CubicSpline": lambda: {"x": np.arange(5.0), "y": np.arange(5.0) ** 2},
    "numerics.interpolate.BicubicSpline": lambda: {
        "x": np.arange(5.0),
        "y": np.arange(4.0),
        "z": np.outer(np.arange(5.0), np.arange(4.0)),
    },
    "numerics.interpolate.complete_grid": lambda: {
        "x": np.arange(5.0),
        "y": np.arange(4.0),
        "z": np.outer(np.arange(5.0), np.arange(4.0)),
    },
    "numerics.takagi.factorize": lambda: {"M": M},
    "numerics.takagi.singular_values": lambda: {"M": M},
    "oscillation.averages.Smeared": lambda: {"energy_spread": 0.1, "baseline_spread": 0.1},
    "oscillation.averages.WavePackets": lambda: {"size": 1e-10, "localization": 1.0},
    "oscillation.averages.OverBaselines": lambda: {"farthest": 300.0},
    "oscillation.averages.Decohering": lambda: {"rate": 1e-3, "resolution": 1e-6},
    "oscillation.averages.Incoherent": lambda: {"resolution": 1e-9},
    "oscillation.averages.coherence_length": lambda: {"splitting": 2.5e-3, "energy": 3.0, "size": 1e-10},
    "oscillation.probabilities.probability": lambda: {
        "mass_squared": H,
        "energy": 3.0,
        "path": oscillation.Uniform(1.0),
        "antineutrino": True,
        "nsi": 0.01 * U,
        "average": None,
    },
    "oscillation.probabilities.amplitude": lambda: {
        "mass_squared": H,
        "energy": 3.0,
        "path": oscillation.Uniform(1.0),
        "antineutrino": True,
        "nsi": 0.01 * U,
    },
    "oscillation.probabilities.density_matrix": lambda: {
        "mass_squared": H,
        "energy": 3.0,
        "path": oscillation.Uniform(1.0, density=3.0),
        "antineutrino": False,
        "average": oscillation.Smeared(energy_spread=0.1),
    },
    "oscillation.solar.solar_state": lambda: {
        "mass_squared": H,
        "energy": 3.0,
        "electron_density": np.array([10.0, 50.0]),
        "weights": np.array([0.5, 0.5]),
        "neutron_density": np.array([3.0, 20.0]),
        "nsi": 0.01 * U,
        "scale_height": 6.6e4,
    },
    "oscillation.solar.regenerated": lambda: {"state": U / 3, "amplitude": U},
    "oscillation.solar.ProductionAverage.build": lambda: {
        "energy": np.array([1.0, 5.0]),
        "sun": sun(),
        "source": "b8",
    },
    "oscillation.solar.ProductionAverage.state": lambda: {"mass_squared": H, "nsi": 0.01 * U, "scale_height": 6.6e4},
    "oscillation.solar.ProductionAverage.probability": lambda: {"mass_squared": H, "scale_height": 6.6e4},
    "priors.FlatInSquare": lambda: {"high": 1e-10},
    "priors.SoftLogUniform": lambda: {"low": 1.0, "high": 100.0},
    "priors.ComplexNormal": lambda: {"scale": 1.0},
    "priors.ComplexLogUniform": lambda: {"low": 0.1, "high": 1.0},
    "scattering.atoms.Shells.load": lambda: {"element": "Xe"},
    "scattering.atoms.Shells.corrected": lambda: {"transfer": np.array([1.0, 2.0]), "factor": np.array([0.9, 1.0])},
    "scattering.atoms.Shells.available": lambda: {"transfer": 1.0},
    "scattering.dipole_portal.threshold": lambda: {"heavy_mass": 1.0, "target_mass": 1e4},
    "scattering.dipole_portal.heaviest": lambda: {"energy": 1.0, "target_mass": 1e4},
    "scattering.dipole_portal.recoil_limits": lambda: _portal(target_mass=1e4),
    "scattering.dipole_portal.differential_cross_section": lambda: _portal(
        recoil_energy=1.0, nucleus=argon(), moment=1e-9
    ),
    "scattering.dipole_portal.cross_section": lambda: _portal(nucleus=argon(), moment=1e-9, low=1.0, high=10.0),
    "scattering.dipole_portal.electron_differential_cross_section": lambda: _portal(recoil_energy=1.0, moment=1e-9),
    "scattering.dipole_portal.electron_cross_section": lambda: _portal(moment=1e-9, low=1.0, high=10.0),
    "scattering.dipole_portal.primakoff_cross_section": lambda: _portal(nucleus=argon(), moment=1e-9),
    "scattering.dipole_proton.differential_cross_section": lambda: _portal(recoil_energy=1.0, moment=1e-9),
    "scattering.dipole_proton.elastic_cross_section": lambda: _portal(nucleus=argon(), moment=1e-9, low=1.0),
    "scattering.dipole_proton.inelastic_cross_section": lambda: {"energy": 1e4, "heavy_mass": 1.0, "moment": 1e-9},
    "scattering.dipole_emission.Core": lambda: _fields(Core()),
    "scattering.dipole_emission.Core.protons": lambda: {"constants": PDG_2026},
    "scattering.dipole_emission.Core.screening": lambda: {"constants": PDG_2026},
    "scattering.dipole_emission.scattering_emissivity": lambda: {"heavy_mass": 1.0, "core": Core(), "moment": 1e-11},
    "scattering.dipole_emission.decay_emissivity": lambda: {"heavy_mass": 1.0, "rate": 1.0, "core": Core()},
    "scattering.dipole_emission.absorption_length": lambda: _emitted(),
    "scattering.dipole_emission.luminosity": lambda: _emitted(),
    "scattering.dipole_emission.freeze_out_temperature": lambda: {"moment": 1e-11, "degrees_of_freedom": 10.75},
    "scattering.proton.form_factors": lambda: {"momentum_squared": 1e5},
    "scattering.proton.structure_function": lambda: {"x": 0.1, "momentum_squared": 1e6},
    "scattering.effective_moment.squared": lambda: {"state": U / 3, "moment_matrix": MOMENTS, "antineutrino": True},
    "scattering.effective_moment.plasmon_squared": lambda: {"moment_matrix": MOMENTS, "majorana": True},
    "scattering.effective_moment.sterile_squared": lambda: {"moment_matrix": MOMENTS, "majorana": True},
    "scattering.electromagnetic.flipped": lambda: {"matrix": MOMENTS, "antineutrino": False},
    "scattering.electromagnetic.moment_scale": lambda: {"constants": PDG_2026},
    "scattering.electromagnetic.charge_radius_shift": lambda: {"charge_radius": 1e-33},
    "scattering.electromagnetic.millicharge_shift": lambda: {"charge": 1e-13, "mass": 0.5, "recoil_energy": 1.0},
    "scattering.electromagnetic.standard_model_charge_radii": lambda: {"constants": PDG_2026},
    "scattering.electron.Couplings": lambda: {"left": 0.1 * U, "right": 0.2 * U},
    "scattering.electron.Couplings.of_flavors": lambda: {"vector": np.full(3, 0.1), "axial": np.full(3, 0.5)},
    "scattering.electron.Couplings.tree_level": lambda: {"sin2_theta_w": 0.2386},
    "scattering.electron.Couplings.with_charge_radius": lambda: {"charge_radius": RADII},
    "scattering.electron.Couplings.with_millicharge": lambda: {"charge": CHARGES, "recoil_energy": 1.0},
    "scattering.electron.differential_cross_section": lambda: {
        "energy": 1.0,
        "recoil_energy": 100.0,
        "couplings": electron.Couplings.tree_level(),
    },
    "scattering.electron.cross_section": lambda: {
        "energy": 1.0,
        "couplings": electron.Couplings.tree_level(),
        "low": 1.0,
        "high": 10.0,
    },
    "scattering.electron.differential_strengths": lambda: {"energy": 1.0, "recoil_energy": 1.0},
    "scattering.electron.Couplings.with_interactions": lambda: {"vector": 0.1 * U, "axial": 0.1 * U},
    "scattering.electron.strengths": lambda: {"energy": 1.0, "low": 1.0, "high": 1.05, "power": 1},
    "scattering.form_factor.standard_radius": lambda: {"mass_number": 40.0},
    "scattering.form_factor.helm": lambda: {"momentum": 0.1, "radius": 3.0, "skin": 0.9},
    "scattering.helicity_flip.magnetic_differential_cross_section": lambda: {
        "energy": 1.0,
        "recoil_energy": 1.0,
        "moment_matrix": MOMENTS,
        "antineutrino": True,
    },
    "scattering.helicity_flip.magnetic_cross_section": lambda: {
        "energy": 1.0,
        "moment_matrix": MOMENTS,
        "low": 1.0,
        "high": 10.0,
        "antineutrino": True,
    },
    "scattering.inverse_beta.cross_section": lambda: {"energy": 5.0},
    "scattering.inverse_beta.prompt_energy": lambda: {"energy": 5.0},
    "scattering.inverse_beta.antineutrino_energy": lambda: {"prompt": 5.0},
    "scattering.nucleus.Nucleus": lambda: {
        "protons": np.array([18.0, 18.0]),
        "mass_number": np.array([36.0, 40.0]),
        "mass": np.array([33494.0, 37215.0]),
        "spin": 0.0,
        "abundance": np.array([0.1, 0.9]),
        "proton_radius": 3.4,
        "neutron_radius": 3.5,
    },
    "scattering.nucleus.Nucleus.load": lambda: {"element": "Ar"},
    "scattering.nucleus.Couplings": lambda: {"proton": 0.1 * U, "neutron": -0.5 * U, "millicharge": CHARGES},
    "scattering.nucleus.Couplings.tree_level": lambda: {"sin2_theta_w": 0.2386},
    "scattering.nucleus.Couplings.with_charge_radius": lambda: {"charge_radius": RADII},
    "scattering.nucleus.Couplings.with_millicharge": lambda: {"charge": CHARGES},
    "scattering.nucleus.Couplings.with_interactions": lambda: {"up": 0.1 * U, "down": 0.1 * U},
    "scattering.nuclear_flips.FlipCouplings": lambda: {
        "scalar_proton": 0.1 * U,
        "scalar_neutron": 0.1 * U,
        "tensor_proton": 0.1 * U,
        "tensor_neutron": 0.1 * U,
    },
    "scattering.nuclear_flips.FlipCouplings.of_quarks": lambda: {
        "scalar_up": 0.1 * U,
        "scalar_down": 0.1 * U,
        "tensor_up": 0.1 * U,
        "tensor_down": 0.1 * U,
    },
    "scattering.nuclear_flips.FlipCouplings.products": lambda: {"antineutrino": True},
    "scattering.nuclear_flips.strengths": lambda: {"energy": 10.0, "recoil_energy": 1.0, "nucleus": argon()},
    "scattering.nuclear_flips.differential_cross_section": lambda: {
        "energy": 10.0,
        "recoil_energy": 1.0,
        "nucleus": argon(),
        "couplings": nuclear_flips.FlipCouplings(0.1 * U, 0.1 * U, 0.1 * U, 0.1 * U),
        "antineutrino": True,
    },
    "scattering.scalar_tensor.FlipCouplings": lambda: {"scalar": 0.1 * U, "pseudoscalar": 0.1 * U, "tensor": 0.1 * U},
    "scattering.scalar_tensor.FlipCouplings.products": lambda: {"antineutrino": True},
    "scattering.scalar_tensor.differential_strengths": lambda: {"energy": 1.0, "recoil_energy": 1.0},
    "scattering.scalar_tensor.strengths": lambda: {"energy": 1.0, "low": 1.0, "high": 10.0},
    "scattering.scalar_tensor.differential_cross_section": lambda: {
        "energy": 1.0,
        "recoil_energy": 1.0,
        "couplings": scalar_tensor.FlipCouplings(0.1 * U, 0.1 * U, 0.1 * U),
        "antineutrino": True,
    },
    "scattering.scalar_tensor.cross_section": lambda: {
        "energy": 1.0,
        "couplings": scalar_tensor.FlipCouplings(0.1 * U, 0.1 * U, 0.1 * U),
        "low": 1.0,
        "high": 10.0,
        "antineutrino": True,
    },
    "scattering.nucleus.maximal_recoil": lambda: {"energy": 10.0, "nucleus": argon()},
    "scattering.nucleus.differential_cross_section": lambda: {
        "energy": 10.0,
        "recoil_energy": 1.0,
        "nucleus": argon(),
        "couplings": nucleus.Couplings.tree_level(),
    },
    "scattering.nucleus.strengths": lambda: {"energy": 10.0, "recoil_energy": 1.0, "nucleus": argon()},
    "scattering.nucleus.products": lambda: {"couplings": nucleus.Couplings.tree_level()},
    "scattering.nucleus.cross_section": lambda: {
        "energy": 10.0,
        "nucleus": argon(),
        "couplings": nucleus.Couplings.tree_level(),
        "low": 1.0,
        "high": 10.0,
    },
    "scattering.nucleus.magnetic_differential_cross_section": lambda: {
        "energy": 10.0,
        "recoil_energy": 1.0,
        "nucleus": argon(),
        "moment_matrix": MOMENTS,
        "antineutrino": True,
    },
    "scattering.nucleus.magnetic_cross_section": lambda: {
        "energy": 10.0,
        "nucleus": argon(),
        "moment_matrix": MOMENTS,
        "low": 1.0,
        "high": 10.0,
        "antineutrino": True,
    },
    "stars.core.Core": lambda: {
        "sphere": Sphere.earth(),
        "plasmon_masses": np.array([1.0, 2.0]),
        "plasmon_energies": np.array([1.0, 2.0]),
    },
    "stars.core.Core.build": lambda: {"sphere": Sphere.of_mass(0.5, 1e4), "temperature": 8.6},
    "stars.sphere.Sphere": lambda: {"density": 1e6, "radius": 1e4, "electron_fraction": 0.5},
    "stars.sphere.Sphere.of_mass": lambda: {"mass": 0.5, "density": 1e6, "electron_fraction": 0.5},
    "stars.sphere.Sphere.neutrino_mass": lambda: {
        "m_scalar": 1e-14,
        "position": 0.5,
        "electron_coupling": 1e-20,
        "nucleon_coupling": 1e-20,
    },
    "stars.plasmons.moment_decay_rate": lambda: {
        "plasmon_mass": 10.0,
        "masses": np.array([0.1, 0.2, 0.3]),
        "squares": np.full((3, 3), 1e-24),
        "flips": np.full((3, 3), 1e-26),
    },
    "stars.plasmons.charge_decay_rate": lambda: {
        "plasmon_mass": 10.0,
        "masses": np.array([0.1, 0.2, 0.3]),
        "charges": CHARGES,
        "weak_couplings": np.eye(3),
    },
    "stars.plasma.electron_density": lambda: {"density": 1e6, "electron_fraction": 0.5},
    "stars.plasma.plasma_frequency": lambda: {"density": 1e6, "electron_fraction": 0.5},
    "stars.plasma.scalar_density": lambda: {"density": 1e6, "electron_fraction": 0.5},
    "stars.plasmons.plasmon_decay_rate": lambda: {
        "moment": 1e-12,
        "plasmon_mass": 10.0,
        "mass": 0.1,
        "other_mass": 0.2,
        "electric_moment": 1e-12,
        "energy": 20.0,
    },
    "stars.plasmons.magnetic_energy_loss": lambda: {
        "moment": 1e-12,
        "frequency": 10.0,
        "mass": 0.1,
        "sin2_theta_w": 0.23,
    },
    "stars.plasmons.millicharge_energy_loss": lambda: {"charge": 1e-14, "frequency": 10.0, "sin2_theta_w": 0.23},
    "stars.red_giants.core_mass_shift": lambda: {"moment": 1e-12},
    "stars.red_giants.tip_shift": lambda: {"moment": 1e-12},
    "stars.light_scalar.mass_in_medium": lambda: {
        "source_density": 1e30,
        "m_scalar": 1e-10,
        "electron_coupling": 1e-15,
        "neutrino_coupling": 1e-15,
    },
    "stars.light_scalar.mass_in_star": lambda: {
        "source_density": 1e30,
        "m_scalar": 1e-10,
        "radius": 1e4,
        "position": 0.5,
        "electron_coupling": 1e-15,
        "neutrino_coupling": 1e-15,
    },
    "models.from_function": lambda: {"function": _a_function, "nature": Dirac()},
}
"""Valid arguments, made when they are asked for."""


def _a_function(a: float) -> np.ndarray:
    return a * M


# What is public


class Door(NamedTuple):
    """Something to call, and valid arguments for it."""

    name: str
    function: Callable[..., Any]
    example: Callable[[], dict[str, Any]]


def _modules() -> Iterator[ModuleType]:
    for found in pkgutil.walk_packages(nmmjax.__path__, "nmmjax."):
        if not any(part.startswith("_") for part in found.name.split(".")):
            yield importlib.import_module(found.name)


def _of_package(value: Any) -> str | None:
    """The name of a function or class of this package, less that of the package."""
    module = getattr(value, "__module__", None) or ""
    if (
        not (inspect.isclass(value) or inspect.isroutine(value))
        or not module.startswith("nmmjax.")
        or not hasattr(value, "__qualname__")
    ):
        return None
    return f"{module[len('nmmjax.') :]}.{value.__qualname__}"


def _public_names() -> dict[str, Any]:
    """What public modules define, and what they export from private ones."""
    found = {}
    for module in _modules():
        for name, value in vars(module).items():
            own = getattr(value, "__module__", None) == module.__name__
            if not name.startswith("_") and (own or name in getattr(module, "__all__", ())):
                path = _of_package(value)
                if path is not None and "<" not in path:
                    found[re.sub(r"\._\w+\.", ".", path)] = value
    return found


def _reason(name: str) -> str | None:
    if name in EXAMPLES:
        return None
    return next((why for start, why in LEFT_OUT.items() if name.startswith(start)), None)


def _methods(owner: str, kind: type) -> Iterator[tuple[str, Any]]:
    """Public methods of a class that take arguments."""
    for name, attribute in vars(kind).items():
        left_out = name in METHODS_LEFT_OUT and f"{owner}.{name}" not in EXAMPLES
        if name.startswith("_") or isinstance(attribute, property) or left_out:
            continue
        function = getattr(kind, name)
        if inspect.isroutine(function) or isinstance(attribute, classmethod | staticmethod):
            bound = isinstance(attribute, classmethod | staticmethod)
            if len(inspect.signature(function).parameters) > (0 if bound else 1):
                yield name, attribute


@cache
def doors() -> tuple[tuple[Door, ...], tuple[str, ...]]:
    """All that is called here, and the public names without an example."""
    found: list[Door] = []
    unknown: list[str] = []
    for name, value in sorted(_public_names().items()):
        if _reason(name):
            continue
        if not inspect.isclass(value):
            _add(found, unknown, name, value)
        elif not issubclass(value, tuple | Exception) and not inspect.isabstract(value):
            _add_class(found, unknown, name, value)
    return tuple(found), tuple(unknown)


def _add(found: list[Door], unknown: list[str], name: str, function: Any) -> None:
    if not inspect.signature(function).parameters:
        return
    if name in EXAMPLES:
        found.append(Door(name, function, EXAMPLES[name]))
    else:
        unknown.append(name)


def _add_class(found: list[Door], unknown: list[str], name: str, kind: type) -> None:
    if issubclass(kind, Parametrized):
        found.extend(_of_model(name, kind))
        return
    if issubclass(kind, experiments.Experiment):
        found.extend(_of_experiment(name, kind))
        return
    _add(found, unknown, name, kind)
    for method, attribute in _methods(name, kind):
        full = f"{name}.{method}"
        if isinstance(attribute, classmethod | staticmethod):
            _add(found, unknown, full, getattr(kind, method))
        elif full in EXAMPLES:
            found.append(Door(full, _of_instance(name, kind, method), EXAMPLES[full]))
        else:
            unknown.append(full)


def _of_instance(name: str, kind: type, method: str) -> Callable[..., Any]:
    return lambda **given: getattr(_instance(name, kind), method)(**given)


@cache
def _instance(name: str, kind: type) -> Any:
    if kind is Shells:
        return Shells.load("Xe")
    if kind is oscillation.ProductionAverage:
        return oscillation.ProductionAverage.build(np.array([1.0, 5.0]), sun(), "b8")
    maker = next((m for m in ("load", "huber_mueller", "prem", "b16_gs98") if hasattr(kind, m)), None)
    return getattr(kind, maker)() if maker else kind(**EXAMPLES[name]())


def _of_model(name: str, kind: type) -> Iterator[Door]:
    """A class of parameters, and its constructors from other coordinates."""
    if not hasattr(kind, "benchmark"):
        return
    yield Door(name, kind, lambda: _fields(kind.benchmark()))
    for method, attribute in vars(kind).items():
        if isinstance(attribute, classmethod) and getattr(attribute.__func__, "instead_of", None) is not None:
            constructor = getattr(kind, method)
            yield Door(f"{name}.{method}", constructor, lambda c=constructor, k=kind: _coordinates(k, c))


@cache
def _coordinates_of(kind: type, constructor: Any) -> Mapping[str, Any]:
    priors = getattr(kind, "default_priors", LightNeutrinos.sin2_priors)()
    values = {}
    for name, argument in arguments(constructor).items():
        if name in priors:
            values[name] = np.asarray(priors[name].sample(jax.random.key(1)))
        elif name in NUFIT60:
            values[name] = NUFIT60[name]
        elif argument.default is inspect.Parameter.empty:
            values[name] = _inside(argument)
        elif argument.default is not None:
            values[name] = argument.default
    return values


def _inside(argument: Argument) -> Any:
    """A number of the domain."""
    assert argument.quantity is not None
    low, high = argument.quantity.low, argument.quantity.high
    return np.full(argument.quantity.shape, 0.5 if low < 0.5 < high else min(max(low, 0.0) + 1.0, high))


def _coordinates(kind: type, constructor: Any) -> dict[str, Any]:
    return dict(_coordinates_of(kind, constructor))


@cache
def _data(kind: type) -> Mapping[str, Any]:
    return _fields(kind.load())


def _of_experiment(name: str, kind: type) -> Iterator[Door]:
    """`load`, where it takes anything, and the constructor with the experiment's own data."""
    yield Door(name, kind, lambda: dict(_data(kind)))
    taken = inspect.signature(kind.load).parameters
    if taken:
        defaults = {n: p.default for n, p in taken.items() if p.default is not p.empty}
        yield Door(f"{name}.load", kind.load, lambda: dict(defaults))


# Hostile values

MASKED = np.ma.masked_array([1.0, 2.0, 3.0], mask=[False, True, False])
SENSELESS: dict[str, Callable[[], Any]] = {
    "nan": lambda: float("nan"),
    "nan array": lambda: np.array([1.0, np.nan, 1.0]),
    "nan of jax": lambda: jnp.array([1.0, jnp.nan, 1.0]),
    "word": lambda: "no",
    "bytes": lambda: b"no",
    "word of numpy": lambda: np.str_("1.0"),
    "list of words": lambda: ["1.0", "2.0", "3.0"],
    "mapping": dict,
    "ragged": lambda: [[1.0, 2.0], [3.0]],
    "objects": lambda: np.array([None, object()]),
    "object": object,
    "masked": lambda: MASKED,
    "function": lambda: _a_function,
    "class": lambda: Constants,
    "date": lambda: np.datetime64("2026-01-01"),
    "huge integer": lambda: 10**400,
    "key": lambda: jax.random.key(0),
    "prior": lambda: dist.Normal(0.0, 1.0),
    "set": lambda: {1.0, 2.0},
}
"""What no argument takes."""
DOUBTFUL: dict[str, Callable[[], Any]] = {
    "none": lambda: None,
    "inf": lambda: float("inf"),
    "-inf": lambda: float("-inf"),
    "-1": lambda: -1.0,
    "0": lambda: 0.0,
    "integer": lambda: 7,
    "zeros": lambda: np.zeros(3),
    "1e300": lambda: 1e300,
    "1e-300": lambda: 1e-300,
    "1.5": lambda: 1.5,
    "true": lambda: True,
    "flags": lambda: np.array([True, False, True]),
    "complex": lambda: 1.0 + 2.0j,
    "complex array": lambda: np.array([1.0 + 1.0j, 2.0, 3.0]),
    "empty": list,
    "empty array": lambda: np.zeros((0, 3)),
    "list": lambda: [0.1, 0.2, 0.3],
    "five": lambda: np.full(5, 0.3),
    "matrix": lambda: np.full((3, 3), 0.3),
    "rectangle": lambda: np.full((3, 2), 0.3),
    "matrices": lambda: np.full((2, 3, 3), 0.3),
    "4 x 4": lambda: np.full((4, 4), 0.3),
    "single precision": lambda: np.float32(0.3),
    "constants": lambda: PDG_2026,
    "path": lambda: oscillation.Uniform(1.0),
    "dirac": Dirac,
}
"""What some arguments take."""
HOSTILE = SENSELESS | DOUBTFUL
_OURS = re.compile(r"^Argument `([^`]+)` must .*, but .*\.$", re.DOTALL)
_PYTHONS = re.compile(r"missing .*required|unexpected keyword|too many positional|multiple values")
ACCEPTED: dict[tuple[str, str, str], str] = {
    ("models.from_function", "function", "function"): "a function it is",
    ("models.grimus_lavoura.scalar_mass", "a", "0"): "the scalar is infinitely heavy",
    ("models.grimus_lavoura.scalar_mass", "a", "zeros"): "the scalar is infinitely heavy",
}
"""Calls that may take what is senseless elsewhere, or give what is infinite, and why."""


def trial(door: Door, chosen: Mapping[str, str]) -> str | None:
    """What is wrong with the call in which these arguments are replaced; None where it ends as it should."""
    example = door.example()
    if all(kind == "none" and example[name] is None for name, kind in chosen.items()):
        return None
    given = example | {name: HOSTILE[kind]() for name, kind in chosen.items()}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", "A JAX array is being set as static")  # equinox first, and then our error
        try:
            result = door.function(**given)
        except (ValueError, TypeError) as error:
            return _wrong_error(error, given)
        except Exception as error:
            return f"{type(error).__name__}: {error}"
    return _wrong_result(door, chosen, result)


def _wrong_error(error: Exception, given: Mapping[str, Any]) -> str | None:
    if type(error) is TypeError and _PYTHONS.search(str(error)):
        return None
    found = _OURS.match(str(error))
    if found is None:
        return f"{type(error).__name__}: {error}"
    name = found[1].split(".")[0].split("[")[0]
    return None if name in given or name in _ALSO_NAMED else f"names `{name}`, which is no argument: {error}"


_ALSO_NAMED = {"dm3l", "dm21", "theta12", "theta13", "theta23", "low", "fit"}


def _wrong_result(door: Door, chosen: Mapping[str, str], result: Any) -> str | None:
    if any((door.name, name, kind) in ACCEPTED for name, kind in chosen.items()):
        return None
    texts = {name for name, value in door.example().items() if isinstance(value, str)}
    words = {"word", "word of numpy"}
    senseless = [f"{n}={k}" for n, k in chosen.items() if k in SENSELESS and not (n in texts and k in words)]
    if senseless:
        return f"takes {', '.join(senseless)}"
    arrays = [np.asarray(leaf) for leaf in jax.tree.leaves(result) if isinstance(leaf, jax.Array | np.ndarray | float)]
    if not all(np.isfinite(a).all() for a in arrays if a.dtype.kind in "fc"):
        return f"is not finite: {result!r}"[:300]
    return None


def _calls(count: int, seed: int) -> Iterator[tuple[Door, dict[str, str]]]:
    generator = random.Random(seed)
    all_doors, _ = doors()
    for _ in range(count):
        door = generator.choice(all_doors)
        names = list(inspect.signature(door.function).parameters)
        names = [n for n in door.example() if n in names] or list(door.example())
        chosen = generator.sample(names, min(len(names), generator.choice((1, 1, 2))))
        yield door, {name: generator.choice(tuple(HOSTILE)) for name in chosen}


def test_every_public_name_has_an_example_or_a_reason():
    _, unknown = doors()
    assert not unknown
    names = (*_public_names(), *(f"{n}.{m}" for n, k in _public_names().items() if inspect.isclass(k) for m in vars(k)))
    assert not [start for start in LEFT_OUT if not any(name.startswith(start) for name in names)]
    assert not [name for name in EXAMPLES if name not in {door.name for door in doors()[0]}]


WITHOUT_DATA = [door for door in doors()[0] if not door.name.startswith("experiments.")]


@pytest.mark.parametrize("door", WITHOUT_DATA, ids=lambda door: door.name)
def test_examples_are_valid(door):
    """All but those of experiments, which have tests of their own."""
    assert _wrong_result(door, {}, door.function(**door.example())) is None


@settings(max_examples=600, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_hostile_calls_end_in_a_named_error_or_in_numbers(data):
    door = data.draw(st.sampled_from(doors()[0]))
    names = st.lists(st.sampled_from(sorted(door.example())), min_size=1, max_size=2, unique=True)
    chosen = {name: data.draw(st.sampled_from(sorted(HOSTILE))) for name in data.draw(names)}
    assert trial(door, chosen) is None


def _by_hand(count: int, seed: int) -> None:
    wrong: Counter[str] = Counter()
    first: dict[str, str] = {}
    for number, (door, chosen) in enumerate(_calls(count, seed), 1):
        fault = trial(door, chosen)
        if fault is not None:
            label = f"{door.name} {fault[:90]}"
            wrong[label] += 1
            first.setdefault(label, f"{door.name} {chosen}: {fault[:200]}")
        if number % 200 == 0:
            jax.clear_caches()
    for label, times in wrong.most_common():
        print(f"{times:5d} {first[label]}")
    print(f"{sum(wrong.values())} of {count} calls are wrong, in {len(wrong)} ways")


if __name__ == "__main__":
    _by_hand(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0)
