"""Coherent elastic scattering of neutrinos on nuclei: weak, by charge radius and charge, and by magnetic moment.

With the weak charge as a matrix of flavor, W = Z F_p(q) G_p + N F_n(q) G_n, q^2 = 2 M T,

    D(E, T) = (G_F^2 M / pi) W^+ W (1 - T/E - M T / 2 E^2),

and a neutrino that arrives in the state rho scatters with dsigma/dT = Re Tr[rho D]. Natural elements are averaged over
their isotopes. A nucleus of spin 1/2 has T^2 / 2 E^2 more in the brackets; higher spins are treated as spin 0, and
axial currents are left out: relative errors of order (T/E)^2 and 1/A. D. Z. Freedman, Phys. Rev. D 9, 1389 (1974).
"""

import math
from functools import partial

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, ArrayLike, Float, Num

from nmmjax import _checks
from nmmjax._public import check_fields, public
from nmmjax.constants import CM_PER_FM, KEV_PER_MEV, MEV_PER_ATOMIC_MASS, MEV_PER_GEV, PDG_2026, Constants
from nmmjax.numerics.arrays import Real, RealLike, ScalarLike
from nmmjax.numerics.entrywise import weighted
from nmmjax.numerics.hermitian import adjoint
from nmmjax.numerics.special import smaller
from nmmjax.scattering import _recoil
from nmmjax.scattering.electromagnetic import charge_radius_shift, flipped, millicharge_shift, moment_scale
from nmmjax.scattering.form_factor import SKIN, ball_radius_squared, helm_of_squared, standard_radius
from nmmjax.scattering.kinematics import ELECTRON_MASS, checked, checked_high, window
from nmmjax.tables import read_table

_CUT = 5.5
"""q s beyond which exp(-q^2 s^2) < 1e-13 has ended every form factor."""


class Nucleus(eqx.Module):
    """One isotope, or the isotopes of an element with their abundances. Gradients flow into masses and radii."""

    protons: Float[Array, " isotopes"]
    neutrons: Float[Array, " isotopes"]
    mass: Float[Array, " isotopes"]
    """[MeV], without the electrons."""
    spin: Float[Array, " isotopes"]
    abundance: Float[Array, " isotopes"]
    """Shares in the number of nuclei; they sum to one."""
    proton_radius: Float[Array, " isotopes"]
    neutron_radius: Float[Array, " isotopes"]
    """Root mean square radii [fm]."""

    @public
    def __init__(
        self,
        protons: ArrayLike,
        mass_number: ArrayLike,
        mass: ArrayLike,
        *,
        spin: ArrayLike = 0.0,
        abundance: ArrayLike = 1.0,
        proton_radius: ArrayLike | None = None,
        neutron_radius: ArrayLike | None = None,
    ):
        """Numbers, or one for each isotope; abundances are normalized. Radii are `standard_radius` unless given."""
        _checks.check_range("protons", protons, low=1.0)
        _checks.check_range("mass_number", mass_number, low=1.0)
        _checks.check_range("mass", mass, low=900.0, high=3e5, unit="MeV")
        _checks.check_range("spin", spin, low=0.0)
        _checks.check_range("abundance", abundance, low=0.0)
        standard = standard_radius(mass_number)
        radii = [standard if r is None else r for r in (proton_radius, neutron_radius)]
        for name, radius in zip(("proton_radius", "neutron_radius"), radii, strict=True):
            _checks.check_range(name, radius, low=math.sqrt(3.0) * SKIN, unit="fm")
        fields = (protons, mass_number, mass, spin, abundance, *radii)
        try:
            fields = jnp.broadcast_arrays(*(jnp.atleast_1d(_checks.as_array("nucleus", x, float)) for x in fields))
        except ValueError:
            shapes = ", ".join(str(np.shape(x)) for x in fields)
            _checks.fail("mass", "have one entry for each isotope, as all others", f"the shapes are {shapes}")
        if fields[0].ndim != 1:
            _checks.fail("mass", "have one entry for each isotope, as all others", f"its shape is {fields[0].shape}")
        self.protons, number, self.mass, self.spin, abundance, self.proton_radius, self.neutron_radius = fields
        self.neutrons = number - self.protons
        _checks.check_range("mass_number", self.neutrons, low=0.0, unit="above the number of protons")
        if (total := _checks.concrete(jnp.sum(abundance))) is not None and total == 0.0:
            _checks.fail("abundance", "be positive for one isotope at least", f"it is {abundance}")
        self.abundance = abundance / jnp.sum(abundance)

    @classmethod
    @public
    def load(cls, element: str) -> "Nucleus":
        """A natural element by its symbol, out of O, Na, Si, Ar, Ge, I, Xe, Cs."""
        table = read_table("isotopes")
        _checks.check_known("element", element, {str(name) for name in table["element"]})
        rows = table.where(element=element)
        mass = rows["mass"] * MEV_PER_ATOMIC_MASS - rows["protons"] * ELECTRON_MASS
        return cls(rows["protons"], rows["mass_number"], mass, spin=rows["spin"], abundance=rows["abundance"])


