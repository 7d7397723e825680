"""Squared amplitudes from explicit Dirac matrices: what closed forms of rates and cross sections are tested against."""

import numpy as np

_PAULI = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])
_BLOCK = np.kron(np.array([[0, 1], [-1, 0]]), _PAULI)
GAMMA = np.array([np.kron(np.diag([1, -1]), np.eye(2)), *_BLOCK])
"""In the Dirac representation."""
GAMMA_5 = 1j * GAMMA[0] @ GAMMA[1] @ GAMMA[2] @ GAMMA[3]
METRIC = np.diag([1.0, -1.0, -1.0, -1.0])
_SIGMA = 0.5j * (np.einsum("mab,nbc->mnac", GAMMA, GAMMA) - np.einsum("nab,mbc->mnac", GAMMA, GAMMA))
_LEFT = 0.5 * (np.eye(4) - GAMMA_5)


def slash(p):
    return np.tensordot(METRIC @ p, GAMMA, 1)


def dot(p, q):
    return p @ METRIC @ q


def _bar(vertex):
    return GAMMA[0] @ np.conj(np.swapaxes(vertex, -1, -2)) @ GAMMA[0]


def _dipole(q):
    """sigma^{mu nu} q_nu."""
    return np.einsum("mnab,n->mab", _SIGMA, METRIC @ q)


def _tensor(after, vertex, before):
    """Tr[after V^mu before bar V^nu]."""
    return np.einsum("ab,mbc,cd,nda->mn", after, vertex, before, _bar(vertex))


def scattering(E, T, M, *, dipole, spin, m=0.0):
    """dsigma/dT over the coupling squared, of a massless left-handed neutrino on a target at rest.

    Weak, (G_F / sqrt 2) [antinu gamma (1 - gamma_5) nu] J, over G_F^2; by a moment mu and a photon, into a mass m,
    over alpha mu^2. J = p + p' for spin 0, ubar gamma u for spin 1/2.
    """
    P = np.sqrt(T * (T + 2 * M))
    cosine = (E**2 + P**2 - (E - T) ** 2 + m**2) / (2 * E * P)
    k, p = np.array([E, 0, 0, E]), np.array([M, 0, 0, 0])
    after = np.array([M + T, P * np.sqrt(max(1 - cosine**2, 0)), 0, P * cosine])
    q = after - p
    vertex = (_dipole(q) if dipole else GAMMA) @ _LEFT
    neutrino = _tensor(slash(k - q) + m * np.eye(4), vertex, slash(k))
    if spin == 0.5:
        target = 0.5 * _tensor(slash(after) + M * np.eye(4), GAMMA, slash(p) + M * np.eye(4))
    else:
        target = np.outer(p + after, p + after)
    squared = np.einsum("mn,ma,nb,ab->", neutrino, METRIC, METRIC, target).real
    squared *= 4 * np.pi / (2 * M * T) ** 2 if dipole else 2.0  # e^2 / q^4 with e^2 = 4 pi alpha; (2 / sqrt 2)^2
    return squared / (32 * np.pi * M * E**2)


def current(E, squared, nu, M, waves, *, m):
    """d^2 sigma / dQ^2 dnu over alpha mu^2, of a left-handed neutrino that becomes m by a moment.

    The current is W_1 (q q / q^2 - g) + W_2 P P / M^2 without what is along q; the photon has energy nu, q^2 = -Q^2.
    """
    momentum = np.sqrt((E - nu) ** 2 - m**2)
    cosine = (2 * E * (E - nu) - m**2 - squared) / (2 * E * momentum)
    k, p = np.array([E, 0, 0, E]), np.array([M, 0, 0, 0])
    heavy = np.array([E - nu, momentum * np.sqrt(max(1 - cosine**2, 0)), 0, momentum * cosine])
    q = k - heavy
    neutrino = _tensor(slash(heavy) + m * np.eye(4), _dipole(q) @ _LEFT, slash(k))
    moved = p - q * dot(p, q) / dot(q, q)
    target = waves[0] * (np.outer(q, q) / dot(q, q) - METRIC) + waves[1] * np.outer(moved, moved) / M**2
    found = np.einsum("mn,ma,nb,ab->", neutrino, METRIC, METRIC, target).real
    return found * 4 * M**2 * 4 * np.pi / squared**2 / (32 * np.pi * M * E**2) / (2 * M)


def helicities(E, T, M, *, m):
    """Weights of positive and negative helicity of a mass m made by a moment on a target of spin 0."""
    momentum = np.sqrt((E - T) ** 2 - m**2)
    cosine = (2 * E * (E - T) - m**2 - 2 * M * T) / (2 * E * momentum)
    k, n = np.array([E, 0, 0, E]), np.array([np.sqrt(max(1 - cosine**2, 0)), 0, cosine])
    heavy = np.array([E - T, *(momentum * n)])
    spin = np.array([momentum / m, *((E - T) / m * n)])
    q = k - heavy
    vertex = np.einsum("mab,m->ab", _dipole(q), METRIC @ (np.array([2 * M, 0, 0, 0]) + q)) @ _LEFT
    weights = []
    for sign in (1, -1):
        after = 0.5 * (np.eye(4) + sign * GAMMA_5 @ slash(spin)) @ (slash(heavy) + m * np.eye(4))
        weights.append(np.einsum("ab,bc,cd,da->", after, vertex, slash(k), _bar(vertex)).real)
    return np.array(weights)


def photon_of_decay(cosine):
    """Weight of a photon at an angle with the spin of the N_R that decays to it and nu_L, by a moment."""
    at_rest, up = np.array([1.0, 0, 0, 0]), np.array([0, 0, 0, 1.0])
    photon = 0.5 * np.array([1, np.sqrt(1 - cosine**2), 0, cosine])
    before = 0.5 * (slash(at_rest) + np.eye(4)) @ (np.eye(4) + GAMMA_5 @ slash(up))
    vertex = _dipole(photon) @ (np.eye(4) - _LEFT)
    return -np.einsum("mn,mn->", METRIC, _tensor(slash(at_rest - photon), vertex, before)).real


def plasmon(K, first, second, *, electric):
    """Gamma of a plasmon at rest over mu^2 K^3 / 24 pi, mean over three polarizations."""
    vertex = _dipole(np.array([K, 0, 0, 0]))[1:] @ (GAMMA_5 if electric else np.eye(4))
    return _plasmon(K, first, second, vertex) * 24 * np.pi / K**3


def plasmon_by_current(K, first, second, *, vector, axial):
    """Gamma by gamma^m (vector - axial gamma_5) over e^2 K / 12 pi, mean over three polarizations."""
    vertex = GAMMA[1:] @ (vector * np.eye(4) - axial * GAMMA_5)
    return _plasmon(K, first, second, vertex) * 12 * np.pi / K


def _plasmon(K, first, second, vertex):
    momentum2 = ((K**2 - first**2 - second**2) ** 2 - 4 * first**2 * second**2) / (4 * K**2)
    p = np.array([np.sqrt(first**2 + momentum2), 0.6 * np.sqrt(momentum2), 0, 0.8 * np.sqrt(momentum2)])
    other = np.array([K, 0, 0, 0]) - p
    traces = _tensor(slash(p) + first * np.eye(4), vertex, slash(other) - second * np.eye(4))
    return np.trace(traces).real / 3 * np.sqrt(momentum2) / (8 * np.pi * K**2)
