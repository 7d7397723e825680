"""Files of the SUSY Les Houches Accord (SLHA): masses, mixing, moments and decays of neutrinos, written and read.

| block | what it holds |
|---|---|
| `SMINPUTS` | pole masses [GeV]: 12 of nu_1, 14 of nu_2, 8 of nu_3 |
| `UPMNSIN` | 1 theta12, 2 theta23, 3 theta13, 4 delta, 5 alpha_1, 6 alpha_2 [rad] |
| `UPMNS`, `IMUPMNS` | U_ai: flavors e, mu, tau, and states 1, 2, 3 |
| `NUMASS`, `IMNUMASS` | mass matrix M [GeV], flavor basis: not of the accord, as the next |
| `NUMOMENT`, `IMNUMOMENT` | matrix of moments [mu_B], flavor basis |
| `NUNATURE` | 1: 1 for Majorana, 0 for Dirac neutrinos |
| `MASS` | 9900012: of the heavy lepton of a dipole portal [GeV] |
| `DECAY` 12, 14, 16, 9900012 | nu_j -> nu_i gamma of states, N -> nu_i gamma: widths [GeV] |

Phases, as codes that read the accord have them: U = V diag(e^{i alpha_1 / 2}, e^{i alpha_2 / 2}, 1), where this package
has V diag(1, e^{i alpha21 / 2}, e^{i alpha31 / 2}); so alpha_1 = -alpha31 and alpha_2 = alpha21 - alpha31. The blocks
of this package, which give back a theory exactly, have names that the accord does not use; readers skip what they do
not know.

P. Skands et al., JHEP 07 (2004) 036, hep-ph/0311123; B. C. Allanach et al., Comput. Phys. Commun. 180, 8 (2009),
arXiv:0801.0045.
"""

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Complex

from nmmjax import _checks, decays, mixing
from nmmjax._version import __version__
from nmmjax.constants import EV_PER_GEV, MEV_PER_GEV, PDG_2026
from nmmjax.low_energy import Dirac, HeavyLepton, LowEnergy, Majorana, Neutrinos
from nmmjax.ordering import InvertedOrdering, NormalOrdering

PHOTON, HEAVY = 22, 9900012
"""Numbers of the Particle Data Group."""
STATES = (12, 14, 16)
"""Numbers of nu_1, nu_2 and nu_3."""
_MASS_ENTRIES = (12, 14, 8)
"""Of nu_1, nu_2 and nu_3 in `SMINPUTS`."""
_MATRICES = {"UPMNS": 1.0, "NUMASS": 1.0 / EV_PER_GEV, "NUMOMENT": 1.0}
"""Blocks of complex matrices, and their unit in that of this package."""
_A_NUMBER = re.compile(r"[-+]?((\d+\.?\d*|\.\d+)([ed][-+]?\d+)?|inf|nan)", re.IGNORECASE)

Block = Mapping[tuple[int, ...], float]


class Channel(NamedTuple):
    """A way to decay."""

    ratio: float
    """Branching ratio."""
    products: tuple[int, ...]
    """Their numbers."""


class Decay(NamedTuple):
    """Of a particle."""

    width: float
    """[GeV]."""
    channels: tuple[Channel, ...] = ()


class Content(NamedTuple):
    """What a file holds."""

    blocks: dict[str, Block]
    """Entries by their indices, by the name in capitals: `blocks["UPMNS"][1, 2]`."""
    decays: dict[int, Decay]
    """By the number of the particle."""


# Theory -> file


def write(theory: LowEnergy, path: Path) -> None:
    """Write a theory of three light neutrinos, whole or not at all.

    **Raises:** `ValueError` for a theory with sterile states.
    """
    from nmmjax._files import atomic

    with atomic(path) as temporary:
        temporary.write_text(text(of(theory)), encoding="utf-8")


