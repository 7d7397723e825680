"""Models with textures, and an experiment."""
