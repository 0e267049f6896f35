"""Distribution matching: its gradient, where it leads, and what it leaves alone."""

from copy import deepcopy
from pathlib import Path
from types import SimpleNamespace
from typing import ClassVar

import pytest
import torch

from seedbed.models.registry import load
from seedbed.storybook import matching, text_to_image
from seedbed.storybook.training import Schedule

SHIPPED = Path(__file__).resolve().parents[2] / "resources/storybook/storybook-sd"


def draws(*shape, seed=0):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


# Noise levels


def test_the_clean_latent_comes_back_from_its_velocity():
    scheduler = text_to_image.build_scheduler()
    clean, noise = draws(2, 6, 4, 4, 4)
    t = torch.tensor([0, 1, 250, 600, 998, 999])
    noisy, v = scheduler.add_noise(clean, noise, t), scheduler.get_velocity(clean, noise, t)
    found = text_to_image.clean_latent(scheduler, noisy, v, t)
    torch.testing.assert_close(found, clean, rtol=1e-5, atol=1e-5)


def test_objects_weigh_more_where_the_picture_tells_where_they_are():
    where = torch.zeros(2, 3, 64, dtype=torch.uint8)
    where[:, 0, 9] = 255  # row 1, column 1 of 8×8 cells
    where[:, 1, 9] = 255  # a second object there counts once
    t = torch.tensor([text_to_image.OBJECTS_SEEN - 1, text_to_image.OBJECTS_SEEN])
    weights = text_to_image.pixel_weights(where.float(), t, 16)
    expected = torch.ones(2, 1, 16, 16)
    expected[0, 0, 2:4, 2:4] += text_to_image.OBJECT_WEIGHT
    assert torch.equal(weights, expected)


# The losses


def test_the_gradient_is_the_direction_in_units_of_the_distance():
    drawn, wanted, present = draws(3, 2, 4, 4, 4)
    drawn.requires_grad_(True)
    matching.matching_loss(drawn, wanted, present).backward()
    for i in range(2):
        distance = (drawn[i] - wanted[i]).abs().mean()
        expected = (present[i] - wanted[i]) / distance / drawn.numel()
        torch.testing.assert_close(drawn.grad[i], expected.detach(), rtol=1e-4, atol=1e-8)


def test_nothing_moves_where_the_critic_agrees_with_the_teacher():
    drawn, wanted = draws(2, 3, 4, 4, 4)
    drawn.requires_grad_(True)
    loss = matching.matching_loss(drawn, wanted, wanted)
    loss.backward()
    assert loss.item() == 0 and drawn.grad.abs().max() == 0


def test_matching_finds_the_teachers_distribution_where_it_is_known():
    """Pictures of one pixel: the best denoiser of a Gaussian is a line, for both networks."""
    scheduler = text_to_image.build_scheduler()
    generator = torch.Generator().manual_seed(1)

    def posterior_mean(x, t, mean, deviation):
        alpha = scheduler.alphas_cumprod[t].sqrt().view(-1, 1, 1, 1)
        total = (alpha * deviation) ** 2 + 1 - alpha**2
        return mean + alpha * deviation**2 / total * (x - alpha * mean)

    mean, deviation = torch.tensor(-1.0), torch.tensor(0.2)
    parameters = [mean.requires_grad_(True), deviation.requires_grad_(True)]
    optimizer = torch.optim.Adam(parameters, lr=0.02)
    for _ in range(400):
        z = torch.randn(512, 1, 1, 1, generator=generator)
        drawn = mean + deviation * z
        t = torch.randint(*matching.TIMESTEPS, (512,), generator=generator)
        noise = torch.randn(z.shape, generator=generator)
        with torch.no_grad():
            x = scheduler.add_noise(drawn, noise, t)
            wanted = posterior_mean(x, t, torch.tensor(0.5), torch.tensor(0.7))
            present = posterior_mean(x, t, mean, deviation)
        loss = matching.matching_loss(drawn, wanted, present)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert mean.item() == pytest.approx(0.5, abs=0.1)
    assert abs(deviation.item()) == pytest.approx(0.7, abs=0.1)


