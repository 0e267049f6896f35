"""Captions by a tiny untrained LLaVA: in batches, in parts, into prompts."""

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image

from seedbed import config, inputs, store
from seedbed.models.batching import Place
from seedbed.plan import Plan
from seedbed.prompts.captioner import COLUMNS, Captioner, caption, tidy

WORDS = ["<pad>", "<s>", "</s>", "<unk>", "<image>", "USER:", "ASSISTANT:", "Describe", "."]
WORDS += [f"word{i}" for i in range(40)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import (
        CLIPImageProcessor,
        CLIPVisionConfig,
        LlamaConfig,
        LlavaConfig,
        LlavaForConditionalGeneration,
        LlavaProcessor,
        PreTrainedTokenizerFast,
    )

    path = tmp_path_factory.mktemp("llava")
    core = Tokenizer(models.WordLevel({w: i for i, w in enumerate(WORDS)}, unk_token="<unk>"))
    core.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    special = {"pad_token": "<pad>", "bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>"}
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=core, additional_special_tokens=["<image>"], **special
    )
    sides = {"height": 28, "width": 28}
    LlavaProcessor(
        image_processor=CLIPImageProcessor(size={"shortest_edge": 28}, crop_size=sides),
        tokenizer=tokenizer,
        patch_size=14,
        vision_feature_select_strategy="default",
        num_additional_image_tokens=1,
        image_token="<image>",
    ).save_pretrained(path)
    sizes = {"hidden_size": 16, "num_attention_heads": 2, "intermediate_size": 32}
    settings = LlavaConfig(
        vision_config=CLIPVisionConfig(image_size=28, patch_size=14, num_hidden_layers=2, **sizes),
        text_config=LlamaConfig(
            vocab_size=len(WORDS), num_hidden_layers=2, pad_token_id=0, bos_token_id=1,
            eos_token_id=2, **sizes,
        ),
        image_token_index=WORDS.index("<image>"),
    )  # fmt: skip
    torch.manual_seed(3)
    model = LlavaForConditionalGeneration(settings)
    # A fresh network says the same of every picture.
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.4)
    model.generation_config.pad_token_id = 0
    model.save_pretrained(path)
    return path


@pytest.fixture
def photos(tmp_path):
    rng = np.random.default_rng(0)
    (tmp_path / "photos").mkdir()
    for i in range(8):
        coarse = rng.integers(0, 256, (3, 3, 3), dtype=np.uint8)
        picture = Image.fromarray(coarse).resize((48, 36), Image.Resampling.BICUBIC)
        picture.save(tmp_path / "photos" / f"{i:012d}.jpg")
    return tmp_path / "photos"


def entry(folder, photos, **keys):
    archive = {"url": "https://x.invalid/z.zip", "sha256": None, "local": str(photos)}
    own = {"kind": "llava", "source": str(folder), "revision": None, "part": "val2017"}
    own |= {"question": "Describe word1 word2", "max_new_tokens": 6, "beams": 1, "seed": 0}
    own |= {"side": 40, "device": "cpu", "weights": "float32", "batch": 4, "count": 4, "spare": 4}
    return own | {"archives": {"val2017": archive}} | keys


def test_captions_do_not_hang_on_the_batch(folder, photos, tmp_path):
    made = {}
    for batch in (1, 3, 8):
        output = tmp_path / f"{batch}.parquet"
        assert caption(entry(folder, photos, batch=batch), "c", range(8), output) == 8
        made[batch] = store.read_table(output)
    assert list(made[1].columns) == list(COLUMNS) and made[1]["photo"].nunique() == 8
    pd.testing.assert_frame_equal(made[1], made[3])
    pd.testing.assert_frame_equal(made[1], made[8])
    assert made[1]["text"].nunique() > 1, "it looks at the picture"


