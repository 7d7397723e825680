"""Forms of likelihoods: terms of published quantities, tabulated Delta chi^2, Poisson counts, Gaussian bins."""
