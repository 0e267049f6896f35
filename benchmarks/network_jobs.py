"""Jobs that run one of the papers' networks, with random weights of its shape: see ``memory``.

Entries are those of configs/paper.yaml, drawn in few steps on a CPU, where a batch lies in the
memory that is measured; on a GPU it does not. Weights lie on disk in the precision of the published
files and are computed with in bfloat16 where the config has float16, which takes as much.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from benchmarks import networks
from benchmarks.memory_job import Job
from seedbed import config, store
from seedbed.config import schema
from seedbed.config.completion import merged
from seedbed.plan import Plan
from seedbed.plan.needs import needed_mb, weights_mb

ROOT = schema.FOLDER.parent
HALF = torch.float16
SIDE = 512
BATCH = 4
GRAM_AT = "sd2/survey/seeds_0000-0007"
PICTURES = 8
GRAM_SHARD = 8 * 440
"""Pictures of a job of the paper's survey."""
SMALL = 64
"""Pixels of theirs here: Gram vectors do not grow with the picture, and the time does."""
SHARD = "images.parquet"
BOX = (0.25, 0.25, 0.75, 0.75)
CAPTION = "a dog on the beach"


@cache
def plan() -> Plan:
    """Of configs/paper.yaml."""
    files = (config.load(ROOT / name) for name in ("config.yaml", "configs/paper.yaml"))
    return Plan(config.complete(merged(*files)))


def model_entry(name: str, folder: Path) -> dict:
    """A model of the config, from random weights, on a CPU, in few steps."""
    entry = plan().config["models"][name]
    here = {"source": str(folder / name), "revision": None, "variant": None, "sha256": None}
    slow = {"device": "cpu", "noise": "cpu", "weights": "bfloat16", "compile": False}
    few = {"batch": BATCH, "decode_batch": 1, "steps": min(entry["steps"], 2)}
    return entry | here | slow | few


def write_model(folder: Path, name: str, architecture: str) -> None:
    """A diffusers folder of half-precision random weights."""
    made = networks.random_networks(architecture, "cpu", HALF)
    networks.pipeline(architecture, made).save_pretrained(folder / name)


def model_job(run: Callable, name: str, architecture: str) -> Job:
    """A job that draws with one of the config's models."""
    return Job(
        partial(_with_model, run=run, name=name),
        partial(write_model, name=name, architecture=architecture),
        lambda folder: needed_mb(weights_mb(str(folder / name))),
    )


def _with_model(folder: Path, run: Callable, name: str) -> None:
    from seedbed.sampling.drawing import Drawing

    run(folder, Drawing.of(model_entry(name, folder)))


def generate(folder: Path, drawing) -> None:
    from seedbed.sampling.generate import generate, grid_pairs

    prompts = pd.DataFrame({"prompt_id": ["p0", "p1"], "text": [CAPTION, "a boat"]})
    pairs = grid_pairs(range(BATCH), prompts["prompt_id"].tolist())
    generate(drawing, pairs, prompts, folder / SHARD, "jpeg75")


def collect(folder: Path, drawing) -> None:
    from seedbed.lottery_ticket.tickets.collect import collect
    from seedbed.lottery_ticket.tickets.reading import Reading

    layer = plan().config["models"]["sd14"]["ticket_layer"]
    collect(drawing, Reading(layer), [("fire hydrant", "dog"), ("dog", "boat")], range(BATCH))


def boxdiff(folder: Path, drawing) -> None:
    from seedbed.lottery_ticket.comparison.draw import Steering, pictures

    rows = [(f"l{i}", CAPTION, "dog", CAPTION.index("dog"), *BOX) for i in range(BATCH)]
    columns = ["layout_id", "caption", "mention", "start", "x0", "y0", "x1", "y1"]
    layouts = pd.DataFrame(rows, columns=columns).assign(category="dog")
    latents = torch.stack([drawing.latent(seed) for seed in range(BATCH)])
    steering = Steering("boxdiff", {"grid": 16, "step_size": 20.0, "max_refinements": 1})
    for _ in pictures(drawing, layouts, latents, range(BATCH), steering):
        pass