class Couplings(eqx.Module):
    """Vector couplings of proton and neutron, and the charges of neutrinos; rows and columns e, mu, tau."""

    proton: Num[Array, "... 3 3"]
    neutron: Num[Array, "... 3 3"]
    millicharge: Num[Array, "... 3 3"] | None = None
    """[e]."""

    def __check_init__(self) -> None:
        check_fields(self)

    @classmethod
    @public
    def tree_level(cls, sin2_theta_w: ScalarLike = 0.23863) -> "Couplings":
        """Couplings g_p = 1/2 - 2 sin^2 theta_W, g_n = -1/2, blind to flavor. Default: at low momentum."""
        _checks.check_range("sin2_theta_w", sin2_theta_w, low=0.0, high=1.0)
        return cls((0.5 - 2.0 * jnp.asarray(sin2_theta_w)) * jnp.eye(3), -0.5 * jnp.eye(3))

    @classmethod
    def radiatively_corrected(cls) -> "Couplings":
        """Couplings g_p = (0.0382, 0.0300, 0.0256), g_n = -0.5117, the charge radii of the standard model included.

        Those of e and mu and that of the neutron are from memory of M. Atzori Corona et al., JHEP 09 (2022) 164,
        2205.09484; that of tau differs from mu by the charge radii.
        """
        return cls(jnp.diag(jnp.array([0.0382, 0.0300, 0.0256])), -0.5117 * jnp.eye(3))

    @public
    def with_charge_radius(
        self, charge_radius: Num[ArrayLike, "... 3 3"], *, constants: Constants = PDG_2026
    ) -> "Couplings":
        """Subtract sqrt(2) pi alpha <r^2> / 3 G_F from g_p; <r^2> [cm^2] a Hermitian matrix in flavor space.

        In the convention of `electromagnetic.charge_radius_shift`; on top of what the couplings hold already.
        """
        _checks.check_hermitian("charge_radius", charge_radius)
        _checks.check_range("charge_radius", jnp.abs(jnp.asarray(charge_radius)), high=1e-26, unit="cm^2")
        shift = charge_radius_shift(jnp.asarray(charge_radius), constants=constants)
        return Couplings(self.proton - shift, self.neutron, self.millicharge)

    @public
    def with_millicharge(self, charge: Num[ArrayLike, "... 3 3"]) -> "Couplings":
        """Add charges q of neutrinos [e], a Hermitian matrix in flavor space: g_p + sqrt(2) pi alpha q / (G_F M T)."""
        _checks.check_hermitian("charge", charge)
        _checks.check_range("charge", jnp.abs(jnp.asarray(charge)), high=1e-3, unit="e")
        return Couplings(self.proton, self.neutron, jnp.asarray(charge))

    @public
    def with_interactions(self, up: Num[ArrayLike, "... 3 3"], down: Num[ArrayLike, "... 3 3"]) -> "Couplings":
        """Add 2 eps_u + eps_d to g_p and eps_u + 2 eps_d to g_n, as vector currents are conserved:

            L = -sqrt2 G_F eps_q (nubar gamma_mu P_L nu) qbar gamma^mu q,   q = u, d.

        **Arguments:** Hermitian matrices in flavor space.
        """
        _checks.check_hermitian("up", up)
        _checks.check_hermitian("down", down)
        up, down = jnp.asarray(up), jnp.asarray(down)
        return Couplings(self.proton + 2.0 * up + down, self.neutron + up + 2.0 * down, self.millicharge)

    def of_antineutrinos(self) -> "Couplings":
        """Couplings of antineutrinos: all conjugated; the common sign does not matter."""
        charge = None if self.millicharge is None else jnp.conj(self.millicharge)
        return Couplings(jnp.conj(self.proton), jnp.conj(self.neutron), charge)


