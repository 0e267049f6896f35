"""Seedbed: what the random seed of a diffusion model decides, measured and made usable."""

__version__ = "0.1.0"
