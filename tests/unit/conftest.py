"""Tiny untrained models, saved once for all tests."""

import pytest


@pytest.fixture(scope="session")
def tiny_sd_folder(tmp_path_factory):
    """A Stable Diffusion pipeline folder: 4×8×8 latents, 16×16 pixels, DDIM, predicts v."""
    from tiny_models import save_tiny_sd

    return save_tiny_sd(tmp_path_factory.mktemp("tiny-sd"))


@pytest.fixture(scope="session")
def tiny_sd(tiny_sd_folder):
    """The tiny Stable Diffusion as the library loads it."""
    from seedbed import models

    return models.load("sd", str(tiny_sd_folder))
