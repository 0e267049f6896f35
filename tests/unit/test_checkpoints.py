"""What models are loaded from: types of weights, variants, shipped configs, checksums, devices."""

import hashlib
import json
import re
import shutil
import struct
from types import SimpleNamespace

import numpy as np
import pytest
import torch
import yaml
from diffusers import AutoencoderKL, UNet2DConditionModel
from full_size import NEEDED_GB, free_gb
from safetensors.torch import load_file, save_file
from test_single_file import original
from tiny_models import CAPTIONS, save_tiny_inpaint, save_tiny_sdxl
from transformers import CLIPTokenizer

from benchmarks.networks import empty_networks
from seedbed import config, models, noise
from seedbed.attention.capture import Capture
from seedbed.attention.modules import cross_attention
from seedbed.config import checkpoints
from seedbed.models import architectures, devices
from seedbed.provenance import check_sha256, weights_digest
from seedbed.sampling.denoise import decode, denoise
from seedbed.sampling.schedulers import Sampler
from seedbed.sampling.text_states import map_states, write_states

SAMPLER = Sampler(2, 3.0, scheduler="ddim")


def drawn(model, sampler=SAMPLER):
    x = noise.batch([3, 5], model.latent_shape, "cpu")
    z = denoise(model, x, model.encode(CAPTIONS[:2]), sampler)
    return z, decode(model, z, sampler)


class TestWeights:
    @pytest.mark.parametrize("weights", ["bfloat16", "float16"])
    def test_half_precision_draws_nearly_the_same(self, tiny_sd_folder, tiny_sd, weights):
        model = models.load("sd", str(tiny_sd_folder), weights=weights)
        found = {p.dtype for n in model.networks.values() for p in n.parameters()}
        assert found == {getattr(torch, weights)}
        for exact, near in zip(drawn(tiny_sd), drawn(model), strict=True):
            assert near.dtype == torch.float32
            error = (near - exact).pow(2).mean().sqrt() / exact.std()
            assert 0 < error < 0.1

    @pytest.mark.parametrize(
        ("family", "weights"), [("sd", "bfloat16"), ("sd", "float16"), ("sdxl", "float16")]
    )
    def test_states_on_disk_draw_the_same(self, family, weights, tiny_sd_folder, tmp_path):
        folder = tiny_sd_folder if family == "sd" else save_tiny_sdxl(tmp_path)
        model = models.load(family, str(folder), weights=weights)
        write_states(model, CAPTIONS[:2], tmp_path / "states.safetensors")
        stored = map_states(tmp_path / "states.safetensors", 2).take([0, 1])
        assert stored.embeddings.dtype == torch.float32
        x = noise.batch([3, 5], model.latent_shape, "cpu")
        for sampler in (SAMPLER, Sampler(1, 0.0)):
            found = [denoise(model, x, c, sampler) for c in (model.encode(CAPTIONS[:2]), stored)]
            torch.testing.assert_close(*found, rtol=0, atol=0)

    def test_maps_are_float32(self, tiny_sd_folder, tiny_sd):
        model = models.load("sd", str(tiny_sd_folder), weights="bfloat16")
        layer = list(cross_attention(model.unet))[-1]
        x = noise.batch([3], model.latent_shape, "cpu")
        maps = [
            Capture(m, m.encode(CAPTIONS[:1]), [layer], SAMPLER).paired(x, [0])[layer]
            for m in (tiny_sd, model)
        ]
        assert maps[1].dtype == torch.float32
        torch.testing.assert_close(maps[1], maps[0], atol=0.01, rtol=0.1)

    def test_inpainting_in_half_precision(self, tmp_path):
        model = models.load("sd_inpaint", str(save_tiny_inpaint(tmp_path)), weights="bfloat16")
        images = np.full((1, model.resolution, model.resolution, 3), 90, np.uint8)
        given = model.encode_masked(images, images[..., 0] > 100)
        assert given.dtype == torch.float32 and given.isfinite().all()

    def test_float16_leaves_the_vae_of_sdxl_in_float32(self, tmp_path):
        folder = save_tiny_sdxl(tmp_path)
        model = models.load("sdxl", str(folder), weights="float16")
        assert model.vae.dtype == torch.float32 and model.unet.dtype == torch.float16
        assert drawn(model, Sampler(1, 0.0))[1].isfinite().all()
        assert models.load("sdxl", str(folder), weights="bfloat16").vae.dtype == torch.bfloat16
        path = folder / "vae/config.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | {"force_upcast": False}))
        assert models.load("sdxl", str(folder), weights="float16").vae.dtype == torch.float16

    def test_an_unknown_type(self, tiny_sd_folder):
        with pytest.raises(models.ModelError, match="weights 'int8' are unknown: use one of float"):
            models.load("sd", str(tiny_sd_folder), weights="int8")


