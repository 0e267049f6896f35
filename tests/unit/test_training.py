"""The training loop: resumes as if nothing had happened, averages, and follows its schedule."""

import logging
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
import torch

from seedbed import noise
from seedbed.storybook.training import Schedule, spawn, train

N = 50
SCHEDULE = Schedule(steps=20, batch=8, lr=0.05, warmup=5, decay=0.5, ema=0.9, seed=3)
KEYS = {"module", "average", "optimizer", "step", "schedule"}


class Killed(Exception):
    pass


def problem(stop_at=None, noise=0.1):
    """A small regression with noise from the generator, and a frozen bias; stops at a step."""
    torch.manual_seed(1)
    module = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Tanh(), torch.nn.Linear(4, 1))
    module[0].bias.requires_grad_(False)
    x = torch.randn(N, 3)
    y = x.sum(1, keepdim=True) * 0.3 + 0.1
    steps = []

    def loss_of(indices, generator, step):
        if step == stop_at:
            raise Killed
        steps.append((step, tuple(indices)))
        moved = x[indices] + noise * torch.randn(len(indices), 3, generator=generator)
        return (module(moved) - y[indices]).square().mean()

    return module, loss_of, steps


def run(checkpoint, schedule=SCHEDULE, stop_at=None, noise=0.1, **options):
    module, loss_of, steps = problem(stop_at, noise)
    average = train(module, loss_of, N, schedule, checkpoint, **{"save_every": 5, **options})
    return module, average, steps


def same(one, other):
    """Bit for bit, through nested tables and lists."""
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[k], other[k]) for k in one)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, torch.Tensor):
        return torch.equal(one, other)
    return one == other