def charge_form_factor(
    recoil: Float[Array, "..."], nucleus: Nucleus, constants: Constants = PDG_2026
) -> Float[Array, "..."]:
    """Form factor F_p of the protons at recoils [MeV] whose last axis is that of the isotopes."""
    return helm_of_squared(2.0 * nucleus.mass * recoil / constants.hbar_c**2, nucleus.proton_radius)


def nucleons(recoil: Real, nucleus: Nucleus, constants: Constants) -> tuple[Real, Real]:
    """Z F_p and N F_n at recoils [MeV] whose last axis is that of the isotopes."""
    squared = 2.0 * nucleus.mass * recoil / constants.hbar_c**2
    protons = nucleus.protons * helm_of_squared(squared, nucleus.proton_radius)
    return protons, nucleus.neutrons * helm_of_squared(squared, nucleus.neutron_radius)


def form_factor_end(nucleus: Nucleus, constants: Constants = PDG_2026) -> Float[Array, " isotopes"]:
    """Recoil [MeV] beyond which F^2 is below 1e-13 of its start."""
    return (_CUT / SKIN * constants.hbar_c) ** 2 / (2.0 * nucleus.mass)


def form_factor_turn(nucleus: Nucleus, constants: Constants = PDG_2026) -> Float[Array, " isotopes"]:
    """Recoil [MeV] at q R_0 = 1, above which the form factor oscillates."""
    return constants.hbar_c**2 / (2.0 * nucleus.mass * ball_radius_squared(nucleus.proton_radius))


@public
def maximal_recoil(energy: RealLike, nucleus: Nucleus) -> Float[Array, "... isotopes"]:
    """Greatest recoil T_max = 2 E^2 / (M + 2 E) [keV] of a neutrino of energy E [MeV] on each isotope."""
    energy = _checks.as_array("energy", energy, float)
    _checks.check_range("energy", energy, low=0.0, unit="MeV")
    energy = jnp.asarray(energy)[..., None]
    return KEV_PER_MEV * 2.0 * energy**2 / (nucleus.mass + 2.0 * energy)


@public
def differential_cross_section(
    energy: RealLike,
    recoil_energy: RealLike,
    nucleus: Nucleus,
    couplings: Couplings,
    *,
    constants: Constants = PDG_2026,
) -> Num[Array, "... 3 3"]:
    """Matrix D(E, T) [cm^2 / keV] per nucleus, zero where the recoil is out of reach.

    **Arguments:** neutrino energy E > 0 [MeV] and recoil energy T >= 0 [keV] of the nucleus, which broadcast; T > 0 if
    neutrinos are charged. Coherent as long as the form factor is not small: below 100 MeV.
    """
    energy, recoil = checked(energy, positive=couplings.millicharge is not None, recoil_energy=recoil_energy)
    return _differential(energy, recoil, nucleus, couplings, constants=constants)


@public
def strengths(
    energy: RealLike,
    recoil_energy: RealLike,
    nucleus: Nucleus,
    *,
    constants: Constants = PDG_2026,
) -> tuple[Float[Array, "..."], ...]:
    """Coefficients s_k(E, T) [cm^2 / keV] of D = sum_k s_k A_k, A_k the six `products` (three of neutral neutrinos).

    **Arguments:** as `differential_cross_section`, T > 0.
    """
    energy, recoil = checked(energy, positive=True, recoil_energy=recoil_energy)
    return tuple(_strengths_in_reach(energy, recoil, nucleus, True, constants=constants))


@public
def products(couplings: Couplings) -> tuple[Num[Array, "... 3 3"], ...]:
    """Products P^+ P, P^+ N + N^+ P, N^+ N; where neutrinos are charged P^+ Q + Q^+ P, N^+ Q + Q^+ N, Q^+ Q too.

    P, N and Q hold the couplings of proton and neutron and the charges.
    """
    P, N, Q = couplings.proton, couplings.neutron, couplings.millicharge
    pairs = [(P, P), (P, N), (N, N)] + ([] if Q is None else [(P, Q), (N, Q), (Q, Q)])
    return tuple(symmetrized(A, B) for A, B in pairs)