class TestVariants:
    @pytest.fixture
    def folder(self, tiny_sd_folder, tmp_path):
        """Weights of the variant fp16 alone, of half the values."""
        folder = tmp_path / "mine"
        shutil.copytree(tiny_sd_folder, folder)
        for path in folder.rglob("*.safetensors"):
            half = {k: v / 2 for k, v in load_file(path).items()}
            save_file(half, path.with_suffix(".fp16.safetensors"), metadata={"format": "pt"})
            path.unlink()
        return folder

    def test_a_variant_is_read(self, folder, tiny_sd):
        model = models.load("sd", str(folder), variant="fp16")
        for name, network in model.networks.items():
            expected = tiny_sd.networks[name].state_dict()
            assert all(torch.equal(v, expected[k] / 2) for k, v in network.state_dict().items())

    @pytest.mark.parametrize("variant", [None, "bf16"])
    def test_another_is_refused(self, folder, variant):
        match = r"mine/unet: it holds no weights .*; set variant to what is there \(fp16\)"
        with pytest.raises(models.ModelError, match=match):
            models.load("sd", str(folder), variant=variant)

    def test_sharded_files_are_of_their_variant(self, tmp_path):
        from seedbed.models.pipelines import _variant_of

        names = ["a.safetensors", "a-00001-of-00002.safetensors"]
        variants = ["a.fp16.safetensors", "a.fp16-00001-of-00002.safetensors"]
        assert [_variant_of(tmp_path / n) for n in names + variants] == [None, None, "fp16", "fp16"]


