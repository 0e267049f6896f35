"""Prompt sources, tables and splits: what they accept, and what they say if not."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from seedbed.prompts import lines, parti, splits, synthetic, table
from seedbed.prompts.survey import survey_prompts
from seedbed.prompts.table import PromptError

ROOT = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("SEEDBED_SHARED") or ROOT.parent / "shared" / "data")
PARTI = SHARED / "prompts" / "PartiPrompts.tsv"
PARTI_SHA256_START = "fab29e41bb51"

MADE_UP = [
    "Prompt\tCategory\tChallenge\tNote",
    "tide\tAbstract\tBasic\tA word of the sea",
    '"S L O W" painted on a road\tOutdoor Scenes\tWriting & Symbols\t',
    " a lighthouse made of salt. \tArtifacts\tImagination\t",
    "a fox  beside a ladder\tAnimals\tSimple Detail\t",
    "ein Löwe, “brüllend”\tAnimals\tBasic\t",
]


@pytest.fixture(params=["made up", "real"])
def parti_lines(request):
    """The lines of a sound PartiPrompts file: a small one of our own, and the published one."""
    if request.param == "made up":
        return list(MADE_UP)
    if not PARTI.exists():
        pytest.skip(f"{PARTI} is not there; set SEEDBED_SHARED to the folder of shared data")
    return PARTI.read_text(encoding="utf-8").removesuffix("\n").split("\n")


def write(path, rows, end="\n"):
    pieces = [row if isinstance(row, bytes) else row.encode() for row in rows]
    path.write_bytes(b"".join(piece + end.encode() for piece in pieces))
    return path


def refusal(function, *args, **kwargs):
    """The message of the PromptError that a call raises; always a single line."""
    with pytest.raises(PromptError) as caught:
        function(*args, **kwargs)
    message = str(caught.value)
    assert message == " ".join(message.split("\n")) and len(message) > 20
    return message


def frame_of(count, prefix="lines"):
    return table.make(
        [f"{prefix} thing {number}" for number in range(count)], "lines", "made up", prefix=prefix
    )


# The table


def test_make_gives_the_columns_and_survives_parquet(tmp_path):
    frame = table.make([" a cat ", "a dog"], "dense", "captions", lines=[3, 9])
    assert tuple(frame.columns) == table.COLUMNS
    assert frame["prompt_id"].tolist() == ["dense_0001", "dense_0002"]
    assert frame["text"].tolist() == ["a cat", "a dog"]
    assert frame["line"].tolist() == [3, 9]
    assert set(frame["split"]) == set(frame["object"]) == {""}
    frame.to_parquet(tmp_path / "prompts.parquet")
    pd.testing.assert_frame_equal(table.read(tmp_path / "prompts.parquet"), frame)


@pytest.mark.parametrize(
    ("column", "values", "expected"),
    [
        ("text", ["a", "", "c"], "line 12: the prompt is empty"),
        ("text", ["a", "  ", "c"], "line 12: the prompt is empty"),
        ("text", ["a", " b", "c"], "line 12: the prompt ' b' begins or ends in blanks"),
        ("text", ["A  cat", "b", "a cat"], "line 13: the prompt 'a cat' repeats line 11"),
        ("text", ["a", "b", 3], "line 13: column 'text' holds 3, not a string"),
        ("text", ["a", None, "c"], "line 12: column 'text' holds "),
        ("category", ["", "", float("nan")], "line 13: column 'category' holds nan"),
        ("prompt_id", ["x", "y", "x"], "line 13: prompt_id 'x' is taken by line 11"),
        ("prompt_id", ["x", "", "z"], "line 12: prompt_id is empty"),
        ("kind", ["lines", "lnes", "lines"], "line 12: unknown kind 'lnes'; use one of dense"),
        ("line", [1.0, 2.0, 3.0], "column 'line' is float64, not whole numbers"),
    ],
)
def test_check_names_file_line_and_fault(column, values, expected):
    frame = frame_of(3).assign(line=[11, 12, 13])
    frame[column] = pd.Series(values, dtype=object if column != "line" else None)
    message = refusal(table.check, frame, "mine.txt")
    assert message.startswith(f"mine.txt: {expected}")


def test_check_wants_every_column_and_a_row():
    frame = frame_of(2)
    assert "no column 'category'" in refusal(table.check, frame.drop(columns="category"), "f")
    assert refusal(table.check, frame.iloc[:0], "f").startswith("f: holds no prompts")
    extra = frame.assign(image_id=[7, 8])
    assert table.check(extra, "f") is extra


def test_repeats_are_found_even_where_rows_share_a_line():
    frame = frame_of(2).assign(line=[5, 5], text=["same", "same"])
    assert "line 5: the prompt 'same' repeats line 5" in refusal(table.check, frame, "f")


def test_read_refuses_what_is_no_prompt_table(tmp_path):
    assert "missing.parquet: cannot be read" in refusal(table.read, tmp_path / "missing.parquet")
    broken = write(tmp_path / "broken.parquet", ["not Parquet"])
    assert "broken.parquet: cannot be read as a Parquet table" in refusal(table.read, broken)
    pd.DataFrame({"text": ["a"]}).to_parquet(tmp_path / "other.parquet")
    assert "no column 'prompt_id'" in refusal(table.read, tmp_path / "other.parquet")


# PartiPrompts


def test_published_parti_file():
    if not PARTI.exists():
        pytest.skip(f"{PARTI} is not there; set SEEDBED_SHARED to the folder of shared data")
    digest = hashlib.sha256(PARTI.read_bytes()).hexdigest()
    assert digest.startswith(PARTI_SHA256_START)
    frame = parti.parse(PARTI)
    assert len(frame) == frame["text"].nunique() == frame["prompt_id"].nunique() == 1632
    assert frame["category"].nunique() == 12
    assert frame["line"].tolist() == list(range(2, 1634))
    first, last = frame.iloc[0], frame.iloc[-1]
    assert (first["prompt_id"], first["text"], first["category"]) == (
        "parti_0001",
        "bond",
        "Abstract",
    )
    assert (last["prompt_id"], last["category"]) == ("parti_1632", "Artifacts")
    quoted = frame.loc[frame["line"] == 1562, "text"].item()
    assert quoted.startswith('"G I G G L E" painted')


def test_parti_keeps_every_row(tmp_path, parti_lines):
    frame = parti.parse(write(tmp_path / "p.tsv", parti_lines))
    expected = [row.split("\t")[0].strip() for row in parti_lines[1:]]
    assert frame["text"].tolist() == expected
    assert set(frame["kind"]) == {"parti"}
    for other in (
        write(tmp_path / "crlf.tsv", parti_lines, end="\r\n"),
        write(tmp_path / "bom.tsv", [b"\xef\xbb\xbf" + parti_lines[0].encode(), *parti_lines[1:]]),
    ):
        pd.testing.assert_frame_equal(parti.parse(other), frame)


def bad_byte(rows):
    rows[3] = rows[3].encode().replace(b" ", b"\xe9", 1)
    return "line 4: byte 0xe9 is not UTF-8"


def missing_field(rows):
    rows[2] = rows[2].rsplit("\t", 1)[0]
    return "line 3: 3 fields instead of 4"


def extra_field(rows):
    rows[2] += "\t"
    return "line 3: 5 fields instead of 4"


def repeated_prompt(rows):
    rows[-1] = rows[1]
    return f"line {len(rows)}: the prompt {rows[1].split(chr(9))[0]!r} repeats line 2"


def empty_prompt(rows):
    rows[4] = " \tAnimals\tBasic\t"
    return "line 5: the prompt is empty"


def empty_category(rows):
    rows[4] = "a swan\t\tBasic\t"
    return "line 5: the Category is empty"


def blank_line(rows):
    rows.insert(5, "")
    return "line 6: 1 fields instead of 4"


def wrong_header(rows):
    rows[0] = "Prompt,Category,Challenge,Note"
    return "line 1: the header is 'Prompt,Category,Challenge,Note', not Prompt <tab>"


def no_header(rows):
    del rows[0]
    return "line 1: the header is "


def header_only(rows):
    del rows[1:]
    return "no prompts below the header"


def nothing(rows):
    rows.clear()
    return "the file is empty"


@pytest.mark.parametrize(
    "breakage",
    [
        bad_byte,
        missing_field,
        extra_field,
        repeated_prompt,
        empty_prompt,
        empty_category,
        blank_line,
        wrong_header,
        no_header,
        header_only,
        nothing,
    ],
    ids=lambda breakage: breakage.__name__,
)
def test_broken_parti_file_is_named_with_its_line(tmp_path, parti_lines, breakage):
    expected = breakage(parti_lines)
    path = write(tmp_path / "broken.tsv", parti_lines)
    assert refusal(parti.parse, path).startswith(f"{path}: {expected}")


# Plain lines


def test_lines_are_prompts(tmp_path):
    path = write(tmp_path / "captions.txt", ["A dog sleeps.", " a cat, awake "])
    frame = lines.parse(path, kind="dense")
    assert frame["prompt_id"].tolist() == ["dense_0001", "dense_0002"]
    assert frame["text"].tolist() == ["A dog sleeps.", "a cat, awake"]
    assert frame["line"].tolist() == [1, 2]
    path.write_text("no line end", encoding="utf-8")
    assert lines.parse(path)["text"].tolist() == ["no line end"]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (["a", "", "b"], "line 2: the prompt is empty"),
        (["a", "b", ""], "line 3: the prompt is empty"),
        (["a", "b", "A "], "line 3: the prompt 'A' repeats line 1"),
        (["a", b"caf\xe9"], "line 2: byte 0xe9 is not UTF-8"),
        (["a", "b\rc"], "line 2: a stray carriage return"),
        ([], "the file is empty"),
    ],
)
def test_broken_lines_are_named(tmp_path, rows, expected):
    path = write(tmp_path / "captions.txt", rows)
    assert refusal(lines.parse, path).startswith(f"{path}: {expected}")


def test_lines_name_a_missing_file_and_an_unknown_kind(tmp_path):
    message = refusal(lines.parse, tmp_path / "gone.txt")
    assert message.startswith(f"{tmp_path / 'gone.txt'}: cannot be read (No such file")
    path = write(tmp_path / "captions.txt", ["a"])
    assert "unknown kind 'llava'" in refusal(lines.parse, path, kind="llava")


# Synthetic prompts


def test_shipped_words_make_880_prompts():
    objects = synthetic.read_words(ROOT / "resources" / "words" / "objects.txt")
    modifiers = synthetic.read_words(ROOT / "resources" / "words" / "modifiers.txt")
    assert (len(objects), len(modifiers)) == (40, 21)
    assert {"horse", "bowl"} <= set(objects)
    assert {"pale", "round"} <= set(modifiers)
    frame = synthetic.combine(objects, modifiers)
    assert len(frame) == frame["text"].nunique() == 880
    assert frame.groupby("object").size().eq(22).all()
    assert frame.groupby("modifier").size().eq(40).all()
    assert {"a pale horse", "a round bowl", "an apple", "a red apple"} <= set(frame["text"])
    assert set(frame["line"]) == {-1}
    assert frame["prompt_id"].iloc[[0, -1]].tolist() == ["synthetic_0001", "synthetic_0880"]


def test_combine_order_and_articles():
    frame = synthetic.combine(["apple", "cup"], ["red", "orange"])
    assert frame["text"].tolist() == [
        "an apple",
        "a red apple",
        "an orange apple",
        "a cup",
        "a red cup",
        "an orange cup",
    ]
    assert frame["modifier"].tolist() == ["", "red", "orange"] * 2
    assert synthetic.combine(["cup"], ["red"], with_empty=False)["text"].tolist() == ["a red cup"]


@pytest.mark.parametrize(
    "phrase",
    [
        *("an umbrella", "an old car", "an hourglass", "an honest dog", "an unusual cup"),
        *("an uninteresting bowl", "an onion", "an Apple"),
        *("a used car", "a unicorn", "a uniform", "a European bus", "a one-eyed cat", "a horse"),
    ],
)
def test_article_follows_the_sound(phrase):
    article, rest = phrase.split(" ", 1)
    assert synthetic.article(rest) == article


@pytest.mark.parametrize(
    ("objects", "modifiers", "expected"),
    [
        (["cup", "Cup"], ["red"], "'cup' comes twice among the objects"),
        (["cup"], ["red", "red"], "'red' comes twice among the modifiers"),
        (["cup"], [""], "'' comes twice among the modifiers"),
        (["cup", ""], ["red"], "an object is empty"),
        ([], ["red"], "no objects"),
    ],
)
def test_combine_refuses(objects, modifiers, expected):
    assert f"synthetic prompts: {expected}" in refusal(synthetic.combine, objects, modifiers)


def test_read_words_skips_comments_and_keeps_case(tmp_path):
    rows = ["# animals", "horse  # named in the paper", "T-rex", "wine glass"]
    path = write(tmp_path / "words.txt", rows)
    assert synthetic.read_words(path) == ["horse", "T-rex", "wine glass"]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (["horse", "bowl", "Horse"], "line 3: the word 'Horse' repeats line 1"),
        (["horse", "", "bowl"], "line 2: nothing on it"),
        (["horse, bowl"], "line 1: 'horse, bowl' is not one word"),
        (["horse", b"\xff"], "line 2: byte 0xff is not UTF-8"),
        (["# nothing yet"], "holds no words"),
    ],
)
def test_broken_word_list_is_named_with_its_line(tmp_path, rows, expected):
    path = write(tmp_path / "words.txt", rows)
    assert refusal(synthetic.read_words, path).startswith(f"{path}: {expected}")


# Splits

SIZES = {"set1": 20, "set2": 20, "test": 40}
SPANS = {
    "set1": {"start": 0, "stop": 20},
    "set2": {"start": 20, "stop": 40},
    "test": {"start": 60, "stop": 100},
}


def members(frame, name):
    return set(frame.loc[frame["split"] == name, "prompt_id"])


def test_splits_are_disjoint_and_of_the_sizes_asked_for():
    frame = frame_of(110)
    drawn = splits.split(frame, SPANS, seed=7)
    assert drawn["split"].value_counts().to_dict() == {**SIZES, "": 30}
    pd.testing.assert_frame_equal(drawn.assign(split=frame["split"]), frame)
    splits.assert_disjoint(*(drawn[drawn["split"] == name] for name in SPANS))
    table.check(drawn, "drawn")


def test_splits_depend_on_the_seed_and_their_own_span_alone():
    frame = frame_of(110)
    drawn = splits.split(frame, SPANS, seed=7)
    shuffled = splits.split(frame.sample(frac=1, random_state=3), SPANS, seed=7)
    more = splits.split(drawn, {"spare": {"start": 40, "stop": 60}, **SPANS}, seed=7)
    other = splits.split(frame, SPANS, seed=8)
    pd.testing.assert_frame_equal(splits.split(frame, SPANS, seed=7), drawn)
    pd.testing.assert_frame_equal(shuffled.sort_index(), drawn)
    for name in SPANS:
        assert members(splits.split(frame, {name: SPANS[name]}, seed=7), name) == members(
            drawn, name
        )
        assert members(more, name) == members(drawn, name)
        assert members(other, name) != members(drawn, name)


def test_split_draw_is_pinned():
    spans = {"set1": {"start": 0, "stop": 3}, "test": {"start": 3, "stop": 5}}
    drawn = splits.split(frame_of(10), spans, seed=0)
    numbers = {name: sorted(int(i[-2:]) for i in members(drawn, name)) for name in spans}
    assert numbers == {"set1": [3, 5, 7], "test": [4, 8]}


def test_splits_refuse_too_few_prompts_and_bad_spans():
    message = refusal(splits.split, frame_of(70), SPANS, seed=0)
    assert message.startswith("split test: reaches up to 100, the table has 70 prompts")
    for name, start, stop in (("a", -1, 3), ("a", 0, 2.5), ("", 0, 3), ("a", False, True)):
        spans = {name: {"start": start, "stop": stop}}
        assert "a name and whole numbers from 0" in refusal(splits.split, frame_of(9), spans, 0)


def test_splits_refuse_what_overlaps_or_is_empty():
    spans = SPANS | {"test": {"start": 39, "stop": 60}}
    message = refusal(splits.split, frame_of(70), spans, seed=0)
    assert message.startswith("split test: overlaps set2; golden seeds must not be chosen and")
    spans = SPANS | {"set1": {"start": 5, "stop": 5}}
    message = refusal(splits.split, frame_of(100), spans, seed=0)
    assert message == "split set1: empty range, stop 5 must be above start 5; raise it"


def test_assert_disjoint_sees_through_case_and_spacing():
    first, second, third = (frame_of(3, prefix) for prefix in ("a", "b", "c"))
    splits.assert_disjoint(first, second, third)
    third.loc[1, "text"] = "A  Thing 2"
    message = refusal(splits.assert_disjoint, first, second, third)
    assert "'A  Thing 2' is in table 1 (a_0003) and in table 3 (c_0002)" in message
    second.loc[0, "prompt_id"] = "a_0002"
    message = refusal(splits.assert_disjoint, first, second)
    assert "prompt_id 'a_0002' is in table 1 and in table 2" in message


def test_overlaps_names_every_key_at_fault():
    def faults(**ends):
        spans = {name: {"start": start, "stop": stop} for name, (start, stop) in ends.items()}
        return [line.split(";")[0] for line in splits.overlaps(spans)]

    assert faults() == faults(choose=(0, 64), judge=(64, 128)) == []
    assert faults(judge=(50, 100), choose=(0, 64)) == ["choose: overlaps judge"]
    assert faults(all=(0, 100), few=(10, 20), far=(200, 300)) == ["few: overlaps all"]
    assert faults(a=(0, 10), b=(9, 20), c=(0, 20)) == [
        "b: overlaps a",
        "c: overlaps a",
        "c: overlaps b",
    ]
    assert faults(a=(5, 5), b=(0, 10), c=(9, 3)) == [
        "a: empty range, stop 5 must be above start 5",
        "c: empty range, stop 3 must be above start 9",
    ]


# The house


def test_modules_import_neither_snakemake_nor_torch_nor_storybook():
    code = (
        "import sys; from seedbed.prompts import lines, parti, splits, synthetic, table\n"
        "bad = {'snakemake', 'torch', 'seedbed.storybook'} & set(sys.modules)\n"
        "sys.exit(f'imported: {bad}' if bad else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


# A survey


def test_a_survey_spreads_over_objects_and_modifiers():
    words = synthetic.combine(list("abcdefg"), list("uvwxyz"))
    found = survey_prompts(words, 3, 2)
    assert list(dict.fromkeys(found["object"])) == ["a", "d", "g"]
    assert list(dict.fromkeys(found["modifier"])) == ["", "z"]
    assert len(found) == 6 and found.index.tolist() == list(range(6))
    assert len(survey_prompts(words, 7, 7)) == 49


def test_a_survey_of_prompts_without_objects_takes_the_first():
    made = table.make([f"p {i}" for i in range(9)], "lines", "here")
    assert survey_prompts(made, 2, 3)["text"].tolist() == [f"p {i}" for i in range(6)]


def test_a_survey_beyond_its_set_is_refused():
    words = synthetic.combine(["a", "b"], ["u"])
    with pytest.raises(PromptError, match="asks for 3 objects and the prompt set has 2; lower"):
        survey_prompts(words, 3, 1)
    with pytest.raises(PromptError, match="asks for 4 prompts and the prompt set has 1; lower"):
        survey_prompts(table.make(["p"], "lines", "here"), 2, 2)
