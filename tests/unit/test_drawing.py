"""Speed that changes no bit, and speed that changes the last bits and says so."""

import pytest
import torch
from diffusers.models.attention_processor import AttnProcessor2_0

from seedbed import models, noise
from seedbed.attention.modules import cross_attention
from seedbed.sampling.denoise import denoise
from seedbed.sampling.drawing import Drawing
from seedbed.sampling.schedulers import Sampler
from seedbed.sampling.text_cache import kept_text

SAMPLER = Sampler(3, 5.0, scheduler="ddim")
TEXTS = ["a red apple", "a boat at night", "a tree"]


def latents(model):
    return noise.batch([3, 1, 4], model.latent_shape, "cpu")


def by_hand(model, sampler):
    """The loop without kept text: the processors of diffusers at every step."""
    from seedbed.models.base import Condition
    from seedbed.sampling.schedulers import make_scheduler

    scheduler = make_scheduler(model, sampler)
    x, condition = latents(model), model.encode(TEXTS)
    both = Condition.cat([model.encode_unconditional(len(x)), condition])
    with torch.no_grad():
        for t in scheduler.timesteps:
            found = model.predict(torch.cat([x, x]), t, both)
            without, given = found.chunk(2)
            guided = without + sampler.guidance * (given - without)
            x = scheduler.step(guided, t, x, eta=0.0, return_dict=False)[0]
    return x


def test_kept_text_changes_no_bit(tiny_sd):
    kept = denoise(tiny_sd, latents(tiny_sd), tiny_sd.encode(TEXTS), SAMPLER)
    assert torch.equal(kept, by_hand(tiny_sd, SAMPLER))


def test_kept_text_projects_the_prompts_once(tiny_sd, monkeypatch):
    layers = cross_attention(tiny_sd.unet)
    calls = dict.fromkeys(layers, 0)

    def counted(name, module):
        def hook(*_):
            calls[name] += 1

        return module.to_k.register_forward_hook(hook)

    hooks = [counted(name, module) for name, module in layers.items()]
    denoise(tiny_sd, latents(tiny_sd), tiny_sd.encode(TEXTS), SAMPLER)
    for hook in hooks:
        hook.remove()
    assert set(calls.values()) == {1}, "three steps, one projection"


def test_processors_are_given_back_and_others_left_alone(tiny_sd):
    layers = list(cross_attention(tiny_sd.unet).values())
    mine = AttnProcessor2_0()
    former = [layer.processor for layer in layers]

    class Other(AttnProcessor2_0):
        pass

    layers[0].set_processor(other := Other())
    try:
        with pytest.raises(ZeroDivisionError), kept_text(tiny_sd.unet):
            assert layers[0].processor is other, "a processor of another kind stays"
            assert type(layers[1].processor) is not type(mine)
            raise ZeroDivisionError
        assert [layer.processor for layer in layers[1:]] == former[1:]
    finally:
        layers[0].set_processor(former[0])


@pytest.mark.parametrize("settings", [("channels_last", False), ("contiguous", True)])
def test_other_layouts_differ_in_the_last_bits_only(tiny_sd_folder, tiny_sd, settings):
    if settings[1] and not _compiler():
        pytest.skip("torch.compile needs a C++ compiler on a CPU; none is here")
    fast = models.load("sd", str(tiny_sd_folder))
    fast.settle(*settings)
    expected = denoise(tiny_sd, latents(tiny_sd), tiny_sd.encode(TEXTS), SAMPLER)
    found = denoise(fast, latents(fast), fast.encode(TEXTS), SAMPLER)
    torch.testing.assert_close(found, expected, atol=1e-3, rtol=1e-3)


def _compiler():
    import shutil

    return shutil.which("g++") or shutil.which("clang++")


def test_a_config_entry_settles_its_model(tiny_sd_folder):
    entry = {"family": "sd", "source": str(tiny_sd_folder), "revision": None, "resolution": None}
    entry |= {"steps": 2, "guidance": 3.0, "eta": 0.0, "scheduler": "ddim"}
    entry |= {"precision": "float32", "noise": "cuda", "batch": 5}
    entry |= {"memory_format": "channels_last", "compile": False, "decode_batch": 2, "tf32": False}
    entry |= {"variant": None, "architecture": None, "weights": "bfloat16", "device": "cpu"}
    drawing = Drawing.of(entry)
    assert (drawing.stream, drawing.batch, drawing.sampler.steps) == ("cuda", 5, 2)
    weight = drawing.model.unet.conv_in.weight
    assert weight.is_contiguous(memory_format=torch.channels_last)
    assert weight.dtype == torch.bfloat16
