"""Bytes flipped in every stored kind: what is read is right, or one line names the file."""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from seedbed import seals, store
from tests.inputs.entrances import TRACES, deadline
from tests.inputs.stored_files import KINDS

FLIPS = 250


def plain(value):
    """Anything that a reader gives, for comparing."""
    if isinstance(value, pd.DataFrame):
        return value.to_dict("list")
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, dict):
        return {key: plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [plain(entry) for entry in value]
    if hasattr(value, "scores"):
        return [plain(getattr(value, key)) for key in ("scores", "seeds", "pairs", "grid", "shape")]
    return value


def flipped(data, rng):
    """The bytes with one to three bits turned, or with a piece taken out, doubled or zeroed."""
    changed = bytearray(data)
    place = int(rng.integers(len(data)))
    length = int(rng.integers(1, 40))
    how = rng.integers(8)
    if how < 5:
        for _ in range(int(rng.integers(1, 4))):
            changed[int(rng.integers(len(data)))] ^= 1 << int(rng.integers(8))
    elif how == 5:
        del changed[place : place + length]
    elif how == 6:
        changed[place:place] = changed[place : place + length]
    else:
        changed[place : place + length] = bytes(len(changed[place : place + length]))
    return bytes(changed)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_read_is_right_or_refused(kind, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    make, reader = KINDS[kind]
    path = Path("results/mine", kind)
    make(path)
    seals.seal([path])
    sound, expected = path.read_bytes(), plain(reader(path))
    rng = np.random.default_rng(17)
    refused = 0
    with deadline(120):
        for number in range(FLIPS):
            data = flipped(sound, rng)
            path.write_bytes(data)
            try:
                found = plain(reader(path))
            except store.StoreError as fault:
                said = str(fault)
                assert said.startswith(f"{path}: "), f"flip {number}: {said}"
                assert "\n" not in said and not any(t in said for t in TRACES[:3]), said
                refused += 1
                continue
            if found != expected:
                # No checksum of its own saw it: the seal of the job that wrote it must.
                with pytest.raises(store.StoreError, match="is not what its job wrote"):
                    seals.refuse_changed([path])
    assert refused > FLIPS / 10
    assert os.path.getsize(path)
