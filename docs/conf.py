"""How the site is built: `sphinx-build --jobs auto --fail-on-warning docs build/docs`."""

import os
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
os.environ.setdefault("JAX_PLATFORMS", "cpu")
os.environ.setdefault("XLA_FLAGS", "--xla_backend_optimization_level=0")  # programs run once: most of it is compilation

_kernel = Path(tempfile.mkdtemp()) / "profile_default" / "ipython_kernel_config.py"
_kernel.parent.mkdir()
_kernel.write_text("c.IPKernelApp.log_level = 40\n")  # no word of its sockets, which are those of this machine
os.environ["IPYTHONDIR"] = str(_kernel.parent.parent)

from nmmjax import __version__  # noqa: E402

project = "nmmjax"
author = "the authors of nmmjax"
version = release = __version__
extensions = ["sphinx.ext.autodoc", "myst_nb", "_extension.site"]
exclude_patterns = ["_extension"]
default_role = "code"
html_theme = "pydata_sphinx_theme"
html_title = "nmmjax"
html_static_path = ["_static"]
html_css_files = ["house.css"]
html_show_sourcelink = False
html_math_renderer = "mathml"
html_theme_options = {
    "navbar_end": ["theme-switcher"],
    "show_prev_next": False,
    "footer_start": [],
    "footer_end": [],
    "secondary_sidebar_items": ["page-toc"],
}
autodoc_default_options = {"members": True, "member-order": "bysource"}
autodoc_preserve_defaults = True
autodoc_typehints = "signature"
python_use_unqualified_type_names = True
myst_enable_extensions = ["colon_fence", "dollarmath"]
myst_heading_anchors = 4
nb_execution_mode = "force"
nb_execution_timeout = 180
nb_execution_in_temp = True
nb_execution_raise_on_error = True
nb_merge_streams = True
