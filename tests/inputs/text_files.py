"""Prompt files, word lists and scenes: lines, tables by tabs, JSON."""

import hashlib
import json
import os

from tests.inputs.case import cases, write

GOOD = "Prompt\tCategory\tChallenge\tNote\na cat\tAnimals\tBasic\t\na dog\tAnimals\tBasic\t\n"


def lines(data, name="mine.txt"):
    """A text file with one prompt a line."""
    return lambda folder: ("prompts", {"kind": "lines", "path": str(write(folder / name, data))})


def at(make):
    """A path that something else than a file is made at."""

    def given(folder):
        path = folder / "mine.txt"
        make(path)
        return "prompts", {"kind": "lines", "path": str(path)}

    return given


def parti(data, sha256=None):
    """A local PartiPrompts file, whose digest the config has right unless another is given."""
    raw = data if isinstance(data, bytes) else data.encode("utf-8")
    digest = sha256 or hashlib.sha256(raw).hexdigest()

    def given(folder):
        path = write(folder / "mine.tsv", raw)
        return "prompts", {"kind": "parti", "local": str(path), "sha256": digest}

    return given


def parti_at(make):
    """A local PartiPrompts path that something else than a file is made at."""

    def given(folder):
        path = folder / "mine.tsv"
        make(path)
        return "prompts", {"kind": "parti", "local": str(path)}

    return given


def words(objects, modifiers="red\n"):
    """Word lists for synthetic prompts."""

    def given(folder):
        paths = [write(folder / f"{n}.txt", w) for n, w in (("o", objects), ("m", modifiers))]
        entry = {"objects": str(paths[0]), "modifiers": str(paths[1])}
        return "prompts", {"kind": "synthetic", **entry}

    return given


def _sparse(path):
    with path.open("wb") as file:
        file.truncate(300 * 2**20)


HEAD = "prompts.mine: "
ROW = GOOD.split("\n")[1]

