"""Physical constants and the conversion factors that follow from them.

Natural units never leak out of a function: energies are MeV, baselines km, mass-squared eV^2, densities g/cm^3,
and the factors that join them are derived here and nowhere else.

Sources: CODATA 2022 (alpha, hbar c, N_A); Particle Data Group 2026 (masses, Fermi constant).
"""

import dataclasses
import math

from nmmjax import _checks
from nmmjax._public import check_fields

EV_PER_KEV, EV_PER_MEV, EV_PER_GEV = 1e3, 1e6, 1e9
KEV_PER_MEV, KEV_PER_GEV, MEV_PER_GEV = 1e3, 1e6, 1e3
FM_PER_CM, FM_PER_KM, CM_PER_KM = 1e13, 1e18, 1e5
GEV_PER_EV, GEV_PER_MEV, MEV_PER_KEV = 1e-9, 1e-3, 1e-3
CM_PER_FM, KM_PER_FM = 1e-13, 1e-18
MEV_PER_ERG = 1.0 / 1.602176634e-6
MEV_PER_ATOMIC_MASS = 931.49410372
"""CODATA 2022."""
GRAM_PER_SOLAR_MASS = 1.98841e33
CM_PER_KPC = 3.0856775814913673e21
FM_PER_SECOND = 2.99792458e23
"""Speed of light [fm/s]."""

ELECTRON, MUON, TAU = range(3)
"""Flavor indices; sterile states follow."""

HIGGS_MASS, HIGGS_WIDTH = 125.13, 4.07e-3
"""[GeV]: mass of the Higgs boson as measured, and its width in the Standard Model [LHC Higgs Cross Section WG]."""


@dataclasses.dataclass(frozen=True)
class Constants:
    """A set of constants. Functions that need one take `constants=`; a set is hashable, so it is static under jit."""

    fermi_constant: float = 1.1663788e-5
    """G_F [GeV^-2]."""
    hbar_c: float = 197.3269804
    """hbar c [MeV fm]."""
    avogadro: float = 6.02214076e23
    """N_A [1/mol]; matter is counted as one gram per mole of nucleons."""

    fine_structure: float = 7.2973525643e-3
    """alpha at zero momentum."""

    w_mass: float = 80.3692
    """m_W [GeV]."""
    electron_mass: float = 0.51099895e-3
    muon_mass: float = 0.1056583755
    tau_mass: float = 1.77693
    """Masses [GeV]."""

    def __post_init__(self) -> None:
        check_fields(self)
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            _checks.check_range(field.name, value, low=0.0, open_low=True)
            object.__setattr__(self, field.name, float(value))

    @property
    def lepton_masses(self) -> tuple[float, float, float]:
        """e, mu, tau [GeV]."""
        return self.electron_mass, self.muon_mass, self.tau_mass

    @property
    def higgs_vev(self) -> float:
        """v = (sqrt(2) G_F)^(-1/2) [GeV], 246.22; a Dirac mass is Y v / sqrt(2)."""
        return (math.sqrt(2.0) * self.fermi_constant) ** -0.5

    @property
    def hbar(self) -> float:
        """[eV s]."""
        return self.hbar_c / FM_PER_SECOND * EV_PER_MEV

    @property
    def phase(self) -> float:
        """m^2 L / 2E in radians for m^2 = 1 eV^2, L = 1 km, E = 1 MeV."""
        return FM_PER_KM / (2.0 * EV_PER_MEV * self.hbar_c * EV_PER_MEV)

    @property
    def matter_potential(self) -> float:
        """sqrt(2) G_F n_e in km^-1 for one mole of electrons per cm^3."""
        fermi_mev = self.fermi_constant * 1e-6
        electrons_per_fm3 = self.avogadro / FM_PER_CM**3
        potential_mev = math.sqrt(2.0) * fermi_mev * electrons_per_fm3 * self.hbar_c**3
        return potential_mev / self.hbar_c * FM_PER_KM

    @property
    def magnetic_rate(self) -> float:
        """mu B in km^-1 for one Bohr magneton and one gauss: mu_B = e hbar / 2 m_e."""
        light = FM_PER_SECOND * 1e-15  # m/s
        magneton = self.hbar * light**2 / (2.0 * self.electron_mass * EV_PER_GEV)  # eV / T
        return 1e-4 * magneton / (self.hbar_c * EV_PER_MEV) * FM_PER_KM


PDG_2026 = Constants()
"""The set used unless a caller passes another."""
