"""Interactions of the three neutrinos with electrons, up and down quarks beyond the weak ones."""

import dataclasses
from collections.abc import Iterator

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Complex, Num

from nmmjax import _checks
from nmmjax._public import public
from nmmjax.low_energy.nature import Nature
from nmmjax.matter import Nsi

KINDS = ("vector", "axial", "scalar", "pseudoscalar", "tensor")
"""The Lorentz structures of four fermions."""


class FermionCouplings(eqx.Module):
    """Couplings of nu_e, nu_mu and nu_tau to one fermion f, complex (3, 3), in units of the weak ones:

        L = -sqrt2 G_F (nubar_a gamma_mu P_L nu_b) fbar gamma^mu (V_ab - A_ab gamma_5) f
            -2 sqrt2 G_F {(Nbar_a P_L nu_b) fbar (S_ab - P_ab gamma_5) f + (Nbar_a sigma P_L nu_b) (fbar sigma f) T_ab}
            + h.c. (of the second line).

    Of Majorana neutrinos there is half of the second line, summed over all a and b. V and A are Hermitian. N_a is the
    right-handed partner in the basis of the rows of the mass matrix (Dirac), or antinu_a (Majorana: S and P symmetric,
    T antisymmetric; [a, b] are amplitudes of nu_b -> antinu_a). None: nothing.
    """

    vector: Complex[Array, "3 3"] | None
    axial: Complex[Array, "3 3"] | None
    scalar: Complex[Array, "3 3"] | None
    pseudoscalar: Complex[Array, "3 3"] | None
    tensor: Complex[Array, "3 3"] | None

    @public
    def __init__(
        self,
        *,
        vector: Num[Array, "3 3"] | None = None,
        axial: Num[Array, "3 3"] | None = None,
        scalar: Num[Array, "3 3"] | None = None,
        pseudoscalar: Num[Array, "3 3"] | None = None,
        tensor: Num[Array, "3 3"] | None = None,
    ):
        for name, matrix in (("vector", vector), ("axial", axial)):
            if matrix is not None:
                _checks.check_hermitian(name, matrix)
        given = (vector, axial, scalar, pseudoscalar, tensor)
        self.vector, self.axial, self.scalar, self.pseudoscalar, self.tensor = (
            None if matrix is None else jnp.asarray(matrix) + 0j for matrix in given
        )

    def _matrix(self, kind: str) -> Complex[Array, "3 3"]:
        """The matrix of one of `KINDS`, zero where it is not given."""
        matrix = getattr(self, kind)
        return jnp.zeros((3, 3), complex) if matrix is None else matrix

    def _has(self, *kinds: str) -> bool:
        """Whether one of these is given."""
        return any(getattr(self, kind) is not None for kind in kinds)


class Interactions(eqx.Module):
    """Couplings to the fermions of matter; None: the weak ones alone."""

    electron: FermionCouplings | None = None
    up: FermionCouplings | None = None
    down: FermionCouplings | None = None

    def __check_init__(self) -> None:
        for name in ("electron", "up", "down"):
            if getattr(self, name) is not None:
                _checks.check_instance(name, getattr(self, name), FermionCouplings)

    def check(self, nature: Nature) -> None:
        """Raise where couplings do not have the symmetry of neutrinos of this nature."""
        if not nature.self_conjugate:
            return
        for name, couplings in self._given():
            for kind, sign in (("scalar", 1), ("pseudoscalar", 1), ("tensor", -1)):
                if (matrix := getattr(couplings, kind)) is not None:
                    _checks.check_symmetric(f"{name}.{kind}", matrix, sign=sign)

    @property
    def nsi(self) -> Nsi | None:
        """What the vector couplings are for neutrinos that pass through matter; None where there are none."""
        if not any(couplings._has("vector") for _, couplings in self._given()):
            return None
        electron, up, down = (self.coupling(name, "vector") for name in ("electron", "up", "down"))
        quarks = self.up is not None or self.down is not None
        return Nsi(electron + 2.0 * up + down, up + 2.0 * down if quarks else None)

    def coupling(self, fermion: str, kind: str) -> Complex[Array, "3 3"]:
        """The matrix of "electron", "up" or "down", and of one of `KINDS`; zero where it is not given."""
        couplings = getattr(self, fermion)
        return jnp.zeros((3, 3), complex) if couplings is None else couplings._matrix(kind)

    def has(self, fermions: tuple[str, ...], kinds: tuple[str, ...]) -> bool:
        """Whether one of these fermions has a coupling of one of these kinds."""
        return any(name in fermions and couplings._has(*kinds) for name, couplings in self._given())

    def _given(self) -> Iterator[tuple[str, FermionCouplings]]:
        for field in dataclasses.fields(self):
            if (couplings := getattr(self, field.name)) is not None:
                yield field.name, couplings
