"""A single-file checkpoint, with its configs in a folder beside it, is the pipeline it holds."""

import re
import shutil

import pytest
import torch
from safetensors.torch import load_file, save_file

from seedbed import models

RESNET = {
    "norm1": "in_layers.0",
    "conv1": "in_layers.2",
    "time_emb_proj": "emb_layers.1",
    "norm2": "out_layers.0",
    "conv2": "out_layers.3",
    "conv_shortcut": "skip_connection",
}
OUTER = {
    "time_embedding.linear_1": "time_embed.0",
    "time_embedding.linear_2": "time_embed.2",
    "conv_in": "input_blocks.0.0",
    "conv_norm_out": "out.0",
    "conv_out": "out.2",
    "add_embedding.linear_1": "label_emb.0.0",
    "add_embedding.linear_2": "label_emb.0.2",
}


def unet_key(key, layers, attentive_up):
    """diffusers' name of a UNet weight as the original checkpoints have it."""
    for ours, theirs in OUTER.items():
        if key.startswith(ours + "."):
            return theirs + key[len(ours) :]
    part, rest = re.match(r"(?:(?:down|up)_blocks\.\d+|mid_block)\.(\w+)\.\d+\.(.*)", key).groups()
    if part == "resnets":
        name, tail = rest.split(".", 1)
        rest = f"{RESNET[name]}.{tail}"
    if key.startswith("mid_block"):
        index = int(re.search(r"\.(\d+)\.", key)[1])
        return f"middle_block.{1 if part == 'attentions' else 2 * index}.{rest}"
    block, index = (int(n) for n in re.findall(r"\.(\d+)\.", key)[:2])
    if key.startswith("down_blocks"):
        if part == "downsamplers":
            return f"input_blocks.{(layers + 1) * (block + 1)}.0.op.{rest.split('.', 1)[1]}"
        place = (layers + 1) * block + index + 1
        return f"input_blocks.{place}.{int(part == 'attentions')}.{rest}"
    if part == "upsamplers":
        place = (layers + 1) * block + layers
        return f"output_blocks.{place}.{2 if block in attentive_up else 1}.{rest}"
    place = (layers + 1) * block + index
    return f"output_blocks.{place}.{int(part == 'attentions')}.{rest}"


def vae_key(key, blocks):
    key = key.replace("conv_norm_out", "norm_out").replace("conv_shortcut", "nin_shortcut")
    key = re.sub(r"mid_block\.resnets\.(\d)", lambda m: f"mid.block_{int(m[1]) + 1}", key)
    key = re.sub(r"mid_block\.attentions\.0", "mid.attn_1", key)
    key = re.sub(r"down_blocks\.(\d)\.resnets\.(\d)", r"down.\1.block.\2", key)
    key = re.sub(r"down_blocks\.(\d)\.downsamplers\.0", r"down.\1.downsample", key)
    key = re.sub(
        r"up_blocks\.(\d)\.resnets\.(\d)",
        lambda m: f"up.{blocks - 1 - int(m[1])}.block.{m[2]}",
        key,
    )
    key = re.sub(
        r"up_blocks\.(\d)\.upsamplers\.0",
        lambda m: f"up.{blocks - 1 - int(m[1])}.upsample",
        key,
    )
    for ours, theirs in (("group_norm", "norm"), ("to_q", "q"), ("to_k", "k"), ("to_v", "v")):
        key = key.replace(f"attn_1.{ours}", f"attn_1.{theirs}")
    return key.replace("attn_1.to_out.0", "attn_1.proj_out")


def original(model):
    """The weights of a loaded pipeline under the names of the original checkpoints."""
    unet, vae = model.unet, model.vae
    layers, attentive = unet.config.layers_per_block, unet.config.up_block_types
    attentive = {i for i, kind in enumerate(attentive) if kind.startswith("CrossAttn")}
    found = {
        f"model.diffusion_model.{unet_key(k, layers, attentive)}": v
        for k, v in unet.state_dict().items()
    }
    blocks = len(vae.config.block_out_channels)
    for key, value in vae.state_dict().items():
        name = vae_key(key, blocks)
        if "attn_1" in name and "norm" not in name and value.ndim == 2:
            value = value[:, :, None, None]
        found[f"first_stage_model.{name}"] = value
    for key, value in model.text_encoder.state_dict().items():
        prefix = "" if key.startswith("text_model.") else "text_model."
        found[f"cond_stage_model.transformer.{prefix}{key}"] = value
    return {k: v.contiguous().clone() for k, v in found.items()}


def test_a_single_file_is_the_pipeline_it_holds(tiny_sd_folder, tiny_sd, tmp_path):
    path = tmp_path / "mine.safetensors"
    save_file(original(tiny_sd), path)
    shutil.copytree(tiny_sd_folder, tmp_path / "mine")
    for weights in (tmp_path / "mine").rglob("*.safetensors"):
        weights.unlink()
    loaded = models.load("sd", str(path))
    for part in ("unet", "vae", "text_encoder"):
        expected, found = getattr(tiny_sd, part).state_dict(), getattr(loaded, part).state_dict()
        assert expected.keys() == found.keys()
        for key in expected:
            assert torch.equal(expected[key], found[key]), f"{part}.{key}"
    assert loaded.latent_shape == tiny_sd.latent_shape


def nan(state):
    key = "model.diffusion_model.out.2.bias"
    return state | {key: torch.full_like(state[key], torch.nan)}


def without_vae(state):
    return {k: v for k, v in state.items() if not k.startswith("first_stage_model.")}


def without_one(state):
    return {k: v for k, v in state.items() if k != "model.diffusion_model.out.2.bias"}


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (nan, r"the tensor conv_out\.bias of unet holds NaN"),
        (without_one, "tensors are missing that its configs describe; restore the file"),
        (without_vae, "vae"),
    ],
)
def test_a_file_that_is_not_whole_is_one_line(tiny_sd_folder, tiny_sd, tmp_path, change, line):
    save_file(change(original(tiny_sd)), tmp_path / "mine.safetensors")
    shutil.copytree(tiny_sd_folder, tmp_path / "mine")
    with pytest.raises(models.ModelError, match=rf"mine\.safetensors: .*{line}") as caught:
        models.load("sd", str(tmp_path / "mine.safetensors"))
    assert "\n" not in str(caught.value)


def test_a_pickle_under_another_name_is_one_line(tmp_path):
    torch.save({"a": torch.zeros(2)}, tmp_path / "mine.safetensors")
    with pytest.raises(models.ModelError, match=r"mine\.safetensors: not safetensors \("):
        models.load("sd", str(tmp_path / "mine.safetensors"))


def test_what_is_no_checkpoint_is_one_line(tmp_path, tiny_sd_folder):
    path = tmp_path / "mine.ckpt"
    path.write_bytes(b"weights")
    with pytest.raises(models.ModelError, match=r"mine\.ckpt: not a \.safetensors file"):
        models.load("sd", str(path))
    with pytest.raises(models.ModelError, match="neither a folder or file here nor a hub id"):
        models.load("sd", "nowhere/at/all")
    shutil.copytree(tiny_sd_folder, tmp_path / "broken")
    weights = tmp_path / "broken/unet/diffusion_pytorch_model.safetensors"
    state = load_file(weights)
    save_file({k: v for k, v in state.items() if "conv_in" not in k}, weights)
    with pytest.raises(models.ModelError) as caught:
        models.load("sd", str(tmp_path / "broken"))
    assert "\n" not in str(caught.value) and "broken" in str(caught.value)
