"""What made a result: code, weights, lock, version and device, as a record beside it."""

from __future__ import annotations

import platform
import sys
from importlib import metadata
from pathlib import Path

from seedbed import version
from seedbed.provenance.content import file_sha256

LOCK = Path(__file__).resolve().parents[2] / "envs" / "requirements.lock"


def device_name() -> str:
    """Name of the GPU that torch uses here, else of the processor.

    torch is asked only where something has imported it.

    Returns:
        ``"NVIDIA H100 80GB HBM3"``, ``"AMD EPYC 7B13"``; the architecture where the system
        does not know its processor's name.
    """
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available():
        return torch.cuda.get_device_name(0)
    return processor_name()


def processor_name() -> str:
    """As ``device_name``, of the processor whatever else is here."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    for line in lines:
        key, _, value = line.partition(":")
        if key.strip() == "model name" and value.strip():
            return value.strip()
    return platform.processor() or platform.machine()


def _installed(distribution: str) -> str | None:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None


def made_by(digests: dict, device: str) -> dict:
    """The record of what made a result, ready for JSON.

    The same on every machine that would make the same result: no times, hosts or paths.

    Never refuses: it is called when the work is done, and hours must not end in an error.

    Args:
        digests: ``code``, of ``script_digest``, and ``weights``, those of ``weights_digest`` by
            whatever the weights are called; a script without models leaves them out. Digests
            of other things are recorded under the names they come with.
        device: what computed it, of ``device_name``.

    Returns:
        ``seedbed`` (version), ``code``, ``weights``, ``lock`` (digest of the locked
        environment, ``None`` where it does not lie with the package), ``python``, ``torch``
        (``None`` where not installed), ``device``.
    """
    return {
        **digests,
        "seedbed": version(),
        "code": digests.get("code"),
        "weights": dict(sorted((digests.get("weights") or {}).items())),
        "lock": file_sha256(LOCK)[:16] if LOCK.is_file() else None,
        "python": platform.python_version(),
        "torch": _installed("torch"),
        "device": device,
    }
