"""Files of the Les Houches Accord: its blocks against numpy, round trips, and texts of others."""

import math
import re

import jax.numpy as jnp
import numpy as np
import pytest

from nmmjax import __main__ as cli
from nmmjax import models, slha
from nmmjax.constants import PDG_2026
from nmmjax.decays import heavy_neutrino_radiative_rate, neutrino_radiative_rate
from nmmjax.low_energy import Dirac, HeavyLepton, LowEnergy, Neutrinos
from nmmjax.models import ThreeFlavor
from nmmjax.ordering import InvertedOrdering, NormalOrdering

POINT = {"theta12": 0.58, "theta13": 0.15, "theta23": 0.83, "delta_cp": -1.9, "alpha21": 0.7, "alpha31": -2.1}
CASES = {
    "normal": POINT | {"dm21": 7.5e-5, "dm3l": 2.5e-3, "lightest_mass": 0.02, "ordering": NormalOrdering()},
    "inverted": POINT | {"dm21": 7.4e-5, "dm3l": -2.48e-3, "lightest_mass": 0.01, "ordering": InvertedOrdering()},
}
ANTISYMMETRIC = 1e-11 * np.array([[0, 1, 2j], [-1, 0, 3 - 1j], [-2j, -3 + 1j, 0]])


def rotation(i, j, angle):
    R = np.eye(3)
    R[i, i] = R[j, j] = np.cos(angle)
    R[i, j] = np.sin(angle)
    R[j, i] = -R[i, j]
    return R


def by_the_accord(block):
    """U = R23 R13 R12 diag(e^{i alpha_1 / 2}, e^{i alpha_2 / 2}, 1) from the numbers of UPMNSIN."""
    t12, t23, t13, delta, alpha_1, alpha_2 = (block[(k,)] for k in range(1, 7))
    phase = np.diag([1, 1, np.exp(1j * delta)])
    return (
        rotation(1, 2, t23)
        @ phase
        @ rotation(0, 2, t13)
        @ phase.conj()
        @ rotation(0, 1, t12)
        @ np.diag([np.exp(0.5j * alpha_1), np.exp(0.5j * alpha_2), 1.0])
    )


@pytest.mark.parametrize("case", CASES)
def test_mixing_by_the_accord_gives_the_mass_matrix(case):
    """Up to phases of flavors: |M|, and the invariants of all phases."""
    theory = ThreeFlavor(**CASES[case]).low_energy()
    content = slha.parse(slha.text(slha.of(theory)))
    masses = [1e9 * content.blocks["SMINPUTS"][(k,)] for k in (12, 14, 8)]
    U = by_the_accord(content.blocks["UPMNSIN"])
    M, expected = U.conj() @ np.diag(masses) @ U.conj().T, np.asarray(theory.neutrinos.mass_matrix)
    np.testing.assert_allclose(np.abs(M), np.abs(expected), rtol=1e-9)
    for i, j in ((0, 1), (0, 2), (1, 2)):
        invariant = lambda A: A[i, i] * A[j, j] * np.conj(A[i, j]) ** 2  # noqa: B023, E731
        assert invariant(M) == pytest.approx(invariant(expected), rel=1e-8)
    mixing = np.array([[content.blocks["UPMNS"][i, j] for j in (1, 2, 3)] for i in (1, 2, 3)])
    mixing = mixing + 1j * np.array([[content.blocks["IMUPMNS"][i, j] for j in (1, 2, 3)] for i in (1, 2, 3)])
    np.testing.assert_allclose(mixing.conj() @ np.diag(masses) @ mixing.conj().T, expected, atol=1e-12)


@pytest.mark.parametrize("case", CASES)
def test_arguments_come_back(case):
    found = slha.light(slha.parse(slha.text(slha.of(ThreeFlavor(**CASES[case]).low_energy()))))
    assert set(found) == {*CASES[case], "nature"}
    assert found["ordering"] == CASES[case]["ordering"]
    for name, value in CASES[case].items():
        if name != "ordering":
            assert float(found[name]) == pytest.approx(value, rel=1e-9, abs=1e-15), name
    again = ThreeFlavor(**found).low_energy().neutrinos
    assert float(again.m_beta_beta) == pytest.approx(
        float(ThreeFlavor(**CASES[case]).low_energy().neutrinos.m_beta_beta), rel=1e-9
    )


def test_a_theory_comes_back_as_it_was():
    M = np.asarray(ThreeFlavor(**CASES["normal"]).low_energy().neutrinos.mass_matrix)
    turn = np.linalg.qr(np.arange(9).reshape(3, 3) + 1j * np.eye(3))[0]
    dirac = Neutrinos(jnp.asarray(turn @ M), jnp.asarray(ANTISYMMETRIC + 1e-12), Dirac())
    for own in (Neutrinos(jnp.asarray(M), jnp.asarray(ANTISYMMETRIC)), dirac):
        found = slha.neutrinos(slha.parse(slha.text(slha.of(LowEnergy(own)))))
        assert type(found.nature) is type(own.nature)
        np.testing.assert_allclose(found.mass_matrix, own.mass_matrix, rtol=1e-15)
        np.testing.assert_array_equal(found.moment_matrix, own.moment_matrix)


