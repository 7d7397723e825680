"""Non-standard interactions of neutrinos with the fermions of matter."""

import math
from collections.abc import Mapping
from dataclasses import KW_ONLY
from typing import Any, ClassVar, Self

import jax.numpy as jnp
import numpyro.distributions as dist
from jaxtyping import Array, Complex, Float

from nmmjax import moments
from nmmjax.constants import PDG_2026
from nmmjax.low_energy import FermionCouplings, Interactions, LowEnergy, Neutrinos
from nmmjax.models._base import TRANSITION_MOMENTS, Model, transition_moments
from nmmjax.models._fermions import FERMIONS
from nmmjax.numerics.entrywise import antisymmetric, stacked
from nmmjax.parameters import ComplexScalar, Scalar, constructor, parameter
from nmmjax.quantities import Quantity
from nmmjax.three_flavor import LightNeutrinos, Sin2, given_or_benchmark

_IN_MATTER = {"electron": "e", "up": "u", "down": "d"}
_DOUBLE_FERMI = 2.0 * math.sqrt(2.0) * PDG_2026.fermi_constant


def _coupling(kind: str, flavors: str) -> Any:
    return parameter(rf"\epsilon^{kind}_{{{flavors}}}", low=-1e3, high=1e3, default=0.0)


class NonStandardInteractions(Model):
    """General couplings of Majorana neutrinos to e, u and d: one matrix of flavor for each Lorentz structure,

        L = -sqrt2 G_F sum_f xi_f {(nubar_a gamma_mu P_L nu_b) fbar gamma^mu (V_ab - A_ab gamma_5) f
            + [(antinu_a P_L nu_b) fbar (S_ab - P_ab gamma_5) f
               + (antinu_a sigma P_L nu_b) (fbar sigma f) T_ab + h.c.]},

    V and A Hermitian, S and P symmetric, T antisymmetric, all summed over a and b. xi_f, the direction in the space of
    fermions, is that of electrons alone unless given. Vector couplings refract in matter (`matter.Nsi`), and all but
    axial and pseudoscalar ones of quarks scatter. The loops of e, u and d, from the scale M down, turn tensor couplings
    into moments beside those of W: mu_ab = -sum_f xi_f T_ab 2 sqrt2 G_F (N_c Q / pi^2) m_e m_f ln(M^2 / m_f^2) mu_B.
    Masses are those of `origin`.
    """

    reference: ClassVar[str] = (
        "M. Lindner, W. Rodejohann and X.-J. Xu, JHEP 03 (2017) 097, 1612.04150; "
        "Y. Farzan and M. Tortola, Front. Phys. 6, 10 (2018), 1710.09360"
    )
    derived_quantities: ClassVar[Mapping[str, Quantity]] = TRANSITION_MOMENTS

    _: KW_ONLY
    vector_ee: Scalar = _coupling("V", "ee")
    vector_mumu: Scalar = _coupling("V", r"\mu\mu")
    vector_tautau: Scalar = _coupling("V", r"\tau\tau")
    vector_emu: ComplexScalar = _coupling("V", r"e\mu")
    vector_etau: ComplexScalar = _coupling("V", r"e\tau")
    vector_mutau: ComplexScalar = _coupling("V", r"\mu\tau")
    axial_ee: Scalar = _coupling("A", "ee")
    axial_mumu: Scalar = _coupling("A", r"\mu\mu")
    axial_tautau: Scalar = _coupling("A", r"\tau\tau")
    axial_emu: ComplexScalar = _coupling("A", r"e\mu")
    axial_etau: ComplexScalar = _coupling("A", r"e\tau")
    axial_mutau: ComplexScalar = _coupling("A", r"\mu\tau")
    scalar_ee: ComplexScalar = _coupling("S", "ee")
    scalar_mumu: ComplexScalar = _coupling("S", r"\mu\mu")
    scalar_tautau: ComplexScalar = _coupling("S", r"\tau\tau")
    scalar_emu: ComplexScalar = _coupling("S", r"e\mu")
    scalar_etau: ComplexScalar = _coupling("S", r"e\tau")
    scalar_mutau: ComplexScalar = _coupling("S", r"\mu\tau")
    pseudoscalar_ee: ComplexScalar = _coupling("P", "ee")
    pseudoscalar_mumu: ComplexScalar = _coupling("P", r"\mu\mu")
    pseudoscalar_tautau: ComplexScalar = _coupling("P", r"\tau\tau")
    pseudoscalar_emu: ComplexScalar = _coupling("P", r"e\mu")
    pseudoscalar_etau: ComplexScalar = _coupling("P", r"e\tau")
    pseudoscalar_mutau: ComplexScalar = _coupling("P", r"\mu\tau")
    tensor_emu: ComplexScalar = _coupling("T", r"e\mu")
    tensor_etau: ComplexScalar = _coupling("T", r"e\tau")
    tensor_mutau: ComplexScalar = _coupling("T", r"\mu\tau")
    xi_electron: Scalar = parameter(r"\xi_e", low=-10.0, high=10.0, default=1.0)
    xi_up: Scalar = parameter(r"\xi_u", low=-10.0, high=10.0, default=0.0)
    xi_down: Scalar = parameter(r"\xi_d", low=-10.0, high=10.0, default=0.0)
    scale: Scalar = parameter("M", "GeV", low=10.0, high=1e8, default=1000.0)
    origin: LightNeutrinos = given_or_benchmark()

    @classmethod
    @constructor(instead_of=("origin",))
    def from_oscillations(cls, light: Sin2, **others: Any) -> Self:
        """Together with masses and mixing."""
        return cls(origin=light, **others)

    def low_energy(self) -> LowEnergy:
        """The couplings times xi_f, and the moments of the loops of tensor couplings."""
        matrices = {kind: self._matrix(kind) for kind in ("vector", "axial", "scalar", "pseudoscalar")}
        matrices["tensor"] = antisymmetric(*(self._couplings("tensor", "emu", "etau", "mutau")))
        of_fermions = {
            name: FermionCouplings(**{kind: self._xi(name) * matrix for kind, matrix in matrices.items()})
            for name in _IN_MATTER
        }
        M = self.origin.mass_matrix()
        moment = moments.w_loop_majorana(M) + matrices["tensor"] * self._moment_per_coupling()
        return LowEnergy(Neutrinos(M, moment), interactions=Interactions(**of_fermions))

    def _xi(self, name: str) -> Float[Array, ""]:
        return getattr(self, f"xi_{name}")

    def _couplings(self, kind: str, *flavors: str) -> list[Array]:
        return [jnp.asarray(getattr(self, f"{kind}_{pair}")) + 0j for pair in flavors]

    def _matrix(self, kind: str) -> Complex[Array, "3 3"]:
        """V and A Hermitian, S and P symmetric."""
        ee, mm, tt, em, et, mt = self._couplings(kind, "ee", "mumu", "tautau", "emu", "etau", "mutau")
        hermitian = kind in ("vector", "axial")
        me, te, tm = (jnp.conj(x) if hermitian else x for x in (em, et, mt))
        return stacked([[ee, em, et], [me, mm, mt], [te, tm, tt]])

    def _moment_per_coupling(self) -> Float[Array, ""]:
        """Moment [mu_B] for T = 1."""
        scale = jnp.asarray(self.scale)
        strength = jnp.asarray(_DOUBLE_FERMI) * scale**2
        loops = {name: FERMIONS[symbol] for name, symbol in _IN_MATTER.items()}
        return sum(
            (
                moments.tensor(strength * self._xi(name), scale, mass=f.mass, charge=f.charge, colors=f.colors)
                for name, f in loops.items()
            ),
            start=jnp.zeros(()),
        )

    def derived(self) -> dict[str, Float[Array, ""]]:
        """The three moments."""
        return transition_moments(self.low_energy())

    @classmethod
    def default_priors(cls) -> dict[str, dist.Distribution]:
        """Real vector couplings, flat and as large as the weak ones; that of mu is in common with all flavors."""
        names = ("vector_ee", "vector_tautau", "vector_emu", "vector_etau", "vector_mutau")
        return {name: dist.Uniform(-2.0, 2.0) for name in names}

    @classmethod
    def benchmark(cls) -> Self:
        """The tensor coupling to electrons that TEXONO leaves at one-sided 90 %.

        J. Barranco et al., 1108.1220, print 0.20 for a cross section that seems to be eight times smaller: 0.071 here.
        """
        return cls(tensor_etau=0.07)
