"""The training loop that every Storybook model shares: resumable, averaged, logged.

Learning rate: linear warm-up, constant, linear decay to zero over the last part.
A checkpoint holds everything needed to go on as if nothing had happened: weights,
averaged weights, optimiser state, step. Batches are drawn from (seed, step), so the
data order does not depend on where a run was interrupted.

On a CPU, several processes of one thread each are faster than one process of several
threads: ``spawn`` starts them, and ``train`` then averages their gradients.
"""

from __future__ import annotations

import logging
import tempfile
import time
from collections.abc import Callable
from copy import deepcopy
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from torch import distributed

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Schedule:
    """How long and how fast to train.

    Attributes:
        steps: optimiser steps.
        batch: samples per step.
        lr: peak learning rate of AdamW.
        warmup: steps of linear warm-up.
        decay: share of the steps, at the end, over which the rate falls to zero.
        ema: decay of the averaged weights per step.
        weight_decay: AdamW's.
        seed: of the data order and every draw in the loss.
        precision: ``"float32"`` or ``"bfloat16"``, for the recipes that use ``autocast``.
    """

    steps: int
    batch: int
    lr: float
    warmup: int = 100
    decay: float = 0.3
    ema: float = 0.999
    weight_decay: float = 0.01
    seed: int = 0
    precision: str = "float32"

    def autocast(self) -> torch.autocast:
        """Where a network is to compute in ``precision``; weights and loss stay float32."""
        return torch.autocast("cpu", torch.bfloat16, enabled=self.precision == "bfloat16")

    def rate(self, step: int) -> float:
        """Learning rate at a step."""
        falling = (self.steps - step) / max(1.0, self.decay * self.steps)
        return self.lr * min(1.0, (step + 1) / max(1, self.warmup), max(0.0, falling))


def _place() -> tuple[int, int]:
    """(rank, number) of this worker; (0, 1) outside ``spawn``."""
    if distributed.is_initialized():
        return distributed.get_rank(), distributed.get_world_size()
    return 0, 1


def _draw_seed(seed: int, step: int, rank: int) -> int:
    """Hashed to 63 bits, so that no draw of a training is the noise of a seed under study."""
    return int(np.random.SeedSequence((seed, step, rank)).generate_state(1, np.uint64)[0] >> 1)


def _average_gradients(params: list[torch.nn.Parameter]) -> None:
    """Replace every gradient by its mean over the workers, in one message."""
    used = [p for p in params if p.grad is not None]
    flat = torch.cat([p.grad.flatten() for p in used])
    distributed.all_reduce(flat)
    flat /= distributed.get_world_size()
    for p, part in zip(used, flat.split([p.numel() for p in used]), strict=True):
        p.grad.copy_(part.view_as(p.grad))


def _worker(rank: int, workers: int, meeting: str, job: Callable[[], None]) -> None:
    torch.set_num_threads(1)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    distributed.init_process_group(
        "gloo", init_method=f"file://{meeting}", rank=rank, world_size=workers
    )
    job()
    # Nobody may take down the meeting place while another still uses it.
    distributed.barrier()
    distributed.destroy_process_group()


def spawn(job: Callable[[], None], workers: int) -> None:
    """Run a picklable job in ``workers`` processes whose ``train`` calls work together."""
    with tempfile.TemporaryDirectory() as folder:
        meeting = str(Path(folder) / "meeting")
        torch.multiprocessing.spawn(_worker, (workers, meeting, job), nprocs=workers)


def _refuse_another(checkpoint: Path, before: dict, schedule: Schedule) -> None:
    """A changed config must not silently give what an old one trained."""
    changed = [
        f"{key} {before[key]} there, {value} in the config"
        for key, value in asdict(schedule).items()
        if key != "steps" and before[key] != value
    ]
    if changed:
        raise ValueError(
            f"{checkpoint}: trained by another schedule ({'; '.join(changed)}); remove it to train "
            "anew, or put the config back to go on"
        )


def train(
    module: torch.nn.Module,
    loss_of: Callable[[np.ndarray, torch.Generator, int], torch.Tensor],
    n_samples: int,
    schedule: Schedule,
    checkpoint: Path,
    *,
    save_every: int = 250,
) -> torch.nn.Module:
    """Minimise a loss and return the module with averaged weights, in eval mode.

    Args:
        module: everything trainable; modified in place.
        loss_of: maps (sample indices, generator, step) to a scalar loss.
        n_samples: indices are drawn from ``range(n_samples)``.
        schedule: see ``Schedule``.
        checkpoint: file to resume from and to save to.
        save_every: steps between checkpoints.

    Raises:
        ValueError: the checkpoint was trained by another schedule (more steps are allowed).
    """
    average = deepcopy(module).requires_grad_(False)
    params = [p for p in module.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(
        params, lr=schedule.lr, weight_decay=schedule.weight_decay, betas=(0.9, 0.99), fused=True
    )
    start = 0
    checkpoint = Path(checkpoint)
    if checkpoint.exists():
        state = torch.load(checkpoint, map_location="cpu", weights_only=True)
        _refuse_another(checkpoint, state["schedule"], schedule)
        module.load_state_dict(state["module"])
        average.load_state_dict(state["average"])
        optimizer.load_state_dict(state["optimizer"])
        start = state["step"]
        log.info("resuming %s at step %d of %d", checkpoint.name, start, schedule.steps)
    rank, workers = _place()
    module.train()
    device = params[0].device
    recent: list[float] = []
    began = time.monotonic()
    for step in range(start, schedule.steps):
        for group in optimizer.param_groups:
            group["lr"] = schedule.rate(step)
        rng = np.random.default_rng((schedule.seed, step))
        generator = torch.Generator(device).manual_seed(_draw_seed(schedule.seed, step, rank))
        indices = rng.integers(0, n_samples, schedule.batch)[rank::workers]
        loss = loss_of(indices, generator, step)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        if workers > 1:
            _average_gradients(params)
        torch.nn.utils.clip_grad_norm_(params, 1.0)
        optimizer.step()
        # A short memory at first: the average must not remember the random start.
        memory = min(schedule.ema, (step + 1) / (step + 10))
        with torch.no_grad():
            torch._foreach_lerp_(list(average.parameters()), list(module.parameters()), 1 - memory)
        recent.append(float(loss.detach()))
        if rank:
            continue
        if (step + 1) % 50 == 0:
            rate = (step + 1 - start) / (time.monotonic() - began)
            log.info(
                "step %d/%d  loss %.4f  %.2f steps/s  ETA %.0f min",
                step + 1,
                schedule.steps,
                float(np.mean(recent)),
                rate,
                (schedule.steps - step - 1) / rate / 60,
            )
            recent.clear()
        if (step + 1) % save_every == 0 or step + 1 == schedule.steps:
            state = {
                "module": module.state_dict(),
                "average": average.state_dict(),
                "optimizer": optimizer.state_dict(),
                "step": step + 1,
                "schedule": asdict(schedule),
            }
            checkpoint.parent.mkdir(parents=True, exist_ok=True)
            partial = checkpoint.with_suffix(".partial")
            torch.save(state, partial)
            partial.replace(checkpoint)
    return average.eval()
