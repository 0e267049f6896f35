"""Names that a config can choose among where the choice is a word and not a record of its own."""

from __future__ import annotations

STORYBOOK = "storybook"
"""The world of models whose truth is known: ``seedbed.storybook``."""
SCORE_MODES = ("minmax", "softmax", "pair_softmax")
"""How first-step maps become scores: ``lottery_ticket.tickets.scores``."""
ARTICLES = ("literal", "grammatical")
"""Of nouns in pair prompts, "a apple" or "an apple": ``lottery_ticket.tickets.collect``."""
SCHEDULERS = ("own", "ddim", "euler_ancestral")
"""The checkpoint's own or another: ``sampling.schedulers``."""
PRECISIONS = ("float32", "bfloat16")
"""Of the networks' arithmetic, by autocast."""
WEIGHT_TYPES = ("float32", "bfloat16", "float16")
"""Of the networks' weights: ``models.checkpoint``."""
DEVICES = ("auto", "cpu", "cuda")
"""Where a model computes: ``models.devices``."""
STREAMS = ("cpu", "cuda")
"""Whose generator a seed's noise is: ``noise``."""
ENCODINGS = ("png", "jpeg75")
"""Of stored pictures: ``store``."""
GPUS = ("h200", "h100", "a100")
"""Whose peak a plan is counted with: ``planning.throughput``."""
MEMORY_FORMATS = ("contiguous", "channels_last")
"""Layout of the UNet's weights and inputs in memory: ``models.base``."""
PICTURE_VARIANTS = ("whole", "thumbnail", "grey", "shuffled", "edges", "low")
"""What is left of a picture whose seed is named: ``good_seed.classifier.variants``."""
HEADS = ("mean", "places")
"""How a seed classifier reads its last features: ``good_seed.classifier.network``."""
GRAM_NETWORKS = {"storybook_net": 6132, "vgg19": 305888}
"""Whose layers Gram features are taken from, and how many numbers the usual ones give:
``evaluators.extractors.gram``."""
HPS_VERSIONS = ("v2.0", "v2.1")
"""Of the Human Preference Score: ``evaluators.scorers.hps``."""