def test_parts_make_the_whole(folder, photos, tmp_path):
    given, parts = entry(folder, photos), []
    for span in (range(0, 3), range(3, 8)):
        parts.append(str(tmp_path / f"{span.start}.parquet"))
        caption(given, "c", span, parts[-1])
    caption(given, "c", range(8), tmp_path / "all.parquet")
    whole = store.read_table(tmp_path / "all.parquet")
    joined = pd.concat([store.read_table(p) for p in parts], ignore_index=True)
    pd.testing.assert_frame_equal(joined, whole)
    different = whole["text"].nunique()
    table = inputs.make("prompts", given | {"parts": parts, "count": different}, "c")
    assert table["kind"].eq("dense").all() and len(table) == different
    assert table["text"].tolist() == whole["text"].drop_duplicates().tolist()
    assert table["prompt_id"].iloc[0] == "llava_0001" and table["line"].iloc[0] == 1
    with pytest.raises(ValueError, match=r"prompts\.c: \d different captions of 8 photos, not 9"):
        inputs.make("prompts", given | {"parts": parts, "count": 9}, "c")
    with pytest.raises(ValueError, match="no captions yet"):
        inputs.make("prompts", given, "c")


def test_question_and_length_count(folder, photos):
    pictures = np.random.default_rng(0).integers(0, 256, (2, 40, 40, 3), dtype=np.uint8)
    short = Captioner(str(folder), "Describe word1", most=2)(pictures)
    longer = Captioner(str(folder), "Describe word1", most=6)(pictures)
    other = Captioner(str(folder), "word30 word31 word32", most=6)(pictures)
    assert all(len(text.split()) <= 2 for text, _ in short)
    assert [t for t, _ in longer] != [t for t, _ in other]
    beams = Captioner(str(folder), "Describe word1", most=6, beams=3)(pictures)
    assert len(beams) == 2


def test_half_precision_is_transformers_own(folder):
    """Rounded to half precision, the angles that tell a token its place would be others."""
    from transformers import LlavaForConditionalGeneration

    place = Place(dtype=torch.bfloat16)
    ours = Captioner(str(folder), "Describe word1", place=place).model
    theirs = LlavaForConditionalGeneration.from_pretrained(folder, dtype=torch.bfloat16)
    found = dict(ours.named_buffers()) | dict(ours.named_parameters())
    wanted = dict(theirs.named_buffers()) | dict(theirs.named_parameters())
    angles = [name for name in wanted if "inv_freq" in name]
    assert angles and all(wanted[name].dtype == torch.float32 for name in angles)
    assert found.keys() == wanted.keys()
    for name, values in wanted.items():
        assert torch.equal(found[name], values) and found[name].dtype == values.dtype, name


@pytest.mark.parametrize(
    ("text", "complete", "tidied"),
    [
        (" A dog.\nIt runs ", True, "A dog. It runs"),
        ("A dog. It runs. And the", False, "A dog. It runs."),
        ("A dog that", False, "A dog that"),
    ],
)
def test_one_line_of_whole_sentences(text, complete, tidied):
    assert tidy(text, complete) == tidied


def test_another_model_s_folder_is_refused(photos, tmp_path):
    given = entry("resources/storybook/storybook-clip", photos)
    with pytest.raises(ValueError, match="a 'clip', not a 'llava'"):
        caption(given, "c", range(2), tmp_path / "x.parquet")
    assert not (tmp_path / "x.parquet").exists()


def test_the_plan_cuts_them_into_jobs():
    entries = config.load("config.yaml")
    entries["prompts"]["captions"] = {"kind": "llava", "count": 1000, "captions_per_job": 500}
    plan = Plan(config.complete(entries))
    spans = plan.photo_ranges("captions")
    assert [len(span) for span in spans.values()] == [500, 500, 200]
    parts = plan.located("prompts", "captions")["parts"]
    assert len(parts) == 3 and parts[0].endswith(
        "prompts/captions/captions/photos_0000-0499.parquet"
    )