def test_the_anchor_holds_cells_and_leaves_outlines_free():
    target = draws(2, 4, 16, 16)
    board = torch.tensor([[1.0, -1.0], [-1.0, 1.0]]).repeat(8, 8)
    assert matching.anchor_loss(target + 3 * board, target) < 1e-10
    shifted = target + 0.5
    torch.testing.assert_close(matching.anchor_loss(shifted, target), torch.tensor(0.25))


# The whole


@pytest.fixture(scope="module")
def teacher():
    return load("sd", str(SHIPPED))


def test_student_and_critic_learn_and_the_teacher_stays(teacher, tmp_path):
    before = deepcopy(teacher.unet.state_dict())
    student = deepcopy(teacher.unet)
    pairs = (draws(6, 4, 16, 16).half(), draws(6, 4, 16, 16, seed=1).half(), draws(6, 77, 128))
    schedule = Schedule(steps=2, batch=4, lr=1e-3, warmup=0, decay=0.0, ema=0.5)
    path = tmp_path / "matching.pt"
    made = matching.fit(teacher, student, *pairs, 4.0, schedule, path)
    after = torch.load(path, weights_only=True)["module"]
    for name, value in before.items():
        assert torch.equal(teacher.unet.state_dict()[name], value), name
    for net in ("student", "critic"):
        assert any(not torch.equal(after[f"{net}.{name}"], before[name]) for name in before), net
    assert (
        not made.training
        and made(draws(1, 4, 16, 16), 999, draws(1, 77, 128)).sample.isfinite().all()
    )

    again = matching.fit(teacher, deepcopy(teacher.unet), *pairs, 4.0, schedule, path)
    for name, value in made.state_dict().items():
        assert torch.equal(again.state_dict()[name], value), "resumed at its end: nothing to do"


class Line(torch.nn.Module):
    """A network that keeps what it is asked."""

    calls: ClassVar[list] = []

    def __init__(self):
        super().__init__()
        self.slope = torch.nn.Parameter(torch.tensor(0.5))

    def forward(self, x, t, text):
        self.calls.append((x.detach().clone(), t.clone(), text.clone()))
        return SimpleNamespace(sample=self.slope * x)

    def set_attn_processor(self, _):
        pass

    def set_default_attn_processor(self):
        pass


def test_each_network_is_asked_what_it_should_be(tmp_path, monkeypatch):
    monkeypatch.setattr(Line, "calls", [])
    empty = SimpleNamespace(embeddings=torch.zeros(1, 77, 2))
    teacher = SimpleNamespace(unet=Line(), encode_unconditional=lambda n: empty)
    noises, targets = draws(2, 8, 4, 16, 16)
    states = torch.arange(1.0, 9.0).view(8, 1, 1).expand(8, 77, 2)
    schedule = Schedule(steps=1, batch=4, lr=1e-3)
    matching.fit(teacher, Line(), noises, targets, states, 4.0, schedule, tmp_path / "a.pt")
    (z, at_end, text), (x, t, both), present, (_, _, told) = Line.calls

    pairs = (text[:, 0, 0] - 1).long()
    assert torch.equal(z[:2], noises[pairs[:2]]), "half of the batch are pairs, in their order"
    assert not any(torch.equal(row, known) for row in z[2:] for known in noises), "half is fresh"
    assert (at_end == 999).all()
    assert torch.equal(x[:4], x[4:]) and torch.equal(t[:4], t[4:]) and t.max() < 980
    assert (both[:4] == 0).all() and torch.equal(both[4:], text), "without a caption, then with it"
    assert torch.equal(present[0], x[:4]), "teacher and critic look at the same pictures"
    assert torch.equal(present[2], text) and torch.equal(told, text)


def test_guidance_goes_from_no_caption_to_the_caption():
    def velocity(x, t, text):
        return x * text.mean((1, 2)).view(-1, 1, 1, 1)

    x, text, empty = draws(3, 4, 2, 2), torch.full((3, 5, 2), 3.0), torch.ones(1, 5, 2)
    found = matching.guided(velocity, x, torch.zeros(3), text, empty, 4.0)
    torch.testing.assert_close(found, x * (1 + 4.0 * (3 - 1)))
