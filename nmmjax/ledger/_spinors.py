"""Traces of Dirac matrices, for the coefficients of the electromagnetic rates of L = (mu / 2) antinu sigma F nu."""

import math

import numpy as np

_PAULI = (np.array([[0, 1], [1, 0]]), np.array([[0, -1j], [1j, 0]]), np.array([[1, 0], [0, -1]]))
_ZERO, _ONE = np.zeros((2, 2)), np.eye(2)
_GAMMA = np.array([np.block([[_ZERO, _ONE], [_ONE, _ZERO]]), *(np.block([[_ZERO, s], [-s, _ZERO]]) for s in _PAULI)])
"""gamma^mu in the chiral representation."""
_METRIC = np.diag([1.0, -1.0, -1.0, -1.0])
_SIGMA = 0.5j * (np.einsum("mab,nbc->mnac", _GAMMA, _GAMMA) - np.einsum("nab,mbc->mnac", _GAMMA, _GAMMA))
_LEFT = np.diag([1.0, 1.0, 0.0, 0.0])


def _slash(p: np.ndarray) -> np.ndarray:
    return np.tensordot(_METRIC @ p, _GAMMA, 1)


def _bar(vertex: np.ndarray) -> np.ndarray:
    return _GAMMA[0] @ np.conj(np.swapaxes(vertex, -1, -2)) @ _GAMMA[0]


def _dipole(q: np.ndarray) -> np.ndarray:
    """sigma^{mu nu} q_nu."""
    return np.einsum("mnab,n->mab", _SIGMA, _METRIC @ q)


def plasmon_decay() -> float:
    """Ratio mu^2 omega^3 / (pi Gamma) of a massive photon at rest, averaged over its three polarizations."""
    K = np.array([1.0, 0.0, 0.0, 0.0])
    p = 0.5 * np.array([1.0, 0.6, 0.0, 0.8])
    vertices = _dipole(K)[1:]
    squared = sum(np.trace(_slash(p) @ v @ _slash(K - p) @ _bar(v)).real for v in vertices) / 3.0
    return 16.0 / squared  # Gamma = |M|^2 / (16 pi omega)


def radiative_decay(lighter: float) -> float:
    """Ratio mu^2 (m_2^2 - m_1^2)^3 / (pi m_2^3 Gamma) of nu_2 -> nu_1 gamma, for m_1 = `lighter` m_2."""
    energy = 0.5 * (1.0 - lighter**2)  # of the photon, m_2 = 1
    p, q = np.array([1.0, 0.0, 0.0, 0.0]), energy * np.array([1.0, 0.6, 0.0, 0.8])
    vertices = _dipole(q)
    lowered = np.einsum("mn,nab->mab", _METRIC, vertices)
    before, after = _slash(p) + np.eye(4), _slash(p - q) + lighter * np.eye(4)
    squared = -sum(np.trace(after @ v @ before @ _bar(w)).real for v, w in zip(vertices, lowered, strict=True)) / 2.0
    return 8.0 * (1.0 - lighter**2) ** 3 / (energy * squared)  # Gamma = |M|^2 q / (8 pi m_2^2)


def magnetic_scattering(energy: float, recoil: float, mass: float) -> float:
    """Cross section dsigma/dT of nu_L on an electron at rest over alpha mu^2 (1/T - 1/E); all in units of `mass`."""
    end = math.sqrt(recoil * (recoil + 2.0 * mass))  # momentum of the electron
    cosine = (recoil * (energy + mass)) / (energy * end)
    p = np.array([mass, 0.0, 0.0, 0.0])
    after = np.array([mass + recoil, end * math.sqrt(1.0 - cosine**2), 0.0, end * cosine])
    k, q = np.array([energy, 0.0, 0.0, energy]), after - p
    vertices, lowered = _dipole(q), np.einsum("mn,nab->mab", _METRIC, _GAMMA)
    of_neutrino = np.einsum("ab,mbc,cd,nda->mn", _slash(k - q), vertices, _LEFT @ _slash(k), _bar(vertices))
    of_electron = np.einsum(
        "ab,mbc,cd,nda->mn", _slash(after) + mass * np.eye(4), lowered, _slash(p) + mass * np.eye(4), _bar(lowered)
    )
    squared = 0.5 * np.sum(of_neutrino * of_electron).real * 4.0 * math.pi / (2.0 * mass * recoil) ** 2  # q^2 = -2 m T
    return squared / (32.0 * math.pi * mass * energy**2) / (1.0 / recoil - 1.0 / energy)


def precession() -> float:
    """Element <R| (1/2) sigma F |L> / (2 E B) in a field across the momentum, helicity states along z."""
    left, right = np.array([0.0, 1.0, 0.0, 0.0]), np.array([0.0, 0.0, 1.0, 0.0])  # each times sqrt(2 E)
    field = 0.5 * (_SIGMA[2, 3] - _SIGMA[3, 2])  # B along x is F_23 up to a sign
    return abs(right @ _GAMMA[0] @ field @ left)
