"""Neutrinos of the Sun: adiabatic conversion on the way out, incoherent mass states on the way here.

A nu_e made at the electron density n_e is the mixture P_k = |<nu_k^m | nu_e>|^2 of the eigenstates of

    2E H = M^dagger M + 2E V (1_ee + eps + eps_n n_n / n_e),   V = sqrt(2) G_F n_e,

ordered by eigenvalue. The density falls slowly enough for each to stay on its level and leave the Sun as nu_k, and the
phases between them are lost between there and here: what arrives is rho = sum_k <P_k> Pi_k, with Pi_k = |nu_k><nu_k|
and the mean over the place of birth [Mikheev, Smirnov, Yad. Fiz. 42 (1985) 1441; Parke, Phys. Rev. Lett. 57 (1986)
1275].

Jumps between the two levels of the smaller vacuum splitting dm^2 are those of an exponential profile of height h,

    P_c = (e^{-g s^2} - e^{-g}) / (1 - e^{-g}),   g = pi h dm^2 / E,   s^2 = |U_e2|^2 / (|U_e1|^2 + |U_e2|^2),

for neutrinos born above the resonance: P_1 gains, and P_2 loses, P_c <max(P_2 - P_1, 0)> [Petcov, Phys. Lett. B 200
(1988) 373; Kuo, Pantaleone, Rev. Mod. Phys. 61 (1989) 937]. With interactions s^2 is the overlap of nu_2 with what V
lifts most in the pair. For large mixing and dm^2/E above 1e-7 eV^2/MeV jumps vanish, in value and slope, and rho is
right to 1e-5; where they matter, to 3 % (against Schroedinger's equation). The third level is never left: true for
dm31 above 4e-4 eV^2, which matter in the Sun does not reach, and else while theta13 is not tiny.

Where it holds. Neutrinos born at different places and energies must have lost the phase dm^2 L / 2E between here and
the Sun: dm^2/E above 1e-10 eV^2/MeV; below, rho is the phase average of oscillations that can be seen. Below 3e-9 the
jumps happen outside 0.9 solar radii, where the profile is steeper than exponential and P_c only indicative. At dm^2 = 0
a degenerate pair has no vacuum basis of its own and needs none: matter keeps the pair split along one direction all
the way out, so the limit V -> 0 is the exact answer. For this the Pi_k are those of M^dagger M + tau (1_ee + eps) with
tau = 1e-10 eV^2 at dm^2 = 0, which falls off as 1 / dm^8: it moves rho by 1e-5 at dm^2 = 1e-9 eV^2 and by nothing at
that of the Sun. P_ee is stationary there, as function of what splits the pair; other elements of rho turn within tau.
"""

from functools import partial
from typing import Any, Self

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, ArrayLike, Bool, Complex, Float, Num, Real

from nmmjax import _checks
from nmmjax._device import on_device
from nmmjax._public import check_fields, public
from nmmjax.constants import PDG_2026, Constants
from nmmjax.matter import Nsi
from nmmjax.media.sun import SCALE_HEIGHT, SolarModel
from nmmjax.oscillation._adiabatic import Direction, Places, arriving, axes_first, fate_of
from nmmjax.oscillation._arguments import checked_beam
from nmmjax.oscillation._propagation import populations

NODES = np.geomspace(1e-2, 3e3, 128)
"""Energy times electron density [MeV mol/cm^3] at which `ProductionAverage` wants the levels."""
_NEIGHBORS = 8