PROMPTS = cases(
    "prompts",
    {
        "one prompt": (lines("a cat\n"),),
        "Windows line ends": (lines("a cat\r\na dog\r\n"),),
        "byte order mark": (lines("\ufeffa cat\na dog\n"),),
        "no final line end": (lines("a cat\na dog"),),
        "empty": (lines(""), HEAD, "mine.txt: the file is empty; fill it"),
        "a line end alone": (lines("\n"), HEAD, "mine.txt: line 1: the prompt is empty"),
        "blank line": (lines("a cat\n\na dog\n"), HEAD, "mine.txt: line 2: the prompt is empty"),
        "line of blanks": (lines("a cat\n   \n"), HEAD, "mine.txt: line 2: the prompt is empty"),
        "line of wide blanks": (lines("a cat\n\u3000\n"), HEAD, "line 2: the prompt is empty"),
        "prompt twice": (lines("a cat\na dog\na cat\n"), HEAD, "line 3", "repeats line 1"),
        "prompt twice but for case": (lines("a cat\nA Cat\n"), HEAD, "line 2", "repeats line 1"),
        "prompt twice but for blanks": (lines("a cat\na  cat\n"), HEAD, "line 2", "repeats line 1"),
        "NUL": (lines(b"a cat\na\0dog\n"), HEAD, "mine.txt: line 2", "null character"),
        "escape": (lines("a \x1b[31mcat\n"), HEAD, "mine.txt: line 1: the control character"),
        "bell": (lines("a cat\a\n"), HEAD, "mine.txt: line 1: the control character"),
        "latin-1": (lines("a café\n".encode("latin-1")), HEAD, "line 1: byte 0xe9 is not UTF-8"),
        "UTF-16": (lines("a cat\n".encode("utf-16")), HEAD, "mine.txt: UTF-16; save the file"),
        "UTF-16 without a mark": (lines("a cat\n".encode("utf-16-le")), HEAD, "line 1: a stray"),
        "old Mac line ends": (lines("a cat\ra dog\r"), HEAD, "line 1: a stray carriage return"),
        "a line of 10 MB": (lines("x" * 10**7), HEAD, "line 1: the prompt has 10,000,000 charact"),
        "a sparse file of 300 MB": (at(_sparse), HEAD, "314,572,800 bytes, more than the"),
        "missing": (at(lambda _: None), HEAD, "mine.txt: cannot be read (No such file"),
        "folder": (
            at(lambda p: p.mkdir()),
            HEAD,
            "mine.txt: cannot be read (a folder, not a file)",
        ),
        "pipe": (at(os.mkfifo), HEAD, "mine.txt: cannot be read (not a regular file)"),
        "link to itself": (at(lambda p: p.symlink_to(p)), HEAD, "Too many levels of symbolic"),
        "link to nothing": (at(lambda p: p.symlink_to("gone")), HEAD, "No such file or directory"),
        "link to a device": (at(lambda p: p.symlink_to("/dev/zero")), HEAD, "not a regular file"),
        "link to a terminal": (at(lambda p: p.symlink_to("/dev/tty")), HEAD, "mine.txt: cannot be"),
        "picture": (lines(b"\x89PNG\r\n\x1a\n\0"), HEAD, "line 1: byte 0x89 is not UTF-8"),
        "PartiPrompts sound": (parti(GOOD),),
        "PartiPrompts empty": (parti(""), HEAD, "mine.tsv: the file is empty"),
        "PartiPrompts header alone": (
            parti("Prompt\tCategory\tChallenge\tNote\n"),
            HEAD,
            "no prom",
        ),
        "PartiPrompts without header": (parti(ROW + "\n"), HEAD, "mine.tsv: line 1: the header is"),
        "PartiPrompts with commas": (parti(GOOD.replace("\t", ",")), HEAD, "line 1: the header is"),
        "PartiPrompts a field too few": (parti(GOOD + "x\ty\n"), HEAD, "line 4: 2 fields instead"),
        "PartiPrompts a field too many": (parti(GOOD + "x\ty\t\t\t\n"), HEAD, "line 4: 5 fields"),
        "PartiPrompts empty prompt": (
            parti(GOOD + " \ty\tz\t\n"),
            HEAD,
            "line 4: the prompt is emp",
        ),
        "PartiPrompts empty category": (
            parti(GOOD + "x\t\tz\t\n"),
            HEAD,
            "line 4: the Category is",
        ),
        "PartiPrompts twice": (parti(GOOD + ROW + "\n"), HEAD, "line 4", "repeats line 2"),
        "PartiPrompts latin-1": (
            parti((GOOD + "é\ty\tz\t\n").encode("latin-1")),
            HEAD,
            "mine.tsv: line 4: byte 0xe9 is not UTF-8",
        ),
        "PartiPrompts NUL": (parti(GOOD + "x\0\ty\tz\t\n"), HEAD, "mine.tsv: line 4: a stray"),
        "PartiPrompts of another digest": (
            parti(GOOD, "0" * 64),
            "prompts.mine",
            "mine.tsv: sha256 is",
            "expected 000",
            "prompts.mine.local",
        ),
        "PartiPrompts missing": (parti_at(lambda _: None), HEAD, "mine.tsv: cannot be read (No su"),
        "PartiPrompts a pipe": (parti_at(os.mkfifo), HEAD, "mine.tsv: cannot be read (not a regu"),
        "PartiPrompts a folder": (parti_at(lambda p: p.mkdir()), HEAD, "a folder, not a file"),
        "words sound": (words("cat\ndog\n"),),
        "words empty": (words(""), HEAD, "o.txt: the file is empty"),
        "words all comments": (words("# none\n"), HEAD, "o.txt: holds no words; write one"),
        "words with a blank line": (words("cat\n\ndog\n"), HEAD, "o.txt: line 2: nothing on it"),
        "word twice": (words("cat\nCat\n"), HEAD, "o.txt: line 2: the word 'Cat' repeats line 1"),
        "two words with a comma": (
            words("cat, dog\n"),
            HEAD,
            "o.txt: line 1: 'cat, dog' is not one",
        ),
        "modifiers empty": (words("cat\n", ""), HEAD, "m.txt: the file is empty"),
        "words by the million": (
            words(
                "".join(
                    f"cat{chr(97 + i // 676)}{chr(97 + i // 26 % 26)}{chr(97 + i % 26)}\n"
                    for i in range(2000)
                ),
                "".join(
                    f"red{chr(97 + i // 676)}{chr(97 + i // 26 % 26)}{chr(97 + i % 26)}\n"
                    for i in range(2000)
                ),
            ),
            HEAD,
            "2,000 objects with 2,001 modifiers are more than 1,000,000 prompts",
        ),
    },
)

FIGURE = {
    "figure": 4,
    "prompts": [{"caption": "a cat and a dog", "objects": ["cat", "dog"]}],
    "layouts": [[[0.0, 0.0, 0.5, 0.5], [0.5, 0.5, 1.0, 1.0]]],
    "seeds": [0, 1],
}


def figure(**values):
    """The text of a scenes file with one figure, some of its values replaced."""
    return json.dumps([FIGURE | values])


def box(*numbers):
    """A scenes file whose second box is this one."""
    return figure(layouts=[[[0.0, 0.0, 0.5, 0.5], list(numbers)]])


