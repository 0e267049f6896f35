"""Train ``storybook-clip``: a transformers CLIPModel on pictures and captions of the world."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F
from transformers import CLIPConfig, CLIPModel, CLIPTokenizer

from seedbed.storybook.data import SceneSet
from seedbed.storybook.training import Schedule, train

WIDTH = 128
IMAGE_MEAN = IMAGE_STD = (0.5, 0.5, 0.5)


def build(tokenizer: CLIPTokenizer) -> CLIPModel:
    """Untrained CLIP: ViT of 8×8 patches on 64 px, four layers; text of three layers."""
    shared = {"hidden_size": WIDTH, "intermediate_size": 4 * WIDTH, "num_attention_heads": 4}
    return CLIPModel(
        CLIPConfig(
            text_config={
                **shared,
                "num_hidden_layers": 3,
                "vocab_size": len(tokenizer),
                "max_position_embeddings": tokenizer.model_max_length,
                "bos_token_id": tokenizer.bos_token_id,
                "eos_token_id": tokenizer.eos_token_id,
                "pad_token_id": tokenizer.pad_token_id,
            },
            vision_config={**shared, "num_hidden_layers": 4, "image_size": 64, "patch_size": 8},
            projection_dim=WIDTH,
        )
    )


def fit(
    tokenizer: CLIPTokenizer,
    data: SceneSet,
    ids: torch.Tensor,
    schedule: Schedule,
    checkpoint: Path,
) -> CLIPModel:
    """Symmetric contrastive loss within the batch.

    Args:
        tokenizer: decides vocabulary and length.
        data: pictures.
        ids: (n, 77) token ids of their captions.
        schedule: see ``Schedule``.
        checkpoint: resumed from and saved to.
    """
    torch.manual_seed(schedule.seed)
    model = build(tokenizer)
    model.set_attn_implementation("eager")  # as in text_to_image: its backward is faster
    longest = int((ids != tokenizer.pad_token_id).sum(1).max()) + 2
    ids = ids[:, :longest]  # causal text: padding after the end changes nothing

    def loss_of(indices, generator, step):
        pixels = torch.from_numpy(np.ascontiguousarray(data.images[indices]))
        pixels = pixels.permute(0, 3, 1, 2).float() / 127.5 - 1
        out = model(input_ids=ids[indices], pixel_values=pixels)
        logits = out.logits_per_image.float()
        target = torch.arange(len(indices))
        return (F.cross_entropy(logits, target) + F.cross_entropy(logits.T, target)) / 2

    return train(model, loss_of, len(data), schedule, checkpoint)


def save(model: CLIPModel, tokenizer: CLIPTokenizer, folder: Path) -> None:
    """Write a transformers folder (float16) with the preprocessing it expects."""
    from seedbed import store

    model.half().save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    processing = {
        "image_processor_type": "CLIPImageProcessor",
        "do_resize": True,
        "size": {"shortest_edge": 64},
        "do_center_crop": True,
        "crop_size": {"height": 64, "width": 64},
        "resample": 3,
        "do_rescale": True,
        "rescale_factor": 1 / 255,
        "do_normalize": True,
        "do_convert_rgb": True,
        "image_mean": list(IMAGE_MEAN),
        "image_std": list(IMAGE_STD),
    }
    store.write_json(processing, Path(folder) / "preprocessor_config.json")
