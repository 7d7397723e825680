"""Loop functions: pure functions of masses and of their ratios, with right derivatives at every limit."""

from nmmjax.loops import barr_zee, one_loop, two_loop

__all__ = ["barr_zee", "one_loop", "two_loop"]
