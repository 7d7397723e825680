"""What figures use of matplotlib, which is imported here and nowhere else."""

from nmmjax import _environment

with _environment.importing_matplotlib():
    import matplotlib
    import matplotlib.colors
    from matplotlib.axes import Axes
    from matplotlib.collections import QuadMesh
    from matplotlib.figure import Figure
    from matplotlib.patheffects import withStroke
    from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullFormatter

__all__ = [
    "Axes",
    "Figure",
    "FixedLocator",
    "FuncFormatter",
    "MaxNLocator",
    "NullFormatter",
    "QuadMesh",
    "matplotlib",
    "withStroke",
]
