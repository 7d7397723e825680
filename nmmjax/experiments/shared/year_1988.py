"""The limits of 1988. Quoted without confidence levels, they are taken as 90 %: our choice."""

from functools import partial

from nmmjax.experiments.likelihoods.published import PublishedValues

REFERENCE = "Neutrino masses with a large magnetic moment (1988)"
CONFIDENCE = 0.9

read = partial(PublishedValues.read, "year_1988_limits")
"""Read the table of the limits of 1988."""
