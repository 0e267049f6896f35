"""What the README tells users to type works as it stands there."""

import re
from pathlib import Path

import torch

ROOT = Path(__file__).resolve().parents[2]


def test_noise_built_of_tickets_goes_into_a_diffusers_pipeline(monkeypatch):
    monkeypatch.chdir(ROOT)
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    (block,) = [b for b in blocks if "collect(" in b]
    names: dict = {}
    exec(block, names)
    assert names["image"].size == (64, 64)
    made = names["made"]
    assert made.report["kept"] == 0 and made.latent.shape == (4, 16, 16)
    assert torch.isfinite(made.latent).all()