def load(path):
    return torch.load(path, weights_only=True)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A run that nothing interrupted: module, average, steps and checkpoint."""
    path = tmp_path_factory.mktemp("whole") / "whole.pt"
    return *run(path), path


@pytest.mark.parametrize("stops", [[1], [10], [19], [3, 7, 9, 14, 18]])
def test_an_interrupted_run_ends_where_an_uninterrupted_one_does(tmp_path, whole, stops):
    whole_module, whole_average, whole_steps, whole_path = whole
    path = tmp_path / "cut.pt"
    for stop_at in stops:
        with pytest.raises(Killed):
            run(path, stop_at=stop_at)
        saved = stop_at // 5 * 5
        assert path.exists() == bool(saved)
    module, average, steps = run(path)
    assert steps == whole_steps[saved:]
    assert same(module.state_dict(), whole_module.state_dict())
    assert same(average.state_dict(), whole_average.state_dict())
    assert same(load(path), load(whole_path))


def test_a_finished_run_is_not_trained_again(whole):
    _, again, steps = run(whole[3])
    assert steps == []
    assert same(again.state_dict(), whole[1].state_dict())
    assert not again.training


def test_how_often_it_saves_does_not_matter(tmp_path, whole):
    _, average, _ = run(tmp_path / "a.pt", save_every=1000)
    assert same(average.state_dict(), whole[1].state_dict())


def test_the_checkpoint_holds_what_resuming_needs(tmp_path):
    schedule = replace(SCHEDULE, steps=2)
    module, average, _ = run(tmp_path / "deep" / "a.pt", schedule)
    state = load(tmp_path / "deep" / "a.pt")
    assert set(state) == KEYS
    assert state["step"] == 2
    assert same(state["module"], dict(module.state_dict()))
    assert same(state["average"], dict(average.state_dict()))
    assert [p.name for p in (tmp_path / "deep").iterdir()] == ["a.pt"]


def test_a_job_killed_while_saving_keeps_the_checkpoint_before(tmp_path, monkeypatch, whole):
    save, calls = torch.save, []

    def breaks_off(state, path):
        calls.append(path)
        if len(calls) == 2:
            path.write_bytes(b"half a checkpoint")
            raise Killed
        save(state, path)

    monkeypatch.setattr(torch, "save", breaks_off)
    with pytest.raises(Killed):
        run(tmp_path / "a.pt")
    assert load(tmp_path / "a.pt")["step"] == 5
    _, average, _ = run(tmp_path / "a.pt")
    assert same(average.state_dict(), whole[1].state_dict())


def test_data_order_comes_from_seed_and_step(tmp_path, whole):
    steps = whole[2]
    assert [step for step, _ in steps] == list(range(20))
    indices = np.array([indices for _, indices in steps])
    assert indices.shape == (20, 8)
    assert indices.min() == 0 and indices.max() == N - 1
    assert len({tuple(row) for row in indices}) == 20
    longer = run(tmp_path / "b.pt", replace(SCHEDULE, steps=22))[2]
    assert longer[:20] == steps
    other = run(tmp_path / "c.pt", replace(SCHEDULE, seed=4))[2]
    assert all(a != b for a, b in zip(steps, other, strict=True))


def test_it_learns_and_leaves_frozen_weights_alone(tmp_path):
    module, loss_of, _ = problem()
    frozen = module[0].bias.clone()
    fixed = np.arange(N), torch.Generator().manual_seed(0)
    before = loss_of(*fixed, 0).item()
    average = train(module, loss_of, N, replace(SCHEDULE, steps=80), tmp_path / "a.pt")
    after = loss_of(*fixed, 0).item()
    assert after < 0.3 * before
    assert torch.equal(module[0].bias, frozen) and torch.equal(average[0].bias, frozen)
    assert module.training and not average.training
    assert not any(p.requires_grad for p in average.parameters())


def test_the_average_is_the_stated_one(tmp_path):
    """Weights after each step are read from the checkpoints, and averaged here by hand."""
    schedule = replace(SCHEDULE, ema=0.5)
    start = problem()[0].state_dict()
    by_hand = {name: value.double() for name, value in start.items()}
    for step in range(1, 14):
        with pytest.raises(Killed):
            run(tmp_path / "a.pt", schedule, stop_at=step, save_every=1)
        state = load(tmp_path / "a.pt")
        memory = min(0.5, step / (step + 9))
        by_hand = {k: memory * v + (1 - memory) * state["module"][k] for k, v in by_hand.items()}
        for name, value in state["average"].items():
            torch.testing.assert_close(value.double(), by_hand[name], atol=1e-6, rtol=1e-5)


# Several workers


def together(folder):
    """What each of the workers does: train, be interrupted and resume, note what came out."""
    rank = torch.distributed.get_rank()
    _, average, steps = run(folder / "whole.pt", noise=0)
    with pytest.raises(Killed):
        run(folder / "cut.pt", stop_at=13)
    _, resumed, _ = run(folder / "cut.pt")
    _, uncut, _ = run(folder / "uncut.pt")
    result = {
        "quiet": average.state_dict(),
        "cut": resumed.state_dict(),
        "uncut": uncut.state_dict(),
    }
    torch.save({**result, "seen": [list(map(int, i)) for _, i in steps]}, folder / f"{rank}.pt")


def test_workers_train_as_one(tmp_path, whole):
    spawn(partial(together, tmp_path), 2)
    first, second = (load(tmp_path / f"{rank}.pt") for rank in (0, 1))
    for name in ("quiet", "cut", "uncut"):
        assert same(first[name], second[name])
    assert same(first["cut"], first["uncut"])
    assert not same(first["cut"], first["quiet"])
    # Each takes every other sample of the batch that one alone would take whole.
    _, alone, steps = run(tmp_path / "alone.pt", noise=0)
    assert [sorted(a + b) for a, b in zip(first["seen"], second["seen"], strict=True)] == [
        sorted(map(int, indices)) for _, indices in steps
    ]
    for name, value in alone.state_dict().items():
        torch.testing.assert_close(first["quiet"][name], value, atol=1e-4, rtol=1e-3)


# The schedule


def test_the_rate_rises_stays_and_falls_to_zero():
    schedule = Schedule(steps=1000, batch=1, lr=2.0, warmup=100, decay=0.3)
    rates = np.array([schedule.rate(step) for step in range(1001)])
    np.testing.assert_allclose(rates[:100], 2.0 * np.arange(1, 101) / 100)
    np.testing.assert_array_equal(rates[100:701], 2.0)
    np.testing.assert_allclose(rates[700:], 2.0 * np.arange(300, -1, -1) / 300)
    assert rates[-1] == 0 and rates[-2] > 0


def test_a_schedule_without_warmup_or_decay_is_constant():
    schedule = Schedule(steps=10, batch=1, lr=0.5, warmup=0, decay=0.0)
    assert {schedule.rate(step) for step in range(10)} == {0.5}


def test_a_short_schedule_never_goes_beyond_the_peak_or_below_zero():
    schedule = Schedule(steps=20, batch=1, lr=1.0, warmup=100)
    rates = [schedule.rate(step) for step in range(25)]
    assert 0 <= min(rates) and max(rates) <= 0.2


def test_the_optimizer_follows_the_schedule(whole):
    (group,) = load(whole[3])["optimizer"]["param_groups"]
    assert group["lr"] == pytest.approx(SCHEDULE.rate(19))
    # A frozen bias is none of the optimiser's.
    assert len(group["params"]) == 3


def test_a_checkpoint_of_another_schedule_is_refused(tmp_path):
    run(tmp_path / "a.pt")
    with pytest.raises(
        ValueError, match=r"a\.pt: trained by another schedule \(lr 0\.05 there, 0\.1 in"
    ):
        run(tmp_path / "a.pt", replace(SCHEDULE, lr=0.1))
    _, _, steps = run(tmp_path / "a.pt", replace(SCHEDULE, steps=23))
    assert [step for step, _ in steps] == [20, 21, 22], "more steps go on from there"


def test_no_draw_of_a_training_is_the_noise_of_a_small_seed(tmp_path):
    draws = []

    def loss_of(indices, generator, step):
        draws.append(torch.randn(4, 4, 16, 16, generator=generator))
        return module.weight.square().sum()

    module = torch.nn.Linear(1, 1)
    train(module, loss_of, N, replace(SCHEDULE, seed=0), tmp_path / "a.pt")
    studied = [noise.latents(seed, (4, 16, 16), "cpu") for seed in range(64)]
    assert len(draws) == 20
    assert not any(torch.equal(row, s) for drawn in draws for row in drawn for s in studied)


def test_progress_and_resuming_are_logged(tmp_path, caplog):
    caplog.set_level(logging.INFO, "seedbed.storybook.training")
    schedule = replace(SCHEDULE, steps=106)
    with pytest.raises(Killed):
        run(tmp_path / "a.pt", schedule, stop_at=105, save_every=50)
    run(tmp_path / "a.pt", schedule)
    lines = [record.getMessage() for record in caplog.records]
    assert [line.split("  ")[0] for line in lines] == [
        "step 50/106",
        "step 100/106",
        "resuming a.pt at step 100 of 106",
    ]
