"""What the site needs beyond Sphinx: docstrings as pages, their equations, and pages of what there is."""