@public
def solar_state(
    mass_squared: Num[ArrayLike, "... 3 3"],
    energy: Real[ArrayLike, "..."],
    electron_density: Real[ArrayLike, "... radii"],
    weights: Real[ArrayLike, "... radii"],
    *,
    neutron_density: Real[ArrayLike, "... radii"] | None = None,
    nsi: Nsi | Num[ArrayLike, "... 3 3"] | None = None,
    scale_height: Real[ArrayLike, ""] = SCALE_HEIGHT,
    at_density: Real[ArrayLike, ""] | None = None,
    constants: Constants = PDG_2026,
) -> Complex[Array, "... 3 3"]:
    """rho[..., a, b] = sum_k <P_k> (Pi_k)_ab: the state, in the flavor basis, of the neutrinos that leave the Sun.

    Its diagonal is P(nu_e -> nu_a) by day; `regenerated` carries it through the Earth.

    **Arguments:**

    - `mass_squared`: M^dagger M [eV^2] in the flavor basis, Hermitian, three flavors.
    - `energy` [MeV]; it broadcasts against the batch axes of the rest.
    - `electron_density` n_e / N_A [mol/cm^3] at the places of birth; `weights`, which sum to one.
    - `nsi`: a `matter.Nsi`, or eps alone; with neutrons in it `neutron_density` n_n / N_A [mol/cm^3] is needed, at the
      same places.
    - `scale_height` h [km]; a long one is the adiabatic limit.
    - `at_density`: n_e / N_A [mol/cm^3] of a place inside the Sun, far above all resonances, for the state there.

    Value and derivatives are finite for every such matrix; where they have a limit, they are that limit.
    """
    mass_squared, energy, direction, height = _checked(mass_squared, energy, nsi, scale_height)
    density = _checks.as_array("electron_density", electron_density, float)
    weights = _checks.as_array("weights", weights, float)
    if direction.neutron is not None and neutron_density is None:
        _checks.fail("neutron_density", "be given where `nsi` has a part of neutrons", "it is not")
    _checks.check_range("electron_density", density, low=0.0, unit="mol/cm^3")
    if density.ndim == 0 or weights.ndim == 0 or density.shape[-1] != weights.shape[-1]:
        have = f"the shapes are {density.shape} and {weights.shape}"
        _checks.fail("weights", "have the last axis of `electron_density`, the places of birth", have)
    _checks.check_normalized("weights", weights)
    shapes = {"energy": energy.shape, "electron_density": density.shape[:-1], "weights": weights.shape[:-1]}
    shapes["nsi"] = jnp.broadcast_shapes(*(m.shape[:-2] for m in direction if m is not None))
    _checks.common_shape(shapes | {"mass_squared": mass_squared.shape[:-2]})
    neutrons = None
    if direction.neutron is not None:
        _checks.check_range("neutron_density", neutron_density, low=0.0, unit="mol/cm^3")
        neutrons = jnp.asarray(neutron_density, float) / jnp.where(density > 0.0, density, 1.0)
    places, place = Places(density, neutrons, weights), _checked_place(at_density)
    return _solar_state(mass_squared, energy, places, direction, height, place, constants=constants)


def check_solar(antineutrino: Bool[ArrayLike, "..."], average: Any) -> None:
    """Raise for antineutrinos, which the Sun does not make, and for averages of what has no phases left."""
    known = _checks.concrete(antineutrino)
    if known is None or known.any():
        _checks.fail("antineutrino", "be False for FromSun, which makes none", f"it is {antineutrino!r}")
    if average is not None:
        must = "be None for FromSun, whose phases are averaged out already"
        _checks.fail("average", must, f"it is {type(average).__name__}")


@public
def regenerated(state: Num[ArrayLike, "... 3 3"], amplitude: Num[ArrayLike, "... 3 3"]) -> Float[Array, "... 3"]:
    """diag(S rho S^dagger): the flavors of a state rho behind the Earth, whose amplitude is S[..., b, a].

    rho has trace one, or less where neutrinos have been lost. The batch axes of both broadcast; `amplitude` along
    `ThroughEarth` gives S by night, and by day S = 1.
    """
    _checks.check_state("state", state, part=True)
    _checks.check_unitary("amplitude", amplitude)
    S = jnp.asarray(amplitude)
    return jnp.real(jnp.sum((S @ jnp.asarray(state)) * jnp.conj(S), -1))