def test_widths():
    """nu_3 -> nu_1 gamma by hand, and of the portal sum |mu_a|^2 whatever the mixing."""
    theory = ThreeFlavor(**CASES["normal"]).low_energy()
    neutrinos = Neutrinos(theory.neutrinos.mass_matrix, jnp.asarray(ANTISYMMETRIC))
    heavy = HeavyLepton(30.0, jnp.array([1e-9, 2e-9j, -1e-9]))
    content = slha.parse(slha.text(slha.of(LowEnergy(neutrinos, heavy_lepton=heavy))))
    moment, masses = float(neutrinos.transition_moments()[0, 2]), neutrinos.states.masses
    rate = float(neutrino_radiative_rate(moment, masses[2], masses[0]))
    decay = content.decays[16]
    (channel,) = (one for one in decay.channels if one.products == (12, slha.PHOTON))
    assert decay.width * channel.ratio == pytest.approx(rate * PDG_2026.hbar * 1e-9, rel=1e-12)
    assert content.decays[12] == slha.Decay(0.0)
    assert content.blocks["MASS"][(slha.HEAVY,)] == pytest.approx(0.03)
    portal = float(heavy_neutrino_radiative_rate(math.sqrt(6.0) * 1e-9, 30.0, majorana=True))
    assert content.decays[slha.HEAVY].width == pytest.approx(portal * PDG_2026.hbar * 1e-9, rel=1e-12)
    assert sum(one.ratio for one in content.decays[slha.HEAVY].channels) == pytest.approx(1.0, rel=1e-12)


OTHERS = """# by another code
Block SPINFO         # Program information
    1   Other        # name
    4   it failed
block sminputs
    5   4.18d+00     # mb(mb)
    8   5.0D-11
   12   0
   14   8.6e-12      # m(nu_2)
Block UPMNSIN Q= 9.11876000E+01  # mixing
    1   5.8E-01
    2   8.0E-01
    3   1.5E-01
    4   0.0
BLOCK ALPHA
        -1.13716828E-01   # no index at all
DECAY   6   1.4
   1.0   2   5   24
"""


def test_a_text_of_another_code():
    content = slha.parse(OTHERS)
    assert content.blocks["SMINPUTS"][(5,)] == 4.18
    assert content.blocks["ALPHA"] == {(): -0.113716828}
    assert content.decays == {6: slha.Decay(1.4, (slha.Channel(1.0, (5, 24)),))}
    found = slha.light(content)
    assert found["dm3l"] == pytest.approx(2.5e-3, rel=1e-12)
    assert (found["alpha21"], found["alpha31"]) == (0.0, 0.0)
    with pytest.raises(ValueError, match="have the entry 1 of block NUNATURE, but it has none"):
        slha.neutrinos(content)


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ("1 2.0\nBLOCK A", 1),
        ("BLOCK", 1),
        ("BLOCK A\nx 1.0", 2),
        ("DECAY six 1.0", 1),
        ("DECAY 6 1.0\n 1.0 3 5 24", 2),
        ("DECAY 6 nan", 1),
        ("BLOCK A\n1 1e999", 2),
    ],
)
def test_what_is_no_such_text(line, place):
    with pytest.raises(ValueError, match=f"`text`, line {place}, must be one of the accord"):
        slha.parse(line)


@pytest.mark.parametrize("missing", ["12", "8 "])
def test_missing_entries_are_named(missing):
    text = "\n".join(line for line in OTHERS.splitlines() if not line.strip().startswith(missing))
    with pytest.raises(ValueError, match=f"entry {missing.strip()} of block SMINPUTS"):
        slha.light(slha.parse(text))


def test_files(tmp_path):
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    for name, problem in (("binary", "be a text"), ("none", "be a file that exists")):
        with pytest.raises(ValueError, match=problem):
            slha.read(tmp_path / name)
    with pytest.raises(ValueError, match="have three neutrinos"):
        slha.write(models.SterileNeutrino.benchmark().low_energy(), tmp_path / "four")
    assert {path.name for path in tmp_path.iterdir()} == {"binary"}


def words(capsys):
    return re.sub(r"\s+", " ", capsys.readouterr().err)


def test_the_command(tmp_path, capsys):
    out = tmp_path / "new" / "zee.slha"
    assert cli.main(["slha", "Zee", "--out", str(out)]) == cli.GOOD
    expected = models.Zee.benchmark().low_energy().neutrinos.mass_matrix
    np.testing.assert_allclose(slha.neutrinos(slha.read(out)).mass_matrix, expected, rtol=1e-12, atol=1e-18)
    assert cli.main(["slha", "DayaBay2022", "--out", str(out)]) == cli.USAGE
    assert "`DayaBay2022` is neither" in words(capsys)
