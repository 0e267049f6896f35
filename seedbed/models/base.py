"""What every text-to-image family shares: what a prompt becomes, the networks, the pixels."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch


@dataclass(frozen=True)
class Condition:
    """What the UNet is told about each prompt.

    Attributes:
        embeddings: (n, tokens, width) text encoder states, in the type of its weights.
        added: what else the UNet is given, each (n, …): SDXL's extra keywords, the picture and
            mask of inpainting; empty for SD.
    """

    embeddings: torch.Tensor
    added: dict[str, torch.Tensor]

    def take(self, indices) -> Condition:
        """Rows by index, repeated indices allowed."""
        return Condition(self.embeddings[indices], {k: v[indices] for k, v in self.added.items()})

    def to(self, device, dtype: torch.dtype) -> Condition:
        """On a device, in the type of a network's weights: on disk states are float32."""
        return replace(
            self,
            embeddings=self.embeddings.to(device, dtype),
            added={k: v.to(device, dtype) for k, v in self.added.items()},
        )

    @staticmethod
    def cat(parts: list[Condition]) -> Condition:
        """Stack conditions along the batch."""
        return Condition(
            torch.cat([p.embeddings for p in parts]),
            {k: torch.cat([p.added[k] for p in parts]) for k in parts[0].added},
        )

    def __len__(self) -> int:
        return len(self.embeddings)


class LatentModel:
    """What every family shares: networks, latent shape, decoding.

    Attributes:
        source: what it was loaded from, as the config names it; for messages.
    """

    source: str = "the model"

    def __init__(self, pipe, resolution: int | None = None):
        self.unet = pipe.unet.eval()
        self.vae = pipe.vae.eval()
        self.scheduler = pipe.scheduler
        self._scale = 2 ** (len(self.vae.config.block_out_channels) - 1)
        side = resolution or self.unet.config.sample_size * self._scale
        if side % self._scale:
            raise ValueError(f"resolution {side} is not a multiple of the VAE's {self._scale}")
        self.resolution = side
        self._memory_format = torch.contiguous_format
        self._decode_batch: int | None = None
        self.compiled = False

    def settle(
        self,
        memory_format: str = "contiguous",
        compile: bool = False,
        decode_batch: int | None = None,
    ) -> None:
        """Lay the networks out in memory, and compile the UNet; all of it changes the last bits.

        Args:
            memory_format: a name of ``choices.MEMORY_FORMATS``. With ``"channels_last"``
                convolutions need no copies on a CPU.
            compile: compile the UNet's forward at its first call with a batch of each size
                (needs a C++ compiler on a CPU; torch keeps what it compiled for later processes).
            decode_batch: pictures that the VAE decodes at once; ``None`` for as many as it gets.
                It wants more memory than the UNet: of 512 × 512 pixels a quarter of a GB each.
        """
        self._decode_batch = decode_batch
        if memory_format == "channels_last":
            self._memory_format = torch.channels_last
        for network in (self.unet, self.vae):
            network.to(memory_format=self._memory_format)
        if compile:
            # Frozen weights are laid out once, as a processor's products want them; a GPU's are
            # chosen by trial.
            gpu = self.device.type == "cuda"
            options = {"max_autotune": True} if gpu else {"freezing": True}
            self.unet.compile(dynamic=False, options=options)
            self.compiled = True

    @property
    def networks(self) -> dict[str, torch.nn.Module]:
        """Every network by its name in the pipeline."""
        return {"unet": self.unet, "vae": self.vae}

    @property
    def device(self) -> torch.device:
        return next(self.unet.parameters()).device

    @property
    def latent_shape(self) -> tuple[int, int, int]:
        """(channels, height, width) of one latent."""
        side = self.resolution // self._scale
        return (self.vae.config.latent_channels, side, side)

    def predict(self, sample: torch.Tensor, t: torch.Tensor, condition: Condition) -> torch.Tensor:
        """The UNet's output for a batch, same shape as ``sample``, in the type of its weights."""
        added = {"added_cond_kwargs": condition.added} if condition.added else {}
        sample = sample.to(self.unet.dtype).contiguous(memory_format=self._memory_format)
        return self.unet(
            sample, t, encoder_hidden_states=condition.embeddings, return_dict=False, **added
        )[0]

    def unconditional(self, condition: Condition) -> Condition:
        """What guidance leads away from: the empty prompt, beside what else the model is given."""
        return self.encode_unconditional(len(condition))

    @torch.no_grad()
    def decode(self, latents: torch.Tensor) -> torch.Tensor:
        """(n, c, h, w) scaled latents to (n, 3, H, W) pixels in [0, 1]."""
        latents = latents / self.vae.config.scaling_factor
        latents = latents.to(self.vae.dtype).contiguous(memory_format=self._memory_format)
        parts = [
            self.vae.decode(part, return_dict=False)[0]
            for part in latents.split(self._decode_batch or max(len(latents), 1))
        ]
        pixels = parts[0] if len(parts) == 1 else torch.cat(parts)
        return (pixels / 2 + 0.5).clamp(0, 1)


def to_uint8(pixels: torch.Tensor):
    """(n, 3, H, W) in [0, 1] to (n, H, W, 3) uint8 NumPy, rounded as diffusers does."""
    array = pixels.float().permute(0, 2, 3, 1).cpu().numpy()
    return (array * 255).round().astype("uint8")


def bounded(tokenizer, encoder):
    """The tokenizer, never longer than its text encoder reads; some are saved without a length."""
    positions = encoder.config.max_position_embeddings
    tokenizer.model_max_length = min(tokenizer.model_max_length, positions)
    return tokenizer


def token_ids(tokenizer, texts: list[str]) -> torch.Tensor:
    """(n, tokens) ids, truncated and padded to the tokenizer's length."""
    return tokenizer(
        texts,
        padding="max_length",
        max_length=tokenizer.model_max_length,
        truncation=True,
        return_tensors="pt",
    ).input_ids
