"""Neutrinos on matter: cross sections."""