def _pipe(folder):
    os.mkfifo(folder / "scenes.json")
    return folder / "scenes.json"


FILE = "scenes.json: "
SCENES = cases(
    "scenes",
    {
        "sound": (figure(),),
        "byte order mark": ("\ufeff" + figure(),),
        "empty": ("", FILE, "cannot be read as JSON (not JSON"),
        "empty list": ("[]", FILE, "no list of figures"),
        "table": ('{"figures": []}', FILE, "no list of figures"),
        "null": ("null", FILE, "no list of figures"),
        "truncated": (figure()[:-9], FILE, "cannot be read as JSON (not JSON"),
        "not JSON": ("figure: 4\n", FILE, "cannot be read as JSON (not JSON"),
        "latin-1": (figure().replace("cat", "chaté").encode("latin-1") + b"\xe9", FILE, "not JSON"),
        "deep": ("[" * 200_000, FILE, "nested too deep"),
        "NaN": (figure().replace("0.5", "NaN", 1), FILE, "NaN is not a finite number"),
        "5,000 digits": (figure().replace("[0, 1]", "[" + "9" * 5000 + "]"), FILE, "not JSON"),
        "missing": (lambda folder: folder / "scenes.json", FILE, "No such file or directory"),
        "folder": (lambda folder: folder, "cannot be read as JSON (a folder, not a file)"),
        "pipe": (_pipe, FILE, "not a regular file"),
        "figure a text": ('["a"]', FILE, "figure 1: needs figure, layouts, prompts, seeds"),
        "figure without objects": (
            figure(prompts=[{"caption": "a cat and a dog"}]),
            FILE,
            "figure 1 (4): a prompt needs a caption (text) and objects",
        ),
        "figure without seeds": (
            json.dumps([{k: v for k, v in FIGURE.items() if k != "seeds"}]),
            FILE,
            "figure 1 (4): needs figure, layouts, prompts, seeds",
        ),
        "figure with a key too many": (figure(title="x"), FILE, "figure 1 (4): needs figure"),
        "figure twice": (json.dumps([FIGURE, FIGURE]), FILE, "figure 4: given twice"),
        "figure without a name": (figure(figure=None), FILE, "figure 1: its name None"),
        "prompts a text": (figure(prompts="a cat"), FILE, "figure 1 (4): prompts is no list"),
        "prompts empty": (figure(prompts=[]), FILE, "figure 1 (4): prompts is no list"),
        "seeds empty": (figure(seeds=[]), FILE, "figure 1 (4): seeds is no list"),
        "seed negative": (figure(seeds=[-1]), FILE, "figure 1 (4): the seed -1 is no whole"),
        "seed a float": (figure(seeds=[1.5]), FILE, "figure 1 (4): the seed 1.5 is no whole"),
        "seed a text": (figure(seeds=["1"]), FILE, "figure 1 (4): the seed '1' is no whole"),
        "seed true": (figure(seeds=[True]), FILE, "figure 1 (4): the seed True is no whole"),
        "seed of 20 digits": (figure(seeds=[10**19]), FILE, "figure 1 (4): the seed 1000"),
        "object not in the caption": (
            figure(prompts=[{"caption": "a cat", "objects": ["cat", "dog"]}]),
            FILE,
            "figure 4, row 0: the caption 'a cat' does not name 'dog'",
        ),
        "one object": (
            figure(prompts=[{"caption": "a cat", "objects": ["cat"]}], layouts=[[[0, 0, 1, 1]]]),
            FILE,
            "figure 4, row 0: tickets are scored in pairs",
        ),
        "boxes too few": (figure(layouts=[[[0, 0, 1, 1]]]), FILE, "2 objects, but 1 boxes"),
        "box outside": (box(0.5, 0.5, 1.5, 1.0), FILE, "layout 'fig4_0_0': the box"),
        "box negative": (box(-0.5, 0.5, 1.0, 1.0), FILE, "layout 'fig4_0_0': the box"),
        "box without area": (box(0.5, 0.5, 0.5, 1.0), FILE, "layout 'fig4_0_0': the box"),
        "box in pixels": (box(100, 100, 300, 300), FILE, "a layout is a list of boxes"),
        "box of three": (box(0.5, 0.5, 1.0), FILE, "a layout is a list of boxes"),
        "box of texts": (box("0", "0", "1", "1"), FILE, "a layout is a list of boxes"),
        "box of 10**400": (box(0, 0, 1, 10**400), FILE, "a layout is a list of boxes"),
        "a million pictures": (figure(seeds=list(range(20_000))), FILE, "more than 10,000 pict"),
    },
)

CASES = [*PROMPTS, *SCENES]