def symmetrized(A: Num[Array, "... m n"], B: Num[Array, "... m n"]) -> Num[Array, "... n n"]:
    """A^+ B + B^+ A, of one and the same object A^+ A: what amplitudes that interfere make of cross sections."""
    product = adjoint(A) @ B
    return product if A is B else product + adjoint(product)


@public
def cross_section(
    energy: RealLike,
    nucleus: Nucleus,
    couplings: Couplings,
    *,
    low: RealLike = 0.0,
    high: RealLike = jnp.inf,
    constants: Constants = PDG_2026,
) -> Num[Array, "... 3 3"]:
    """Integral of D(E, T) [cm^2] per nucleus over the recoils between two thresholds, by fixed nodes.

    **Arguments:** neutrino energy E > 0 [MeV]; `low` and `high` [keV], not negative, `low` > 0 if neutrinos are
    charged. All broadcast. Differentiable in the thresholds.
    """
    energy, low = checked(energy, positive=couplings.millicharge is not None, low=low)
    high = checked_high(high)
    return _integrated(energy, low, high, nucleus, couplings, constants=constants)


@public
def magnetic_differential_cross_section(
    energy: RealLike,
    recoil_energy: RealLike,
    nucleus: Nucleus,
    moment_matrix: Num[ArrayLike, "... m n"],
    *,
    antineutrino: bool = False,
    constants: Constants = PDG_2026,
) -> Num[Array, "... n n"]:
    """What moments add to D(E, T) by flips of helicity, [cm^2 / keV] per nucleus; zero out of reach:

        (pi alpha^2 / m_e^2) Z^2 F_p^2 (1/T - 1/E + T / 4 E^2) lambda^+ lambda,

    without the last term for spin 1/2, conjugated for antineutrinos. P. Vogel and J. Engel, Phys. Rev. D 39, 3378
    (1989).

    **Arguments:** E > 0 [MeV], T > 0 [keV], lambda[a, b] of nu_b -> a [mu_B]. They broadcast.
    """
    energy, recoil = checked(energy, positive=True, recoil_energy=recoil_energy)
    squared = flipped(moment_matrix, antineutrino)
    return _magnetic_differential(energy, recoil, nucleus, constants=constants)[..., None, None] * squared


@public
def magnetic_cross_section(
    energy: RealLike,
    nucleus: Nucleus,
    moment_matrix: Num[ArrayLike, "... m n"],
    *,
    low: RealLike,
    high: RealLike = jnp.inf,
    antineutrino: bool = False,
    constants: Constants = PDG_2026,
) -> Num[Array, "... n n"]:
    """Integral of the scattering by moments [cm^2] over the recoils from `low` > 0 to `high` [keV]."""
    energy, low = checked(energy, positive=True, low=low)
    high = checked_high(high)
    squared = flipped(moment_matrix, antineutrino)
    return _magnetic_integrated(energy, low, high, nucleus, constants=constants)[..., None, None] * squared


# Recoils in MeV from here on, with the isotopes on the axis -1 or, before nodes, -2


def _strengths(energy: Real, recoil: Real, nucleus: Nucleus, charged: bool, constants: Constants) -> list[Real]:
    """Coefficients of P^+ P, P^+ N, N^+ N and, where charged, P^+ Q, N^+ Q, Q^+ Q for each isotope [cm^2 / MeV]."""
    p, n = nucleons(recoil, nucleus, constants)
    half = jnp.where(nucleus.spin == 0.5, 0.5, 0.0)
    y = recoil / energy
    fermi = constants.fermi_constant / MEV_PER_GEV**2
    scale = (fermi * constants.hbar_c * CM_PER_FM) ** 2 / math.pi * nucleus.abundance * nucleus.mass
    scale = scale * (1.0 - y - 0.5 * nucleus.mass * recoil / energy**2 + half * y**2)
    pairs = [p * p, p * n, n * n]
    if charged:
        c = p * millicharge_shift(1.0, nucleus.mass, KEV_PER_MEV * recoil, constants=constants)
        pairs += [p * c, n * c, c * c]
    return [scale * pair for pair in pairs]