class ProductionAverage(eqx.Module):
    """The mean over the place of birth, prepared for given energies: a matrix instead of a loop over radii.

    Energy and density enter the levels through x = E n_e alone. So the P_k of a theory are smooth functions of one
    variable, whatever source and energy: they are evaluated at 128 `NODES` of x, and the mean for each energy is one
    row of `weights` times them (polynomials of degree seven through the nearest eight nodes, evenly spaced in ln x).

    Against `solar_state`: 1e-8 for the mixing of the Sun, 4e-6 for sin^2(theta12) = 0.05 and 1e-3 for 0.008: resonances
    of tiny mixing are narrower than the spacing of the nodes, 10 %.
    """

    energy: Float[Array, " points"]
    """[MeV]."""
    weights: Float[Array, "points nodes"]
    """Each row sums to one."""
    places: "Places | None" = None
    """Where neutrinos are born, for interactions with neutrons, whose share changes; None where it is not known."""

    def __check_init__(self) -> None:
        check_fields(self)
        _checks.check_range("energy", self.energy, low=0.0, open_low=True, unit="MeV")
        if self.weights.shape != (shape := (*np.shape(self.energy), len(NODES))):
            _checks.fail("weights", f"have shape {shape}", f"its shape is {self.weights.shape}")

    @classmethod
    @public
    def build(cls, energy: ArrayLike, sun: SolarModel, source: str) -> Self:
        """For the energies [MeV] of one source. All numbers must be concrete: it is done once, when data are loaded.

        **Raises:** `ValueError` where energies lie outside 0.01 ... 25 MeV, or with the densities of the Sun outside
        the nodes.
        """
        _checks.check_range("energy", energy, low=0.01, high=25.0, unit="MeV")
        energies = np.asarray(energy, float)
        if energies.ndim != 1:
            _checks.fail("energy", "have shape (points,)", f"its shape is {energies.shape}")
        production = np.asarray(sun.production)[sun.index(source)]
        made = production > 0.0
        x = energies[:, None] * np.asarray(sun.electron_density)[made]
        if x.size and not (NODES[0] <= x.min() and x.max() <= NODES[-1]):
            must = f"have energy x density in [{NODES[0]:g}, {NODES[-1]:g}] MeV mol/cm^3"
            _checks.fail("sun", must, f"they lie in [{x.min():g}, {x.max():g}]")
        places = None if sun.neutron_density is None else Places.of(sun, source, len(energies))
        return cls(on_device(energies), on_device(_interpolation(x, production[made])), places)

    @classmethod
    @public
    def joined(cls, *averages: "ProductionAverage") -> Self:
        """All points of several averages, one after the other."""
        if not averages:
            _checks.fail("averages", "be one or more", "there is none")
        known = [a.places for a in averages if a.places is not None]
        places = jax.tree.map(lambda *rows: jnp.concatenate(rows), *known) if len(known) == len(averages) else None
        energy, weights = (jnp.concatenate([getattr(a, name) for a in averages]) for name in ("energy", "weights"))
        return cls(energy, weights, places)

    @public
    def state(
        self,
        mass_squared: Num[ArrayLike, "3 3"],
        *,
        nsi: Nsi | Num[ArrayLike, "3 3"] | None = None,
        scale_height: Real[ArrayLike, ""] = SCALE_HEIGHT,
        at_density: Real[ArrayLike, ""] | None = None,
        constants: Constants = PDG_2026,
    ) -> Complex[Array, "points 3 3"]:
        """rho at every energy, as from `solar_state`."""
        mass_squared, energy, direction, height = _checked(mass_squared, self.energy, nsi, scale_height)
        for name, matrix in (("mass_squared", mass_squared), *(("nsi", matrix) for matrix in direction)):
            if matrix is not None and matrix.ndim > 2:
                _checks.fail(name, "have shape (3, 3)", f"its shape is {matrix.shape}")
        place = _checked_place(at_density)
        if direction.neutron is None:
            return _averaged_state(mass_squared, energy, direction, self.weights, height, place, constants=constants)
        if self.places is None:
            _checks.fail("nsi", "have no part of neutrons", "the model of the Sun does not say where neutrons are")
        return _solar_state(mass_squared, energy, self.places, direction, height, place, constants=constants)

    @public
    def probability(
        self,
        mass_squared: Num[ArrayLike, "3 3"],
        *,
        nsi: Nsi | Num[ArrayLike, "3 3"] | None = None,
        scale_height: Real[ArrayLike, ""] = SCALE_HEIGHT,
        constants: Constants = PDG_2026,
    ) -> Float[Array, "points 3"]:
        """P(nu_e -> nu_a), a = e, mu, tau, by day."""
        return populations(self.state(mass_squared, nsi=nsi, scale_height=scale_height, constants=constants))