def of(theory: LowEnergy) -> Content:
    """The blocks of a theory of three light neutrinos.

    **Raises:** `ValueError` for a theory with sterile states.
    """
    neutrinos = theory.neutrinos
    if (count := neutrinos.mass_matrix.shape[0]) != 3:
        _checks.fail("theory", "have three neutrinos to be written as SLHA", f"it has {count}")
    states, majorana = neutrinos.states, isinstance(neutrinos.nature, Majorana)
    blocks: dict[str, Block] = {
        "SMINPUTS": {(k,): float(m) / EV_PER_GEV for k, m in zip(_MASS_ENTRIES, states.masses, strict=True)},
        "UPMNSIN": _angles(states.mixing, majorana=majorana),
    }
    matrices = {"UPMNS": states.mixing, "NUMASS": neutrinos.mass_matrix, "NUMOMENT": neutrinos.moment_matrix}
    for name, matrix in matrices.items():
        values = _MATRICES[name] * np.asarray(matrix)
        blocks |= {name: _entries(values.real), f"IM{name}": _entries(values.imag)}
    blocks["NUNATURE"] = {(1,): float(majorana)}
    widths = dict(_radiative(neutrinos))
    if theory.heavy_lepton is not None:
        blocks["MASS"] = {(HEAVY,): float(theory.heavy_lepton.mass) / MEV_PER_GEV}
        widths[HEAVY] = _of_portal(theory.heavy_lepton, states.mixing, majorana=majorana)
    return Content(blocks, widths)


def _angles(U: Complex[Array, "3 3"], *, majorana: bool) -> Block:
    found = mixing.angles(U)
    alphas = (-found.alpha31, found.alpha21 - found.alpha31) if majorana else (0.0, 0.0)
    values = (found.theta12, found.theta23, found.theta13, found.delta_cp, *alphas)
    return {(k,): float(value) for k, value in enumerate(values, 1)}


def _entries(matrix: np.ndarray) -> Block:
    return {(i + 1, j + 1): float(value) for (i, j), value in np.ndenumerate(matrix)}


def _radiative(neutrinos: Neutrinos) -> Iterator[tuple[int, Decay]]:
    """nu_j -> nu_i gamma of every state."""
    masses = neutrinos.states.masses
    rates = decays.neutrino_radiative_rate(neutrinos.transition_moments(), masses, masses[:, None])
    for j, number in enumerate(STATES):
        yield number, _decay(rates[:, j], ((STATES[i], PHOTON) for i in range(3)))


def _of_portal(heavy: HeavyLepton, U: Complex[Array, "3 3"], *, majorana: bool) -> Decay:
    """N -> nu_i gamma: the moments of flavors, in the states."""
    moments = jnp.abs(U.conj().T @ heavy.moments)
    rates = decays.heavy_neutrino_radiative_rate(moments, heavy.mass, majorana=majorana)
    return _decay(rates, ((number, PHOTON) for number in STATES))


def _decay(rates: Any, products: Iterable[tuple[int, ...]]) -> Decay:
    """From rates [1/s]."""
    widths = np.asarray(rates) * PDG_2026.hbar / EV_PER_GEV
    total = float(widths.sum())
    pairs = zip(widths.tolist(), products, strict=True)
    return Decay(total, tuple(Channel(width / total, made) for width, made in pairs if width > 0.0))


# Content <-> text


def text(content: Content) -> str:
    """A file with these blocks and decays; numbers with all their digits."""
    lines = ["BLOCK SPINFO", "     1   nmmjax", f"     2   {__version__}"]
    for name, block in content.blocks.items():
        lines += ["#", f"BLOCK {name}"]
        lines += [f"{''.join(f'{k:>5d}' for k in key)}   {value:.16E}" for key, value in block.items()]
    for number, decay in content.decays.items():
        lines += ["#", f"DECAY {number:>9d}   {decay.width:.16E}"]
        for ratio, products in decay.channels:
            lines.append(f"   {ratio:.16E}   {len(products)}" + "".join(f"{p:>10d}" for p in products))
    return "\n".join(lines) + "\n"


def read(path: Path) -> Content:
    """Read a file of the accord.

    **Raises:** `ValueError` that names the file and the line which is none of the accord.
    """
    if not path.is_file():
        _checks.fail("path", "be a file that exists", f"`{path}` is none")
    try:
        return parse(path.read_text(encoding="utf-8"), name=str(path))
    except UnicodeDecodeError:
        _checks.fail("path", "be a text of the accord", f"`{path}` is no text")