def inpaint(folder: Path, drawing) -> None:
    from seedbed.masked_photos import table_of
    from seedbed.sampling.inpaint import inpaint

    masks = np.zeros((2, SIDE, SIDE), bool)
    masks[:, SIDE // 4 : SIDE // 2, SIDE // 4 : SIDE // 2] = True
    ids = ["i0", "i1"]
    pairs = table_of(ids, ["dog", "dog"], noise_pictures(2, SIDE), masks)
    tasks = pd.DataFrame({"prompt_id": ["p0", "p1"], "text": ["dog", "dog"], "pair_id": ids})
    inpaint(drawing, range(2), tasks, pairs, folder / "filled.parquet", "jpeg75")


def noise_pictures(n: int, side: int) -> np.ndarray:
    """(n, side, side, 3) uint8."""
    return np.random.default_rng(0).integers(0, 256, (n, side, side, 3), dtype=np.uint8)


def evaluator_entry(role: str, name: str, source: Path) -> dict:
    """An evaluator of the config, from random weights, on a CPU."""
    here = {"source": str(source), "revision": None, "sha256": None}
    return plan().config[role][name] | here | {"device": "cpu", "batch": BATCH}


def looker(role: str, name: str, source: Path):
    """It, loaded."""
    from seedbed.evaluators import registry

    entry = evaluator_entry(role, name, source)
    if entry.get("weights") == "float16":
        entry["weights"] = "bfloat16"
    return registry.load(role, entry, name)


def write_shard(folder: Path, n: int, side: int) -> None:
    """``n`` pictures of noise for the first prompt."""
    with store.atomic(folder / SHARD) as partial:
        with store.ImageShardWriter(partial, "jpeg75") as writer:
            for start in range(0, n, 64):
                seeds = range(start, min(n, start + 64))
                pictures = noise_pictures(len(seeds), side)
                writer.add(seeds, ["p0"] * len(seeds), pictures, [""] * len(seeds))


def random_state(network: torch.nn.Module) -> dict[str, torch.Tensor]:
    """A state of a network's shapes, in float32."""
    generator = torch.Generator().manual_seed(0)
    return {
        key: torch.randn(value.shape, generator=generator) * 0.02
        if value.is_floating_point()
        else torch.zeros(value.shape, dtype=value.dtype)
        for key, value in network.state_dict().items()
    }


def before_hps(folder: Path) -> None:
    import open_clip

    from seedbed.evaluators.scorers import hps

    network = hps.architecture(open_clip.get_model_config(hps.NETWORK))
    torch.save({"state_dict": random_state(network)}, folder / "hps.pt")
    write_shard(folder, PICTURES, SIDE)


def score_images(folder: Path) -> None:
    from seedbed.evaluators import shards

    prompts = pd.DataFrame({"prompt_id": ["p0"], "text": [CAPTION]})
    scorer = looker("scorers", "hps", folder / "hps.pt")
    shards.score(folder / SHARD, prompts, folder / "scores.parquet", scorer)


def before_gram(folder: Path) -> None:
    from torchvision.models import vgg19

    torch.save(random_state(vgg19(weights=None)), folder / "vgg.pth")
    write_shard(folder, GRAM_SHARD, SMALL)


def extract_features(folder: Path) -> None:
    from seedbed.evaluators import shards

    extractor = looker("extractors", "vgg", folder / "vgg.pth")
    shards.extract(folder / SHARD, folder / "features.safetensors", extractor)


def before_detect(folder: Path) -> None:
    from seedbed.evaluators.detectors.ultralytics import import_ultralytics

    import_ultralytics()
    from ultralytics import YOLO

    YOLO("yolo11x.yaml").save(folder / "yolo.pt")
    write_shard(folder, PICTURES, SIDE)


def detect_objects(folder: Path) -> None:
    from seedbed.evaluators import shards

    detector = looker("detectors", "yolo", folder / "yolo.pt")
    shards.detect(folder / SHARD, folder / "boxes.parquet", folder / "looked.parquet", detector)


def before_composition(folder: Path) -> None:
    """Mask2Former of Swin-L and Depth Anything of ViT-L, as they are published."""
    from transformers import (
        DepthAnythingConfig,
        DepthAnythingForDepthEstimation,
        Dinov2Config,
        DPTImageProcessor,
        Mask2FormerConfig,
        Mask2FormerForUniversalSegmentation,
        Mask2FormerImageProcessor,
        SwinConfig,
    )

    swin = SwinConfig(
        image_size=384,
        embed_dim=192,
        depths=[2, 2, 18, 2],
        num_heads=[6, 12, 24, 48],
        window_size=12,
        out_features=["stage1", "stage2", "stage3", "stage4"],
    )
    names = {0: "person", 1: "dog", **{i: f"class {i}" for i in range(2, 80)}}
    settings = Mask2FormerConfig(backbone_config=swin, num_queries=200, id2label=names)
    Mask2FormerForUniversalSegmentation(settings).save_pretrained(folder / "segmenter")
    Mask2FormerImageProcessor().save_pretrained(folder / "segmenter")
    vit = Dinov2Config(
        image_size=518,
        patch_size=14,
        hidden_size=1024,
        num_hidden_layers=24,
        num_attention_heads=16,
        out_indices=[5, 12, 18, 24],
        reshape_hidden_states=False,
    )
    settings = DepthAnythingConfig(
        backbone_config=vit,
        reassemble_hidden_size=1024,
        neck_hidden_sizes=[256, 512, 1024, 1024],
        fusion_hidden_size=256,
    )
    DepthAnythingForDepthEstimation(settings).save_pretrained(folder / "depth")
    sides = {"height": 518, "width": 518}
    DPTImageProcessor(size=sides, ensure_multiple_of=14).save_pretrained(folder / "depth")
    write_shard(folder, PICTURES, SIDE)


def measure_composition(folder: Path) -> None:
    from seedbed.evaluators.composition import measure

    prompts = pd.DataFrame({"prompt_id": ["p0"], "object": ["dog"]})
    looking = (
        looker("segmenters", "mask2former", folder / "segmenter"),
        looker("depths", "depth-anything", folder / "depth"),
    )
    measure(str(folder / SHARD), prompts, str(folder / "composition.parquet"), looking, 0.0)


def before_captions(folder: Path) -> None:
    """LLaVA-1.5-7B, whose sizes are those of transformers' defaults, with a few words."""
    from PIL import Image
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import (
        CLIPImageProcessor,
        LlavaConfig,
        LlavaForConditionalGeneration,
        LlavaProcessor,
        PreTrainedTokenizerFast,
    )

    words = ["<pad>", "<s>", "</s>", "<unk>", "<image>", "USER:", "ASSISTANT:", "."]
    core = Tokenizer(models.WordLevel({w: i for i, w in enumerate(words)}, unk_token="<unk>"))
    core.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    special = {"pad_token": "<pad>", "bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>"}
    LlavaProcessor(
        image_processor=CLIPImageProcessor(
            size={"shortest_edge": 336}, crop_size={"height": 336, "width": 336}
        ),
        tokenizer=PreTrainedTokenizerFast(
            tokenizer_object=core, additional_special_tokens=["<image>"], **special
        ),
        patch_size=14,
        vision_feature_select_strategy="default",
        num_additional_image_tokens=1,
        image_token="<image>",
    ).save_pretrained(folder / "llava")
    with torch.device("meta"):
        model = LlavaForConditionalGeneration(LlavaConfig(image_token_index=4))
    networks.fill_random(model.to(HALF), "cpu")
    model.save_pretrained(folder / "llava")
    for i, picture in enumerate(noise_pictures(2, SIDE)):
        (folder / "photos").mkdir(exist_ok=True)
        Image.fromarray(picture).save(folder / "photos" / f"{i:012d}.jpg")


def caption_photos(folder: Path) -> None:
    from seedbed.prompts.captioner import caption

    entry = plan().config["prompts"]["captions"]
    here = {"source": str(folder / "llava"), "revision": None, "device": "cpu"}
    few = {"weights": "bfloat16", "batch": 2, "max_new_tokens": 2}
    archives = {entry["part"]: {"url": None, "sha256": None, "local": str(folder / "photos")}}
    told = entry | here | few | {"archives": archives}
    caption(told, "captions", range(2), folder / "captions.parquet")


def looking_job(run: Callable, before: Callable, *weights: str) -> Job:
    """A job that looks with what these files or folders hold."""
    return Job(
        run,
        before,
        lambda folder: needed_mb(sum(weights_mb(str(folder / name)) for name in weights)),
    )


JOBS = {
    "generate_images.sd2": model_job(generate, "sd2", "sd_2_base"),
    "generate_images.sdxl-turbo": model_job(generate, "sdxl-turbo", "sdxl_turbo"),
    "inpaint_images": model_job(inpaint, "sd2-inpaint", "sd_2_inpainting"),
    "collect_tickets": model_job(collect, "sd14", "sd_1"),
    "draw_boxdiff": model_job(boxdiff, "sd14", "sd_1"),
    "score_images.hps": looking_job(score_images, before_hps, "hps.pt"),
    "detect_objects": looking_job(detect_objects, before_detect, "yolo.pt"),
    "measure_composition": looking_job(
        measure_composition, before_composition, "segmenter", "depth"
    ),
    "caption_photos": looking_job(caption_photos, before_captions, "llava"),
    "extract_features.gram": Job(
        extract_features, before_gram, lambda folder: plan().memory.features(GRAM_AT, "vgg")
    ),
}