class TestArchitectures:
    @pytest.mark.parametrize(("name", "real"), [("sd_1", "sd14"), ("sdxl_turbo", "sdxl_base")])
    def test_configs_are_those_of_the_hub(self, shared_data, name, real):
        """SDXL Turbo's are SDXL's but for the size that it draws."""
        folder, other = architectures.folder_of(name), shared_data / "sd_configs" / real
        for part, network in (("unet", UNet2DConditionModel), ("vae", AutoencoderKL)):
            theirs = json.loads((other / f"{part}_config.json").read_text())
            with torch.device("meta"):
                ours = network.from_config(network.load_config(folder, subfolder=part)).config
            skip = {"sample_size"} if name == "sdxl_turbo" else set()
            for key, value in theirs.items():
                if not key.startswith("_") and key not in skip and value is not None:
                    found = ours[key]
                    assert (list(found) if isinstance(found, tuple) else found) == value, key
        for part in ("text_encoder", "text_encoder_2"):
            if (folder / part).is_dir():
                theirs = json.loads((other / f"{part}_config.json").read_text())
                ours = json.loads((folder / part / "config.json").read_text())
                assert {k: theirs.get(k, ours[k]) for k in ours} == ours

    def test_stable_diffusion_2_is_what_its_yaml_says(self, shared_data):
        text = (shared_data / "sd_configs/sd2/v2-inference.yaml").read_text()
        told = yaml.safe_load(text)["model"]["params"]
        unet_told = told["unet_config"]["params"]
        widths = [unet_told["model_channels"] * factor for factor in unet_told["channel_mult"]]
        folder = architectures.folder_of("sd_2_base")
        unet = json.loads((folder / "unet/config.json").read_text())
        assert unet["block_out_channels"] == widths
        assert unet["attention_head_dim"] == [w // unet_told["num_head_channels"] for w in widths]
        assert unet["cross_attention_dim"] == unet_told["context_dim"]
        assert unet["layers_per_block"] == unet_told["num_res_blocks"]
        assert unet["use_linear_projection"] is unet_told["use_linear_in_transformer"]
        vae = json.loads((folder / "vae/config.json").read_text())
        assert vae["scaling_factor"] == told["scale_factor"]
        scheduler = json.loads((folder / "scheduler/scheduler_config.json").read_text())
        ends = told["linear_start"], told["linear_end"]
        assert (scheduler["beta_start"], scheduler["beta_end"]) == ends

    def test_the_tokenizer_is_clip_s(self, shared_data):
        real = CLIPTokenizer.from_pretrained(shared_data / "clip_tokenizer")
        made = architectures.tokenizers("sd_1")["tokenizer"]
        assert made.get_vocab() == real.get_vocab()
        for text in ("a fire hydrant, 2 cats & a naïve café", "東京 🙂 isn't it?", "a " * 90):
            for how in ({}, {"padding": "max_length", "truncation": True, "max_length": 77}):
                assert made(text, **how).input_ids == real(text, **how).input_ids

    def test_stable_diffusion_2_pads_with_an_exclamation_mark(self):
        tokenizer = architectures.tokenizers("sd_2_base")["tokenizer"]
        assert tokenizer("a dog", padding="max_length").input_ids[4:] == [0] * 73
        both = architectures.tokenizers("sdxl_turbo")
        assert [both[k].pad_token_id for k in ("tokenizer", "tokenizer_2")] == [49407, 0]

    def test_an_unknown_one(self, tmp_path):
        save_file({"a": torch.zeros(2)}, tmp_path / "a.safetensors")
        with pytest.raises(
            models.ModelError, match="architecture 'sd3' is unknown; use one of sd_"
        ):
            models.load("sd", str(tmp_path / "a.safetensors"), architecture="sd3")

    @pytest.mark.skipif(free_gb() < NEEDED_GB, reason=f"wants {NEEDED_GB} GB of free memory")
    def test_a_single_file_of_full_size_is_read_with_shipped_configs(self, tmp_path):
        """Every tensor of SD 1.x under its original name; float16 zeros, which take no disk."""
        path = tmp_path / "sd-v1-4.safetensors"
        write_zeros(path, original(SimpleNamespace(**empty_networks("sd_1"))))
        model = models.load("sd", str(path), architecture="sd_1", weights="float16")
        assert sum(p.numel() for p in model.unet.parameters()) == 859_520_964
        assert model.latent_shape == (4, 64, 64)
        assert model.unet.dtype == torch.float16

    def test_a_single_file_of_sdxl(self, tmp_path):
        """Two text encoders, the second as open_clip has it: queries, keys and values in one."""
        folder = save_tiny_sdxl(tmp_path / "mine")
        expected = models.load("sdxl", str(folder))
        save_file(original_sdxl(expected), tmp_path / "mine.safetensors")
        for weights in folder.rglob("*.safetensors"):
            weights.unlink()
        found = models.load("sdxl", str(tmp_path / "mine.safetensors"), weights="float16")
        assert found.vae.dtype == torch.float32
        for name, network in found.networks.items():
            states = expected.networks[name].state_dict()
            for key, value in network.state_dict().items():
                assert torch.equal(value, states[key].to(value.dtype)), f"{name}.{key}"


def write_zeros(path, tensors):
    """A safetensors file of float16 zeros with the shapes of some tensors: a hole with a header."""
    header, end = {}, 0
    for name, tensor in tensors.items():
        size = 2 * tensor.numel()
        place = {"shape": list(tensor.shape), "data_offsets": [end, end + size]}
        header[name] = {"dtype": "F16"} | place
        end += size
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        file.truncate(8 + len(text) + end)


def original_sdxl(model):
    """The weights of a loaded SDXL pipeline under the names of its original checkpoints."""
    first, second = model.text_encoders
    rest = original(SimpleNamespace(unet=model.unet, vae=model.vae, text_encoder=first))
    found = {k.replace("cond_stage_model", "conditioner.embedders.0"): v for k, v in rest.items()}
    states = second.state_dict()
    prefix = "conditioner.embedders.1.model."
    names = {"layer_norm": "ln_", "mlp.fc1": "mlp.c_fc", "mlp.fc2": "mlp.c_proj"}
    layers = second.config.num_hidden_layers
    for i in range(layers):
        ours, theirs = f"text_model.encoder.layers.{i}.", f"{prefix}transformer.resblocks.{i}."
        for kind in ("weight", "bias"):
            parts = [states[f"{ours}self_attn.{k}_proj.{kind}"] for k in "qkv"]
            found[f"{theirs}attn.in_proj_{kind}"] = torch.cat(parts)
            found[f"{theirs}attn.out_proj.{kind}"] = states[f"{ours}self_attn.out_proj.{kind}"]
            for a, b in names.items():
                for n in ("1", "2") if b == "ln_" else ("",):
                    found[f"{theirs}{b}{n}.{kind}"] = states[f"{ours}{a}{n}.{kind}"]
    for kind in ("weight", "bias"):
        found[f"{prefix}ln_final.{kind}"] = states[f"text_model.final_layer_norm.{kind}"]
    embeddings = "text_model.embeddings."
    found[f"{prefix}token_embedding.weight"] = states[f"{embeddings}token_embedding.weight"]
    found[f"{prefix}positional_embedding"] = states[f"{embeddings}position_embedding.weight"]
    found[f"{prefix}text_projection"] = states["text_projection.weight"].T
    return {k: v.contiguous().clone() for k, v in found.items()}


class TestChecksums:
    @pytest.fixture
    def path(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        path = tmp_path / "mine.safetensors"
        save_file({"a": torch.zeros(2)}, path)
        return path

    def test_another_file_is_refused(self, path):
        with pytest.raises(
            models.ModelError, match=r"mine\.safetensors: its sha256 is .* is asked"
        ):
            models.load("sd", str(path), sha256="0" * 64)

    def test_the_right_one_is_taken(self, path):
        check_sha256(path, hashlib.sha256(path.read_bytes()).hexdigest())

    def test_a_folder_has_none(self, path):
        with pytest.raises(ValueError, match="a sha256 is of a single file, and this is none"):
            check_sha256(path.parent, "0" * 64)

    def test_configs_count_with_a_file(self, path):
        alone = weights_digest(path)
        (path.parent / "configs").mkdir()
        (path.parent / "configs/config.json").write_text("{}")
        shipped = weights_digest(path, configs=path.parent / "configs")
        (path.parent / "mine").mkdir()
        (path.parent / "mine/config.json").write_text("[]")
        assert len({alone, shipped, weights_digest(path)}) == 3

    @pytest.mark.parametrize(
        ("entry", "line"),
        [
            ({"sha256": "0" * 64}, r"models\.m\.sha256: .*its sha256 is"),
            ({"variant": "fp16"}, r"models\.m\.variant: the source is a single file"),
            (
                {"weights": "bfloat16", "precision": "bfloat16"},
                r"models\.m\.precision: bfloat16 is",
            ),
            (
                {"source": ".", "architecture": "sd_1"},
                r"models\.m\.architecture: the source is a f",
            ),
        ],
    )
    def test_a_config_says_it_before_anything_is_planned(self, path, entry, line):
        plain = {"source": str(path), "weights": "float32", "precision": "float32"}
        plain |= dict.fromkeys(("variant", "architecture", "sha256"))
        study = {"models": ["m"], "inpainting": {"model": None}}
        run = {"models": {"m": plain | entry}, "good_seed": study}
        (said,) = checkpoints.faults(run | {"lottery_ticket": {"models": []}})
        assert re.match(line, said), said


class TestDecoding:
    def test_in_parts_it_is_the_same(self, tiny_sd_folder, tiny_sd):
        model = models.load("sd", str(tiny_sd_folder))
        model.settle(decode_batch=2)
        z = noise.batch(range(5), model.latent_shape, "cpu")
        torch.testing.assert_close(model.decode(z), tiny_sd.decode(z), atol=1e-6, rtol=0)


class TestDevices:
    @pytest.fixture
    def gpus(self, monkeypatch, tmp_path):
        """Three GPUs that torch believes in, and nobody's locks."""
        monkeypatch.setattr(devices.tempfile, "gettempdir", lambda: str(tmp_path))
        monkeypatch.setattr(devices, "_held", {})
        monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
        monkeypatch.setattr(torch.cuda, "device_count", lambda: 3)
        names = [SimpleNamespace(uuid=f"GPU-{i}") for i in range(3)]
        monkeypatch.setattr(torch.cuda, "get_device_properties", names.__getitem__)

    def test_each_job_takes_its_own(self, gpus, monkeypatch, caplog):
        held = []
        for expected in ("cuda:0", "cuda:1", "cuda:2"):
            assert devices.choose("auto") == devices.choose("cuda") == expected
            held.append(devices._held)
            monkeypatch.setattr(devices, "_held", {})  # as in another process
        assert devices.choose("auto") in ("cuda:0", "cuda:1", "cuda:2")
        assert "all 3 GPUs are taken by other jobs" in caplog.text
        held[1].popitem()[1].close()  # that job has ended
        assert devices.choose("auto") == "cuda:1"

    def test_the_cpu_where_it_is_asked_for(self, gpus):
        assert devices.choose("cpu") == "cpu"

    def test_without_a_gpu(self, monkeypatch):
        monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
        assert devices.choose("auto") == "cpu"
        with pytest.raises(ValueError, match="device: cuda is asked for, and torch finds no CUDA"):
            devices.choose("cuda")

    def test_an_unknown_one(self):
        with pytest.raises(ValueError, match="device 'tpu' is unknown: use one of auto, cpu, cuda"):
            devices.choose("tpu")

    @pytest.mark.parametrize("allowed", [True, False])
    def test_tf32_is_for_products_and_convolutions(self, allowed):
        products, convolutions = torch.backends.cuda.matmul, torch.backends.cudnn
        former = products.allow_tf32, convolutions.allow_tf32
        try:
            devices.allow_tf32(allowed)
            assert products.allow_tf32 is convolutions.allow_tf32 is allowed
        finally:
            products.allow_tf32, convolutions.allow_tf32 = former


def test_the_config_of_real_models_is_sound():
    """As Snakemake merges it: every entry complete, pinned, and as the papers draw."""
    run = config.load("config.yaml")
    run["models"] |= config.load("configs/real_models.yaml")["models"]
    found = config.complete(run)["models"]
    for name, steps in (("sd-1-4", 50), ("sd-2-base", 40), ("sdxl-turbo", 1)):
        assert len(found[name]["revision"]) == 40
        assert found[name]["steps"] == steps