def parse(text: str, *, name: str = "text") -> Content:
    """Blocks and decays of a text. Entries that are words (of `SPINFO`, say) and blocks without indices are left out.

    **Raises:** `ValueError` that names the line which is none of the accord.
    """
    blocks: dict[str, dict[tuple[int, ...], float]] = {}
    found: dict[int, Decay] = {}
    block: dict[tuple[int, ...], float] | None = None
    number: int | None = None
    for place, line in enumerate(text.splitlines(), 1):
        cells = line.partition("#")[0].split()
        if not cells:
            continue
        kind = cells[0].upper()
        try:
            if kind == "BLOCK":
                block, number = blocks.setdefault(cells[1].upper(), {}), None
            elif kind == "DECAY":
                block, number = None, int(cells[1])
                found[number] = Decay(_number(cells[2]))
            elif number is not None:
                found[number] = _with(found[number], cells)
            elif block is not None:
                _put(block, cells)
            else:
                raise ValueError("nothing begins before it")
        except (ValueError, IndexError) as error:
            words = f"`{name}`, line {place}, must be one of the accord, but it is {line!r}: {error}"
            raise ValueError(words) from None
    return Content(dict(blocks), found)


def _put(block: dict[tuple[int, ...], float], cells: list[str]) -> None:
    """An entry: indices, then a number; words are skipped."""
    *indices, value = cells
    if _A_NUMBER.fullmatch(value):
        block[tuple(map(int, indices))] = _number(value)


def _with(decay: Decay, words: list[str]) -> Decay:
    ratio, count, *products = words
    if len(products) != int(count):
        raise ValueError(f"{count} products are announced, and {len(products)} given")
    return decay._replace(channels=(*decay.channels, Channel(_number(ratio), tuple(map(int, products)))))


def _number(word: str) -> float:
    """Fortran's D for an exponent included."""
    value = float(re.sub("[dD]", "E", word))
    if not math.isfinite(value):
        raise ValueError(f"{word} is not finite")
    return value


# File -> theory


def light(content: Content) -> dict[str, Any]:
    """The arguments of `nmmjax.models.ThreeFlavor` from `SMINPUTS` and `UPMNSIN`: what any file of the accord has.

    **Raises:** `ValueError` for blocks or entries that are missing, and masses of which none is a third.
    """
    masses = np.array([_entry(content, "SMINPUTS", k) * EV_PER_GEV for k in _MASS_ENTRIES])
    theta12, theta23, theta13, delta = (_entry(content, "UPMNSIN", k) for k in (1, 2, 3, 4))
    alpha_1, alpha_2 = (content.blocks["UPMNSIN"].get((k,), 0.0) for k in (5, 6))
    inverted = masses[2] < masses[0]
    farther = masses[1] if inverted else masses[0]
    nature = content.blocks.get("NUNATURE", {}).get((1,), 1.0)
    return {
        "dm21": (masses[1] - masses[0]) * (masses[1] + masses[0]),
        "dm3l": (masses[2] - farther) * (masses[2] + farther),
        "theta12": theta12,
        "theta13": theta13,
        "theta23": theta23,
        "delta_cp": delta,
        "alpha21": _phase(alpha_2 - alpha_1),
        "alpha31": _phase(-alpha_1),
        "lightest_mass": masses.min(),
        "ordering": InvertedOrdering() if inverted else NormalOrdering(),
        "nature": Majorana() if nature else Dirac(),
    }


def neutrinos(content: Content) -> Neutrinos:
    """Masses and moments from the blocks of this package, as they were written.

    **Raises:** `ValueError` for blocks that are missing: then `light` reads what there is.
    """
    nature = Majorana() if _entry(content, "NUNATURE", 1) else Dirac()
    return Neutrinos(_matrix(content, "NUMASS"), _matrix(content, "NUMOMENT"), nature)


def _matrix(content: Content, name: str) -> Complex[Array, "3 3"]:
    def part(name: str) -> np.ndarray:
        return np.array([[_entry(content, name, i, j) for j in (1, 2, 3)] for i in (1, 2, 3)])

    return jnp.asarray((part(name) + 1j * part(f"IM{name}")) / _MATRICES[name])


def _entry(content: Content, name: str, *key: int) -> float:
    if key not in content.blocks.get(name, {}):
        _checks.fail("content", f"have the entry {' '.join(map(str, key))} of block {name}", "it has none")
    return content.blocks[name][key]


def _phase(angle: float) -> float:
    """The same, in (-pi, pi]."""
    return math.pi - (math.pi - angle) % (2.0 * math.pi)