@partial(jax.jit, static_argnames="constants")
def _differential(
    energy: Real, recoil_energy: Real, nucleus: Nucleus, couplings: Couplings, *, constants: Constants
) -> Num[Array, "... 3 3"]:
    values = _strengths_in_reach(energy, recoil_energy, nucleus, couplings.millicharge is not None, constants=constants)
    return weighted(values, products(couplings))


@partial(jax.jit, static_argnames=("charged", "constants"))
def _strengths_in_reach(
    energy: Real, recoil_energy: Real, nucleus: Nucleus, charged: bool, *, constants: Constants
) -> list[Real]:
    reached = recoil_energy[..., None] <= maximal_recoil(energy, nucleus)
    values = _strengths(energy[..., None], recoil_energy[..., None] / KEV_PER_MEV, nucleus, charged, constants)
    return [jnp.sum(jnp.where(reached, s, 0.0), -1) / KEV_PER_MEV for s in values]


@partial(jax.jit, static_argnames="constants")
def _integrated(
    energy: Real, low: Real, high: Real, nucleus: Nucleus, couplings: Couplings, *, constants: Constants
) -> Num[Array, "... 3 3"]:
    a, b = _window(energy, low, high, nucleus, constants)
    charged = couplings.millicharge is not None
    nodes = _recoil.root(a, b)
    values = _summed(*nodes, energy, nucleus, charged, constants)
    if charged:  # 1/T and 1/T^2 need the other nodes
        nodes = _recoil.both(a, b, form_factor_turn(nucleus, constants))
        values = values[:3] + _summed(*nodes, energy, nucleus, charged, constants)[3:]
    return weighted(values, products(couplings))


def _summed(
    nodes: Real, weights: Real, energy: Real, nucleus: Nucleus, charged: bool, constants: Constants
) -> list[Real]:
    """Strengths integrated over the recoil and averaged over isotopes [cm^2]."""
    nodes = jnp.swapaxes(nodes, -1, -2)
    values = _strengths(energy[..., None, None], nodes, nucleus, charged, constants)
    return [jnp.sum(jnp.swapaxes(weights, -1, -2) * s, (-1, -2)) for s in values]


def _magnetic(energy: Real, recoil: Real, nucleus: Nucleus, constants: Constants) -> Real:
    """Scattering by moments on each isotope, without lambda^+ lambda [cm^2 / MeV]."""
    zero = jnp.where(nucleus.spin == 0.5, 0.0, 0.25)
    charge = nucleus.abundance * (nucleus.protons * charge_form_factor(recoil, nucleus, constants)) ** 2
    return moment_scale(constants) * charge * (1.0 / recoil - 1.0 / energy + zero * recoil / energy**2)


@partial(jax.jit, static_argnames="constants")
def _magnetic_differential(energy: Real, recoil_energy: Real, nucleus: Nucleus, *, constants: Constants) -> Real:
    reached = recoil_energy[..., None] <= maximal_recoil(energy, nucleus)
    values = _magnetic(energy[..., None], recoil_energy[..., None] / KEV_PER_MEV, nucleus, constants)
    return jnp.sum(jnp.where(reached, values, 0.0), -1) / KEV_PER_MEV


@partial(jax.jit, static_argnames="constants")
def _magnetic_integrated(energy: Real, low: Real, high: Real, nucleus: Nucleus, *, constants: Constants) -> Real:
    nodes, weights = _recoil.both(*_window(energy, low, high, nucleus, constants), form_factor_turn(nucleus, constants))
    values = _magnetic(energy[..., None, None], jnp.swapaxes(nodes, -1, -2), nucleus, constants)
    return jnp.sum(jnp.swapaxes(weights, -1, -2) * values, (-1, -2))


def _window(energy: Real, low: Real, high: Real, nucleus: Nucleus, constants: Constants) -> tuple[Real, Real]:
    """Ends of the recoils [MeV] that count, of each isotope; both ends the same where there are none."""
    greatest = smaller(maximal_recoil(energy, nucleus) / KEV_PER_MEV, form_factor_end(nucleus, constants))
    start, end, _ = window(greatest, low[..., None] / KEV_PER_MEV, high[..., None] / KEV_PER_MEV)
    return start, end