@partial(jax.jit, static_argnames="constants")
def _solar_state(
    mass_squared: Num[Array, "... 3 3"],
    energy: Float[Array, "..."],
    places: Places,
    direction: Direction,
    scale_height: Float[Array, ""],
    at_density: Float[Array, ""] | None,
    *,
    constants: Constants,
) -> Complex[Array, "... 3 3"]:
    ranks = [m.ndim - 2 for m in (mass_squared, *direction) if m is not None]
    rank = max(*ranks, energy.ndim, *(row.ndim - 1 for row in places if row is not None))
    matrices = axes_first(mass_squared, rank), direction.axes_first(rank)
    fate = fate_of(*matrices, energy[..., None] * places.density, places.neutrons, constants)
    fate = fate.at(*matrices, energy, at_density, constants)
    return arriving([jnp.sum(places.weights * p, -1) for p in fate.born], fate, energy, scale_height, constants)


@partial(jax.jit, static_argnames="constants")
def _averaged_state(
    mass_squared: Num[Array, "3 3"],
    energy: Float[Array, " points"],
    direction: Direction,
    weights: Float[Array, "points nodes"],
    scale_height: Float[Array, ""],
    at_density: Float[Array, ""] | None,
    *,
    constants: Constants,
) -> Complex[Array, "points 3 3"]:
    matrices = axes_first(mass_squared, 1), direction.axes_first(1)
    fate = fate_of(*matrices, jnp.asarray(NODES), None, constants).at(*matrices, energy, at_density, constants)
    return arriving([weights @ p[0] for p in fate.born], fate, energy, scale_height, constants)


def _interpolation(
    x: Float[np.ndarray, "points radii"], weights: Float[np.ndarray, " radii"]
) -> Float[np.ndarray, "points nodes"]:
    """W with W f(NODES) = sum_r weights_r f(x_r): Lagrange polynomials in ln x through the nearest nodes."""
    nodes = np.log(NODES)
    position = (np.log(x) - nodes[0]) / (nodes[1] - nodes[0])
    first = np.clip(np.floor(position).astype(int) - _NEIGHBORS // 2 + 1, 0, len(nodes) - _NEIGHBORS)
    offset = position - first
    result = np.zeros((len(x), len(nodes)))
    rows = np.broadcast_to(np.arange(len(x))[:, None], x.shape)
    for j in range(_NEIGHBORS):
        factors = [(offset - i) / (j - i) for i in range(_NEIGHBORS) if i != j]
        np.add.at(result, (rows, first + j), weights * np.prod(factors, axis=0))
    return result


def _checked_place(density: Real[ArrayLike, ""] | None) -> Float[Array, ""] | None:
    if density is None:
        return None
    return jnp.asarray(_checks.real_array("at_density", density, low=0.0, open_low=True, unit="mol/cm^3"))


def _checked(
    mass_squared: Num[ArrayLike, "... 3 3"],
    energy: Real[ArrayLike, "..."],
    nsi: Nsi | Num[ArrayLike, "... 3 3"] | None,
    scale_height: Real[ArrayLike, ""],
) -> tuple[Num[Array, "... 3 3"], Float[Array, "..."], Direction, Float[Array, ""]]:
    """The arguments as arrays, with the direction of the potential; errors before anything is compiled."""
    matrix = _checks.as_array("mass_squared", mass_squared, float)
    beam = checked_beam(matrix, energy, False, nsi)
    height = _checks.real_array("scale_height", scale_height, low=0.0, open_low=True, unit="km")
    direction = Direction(jnp.diag(jnp.array([1.0, 0.0, 0.0])) + 0j, None)
    if beam.nsi is not None:
        neutron = None if beam.nsi.neutron is None else jnp.asarray(beam.nsi.neutron) + 0j
        direction = Direction(direction.charged + beam.nsi.charged, neutron)
    return jnp.asarray(beam.mass_squared), jnp.asarray(beam.energy), direction, jnp.asarray(height)
