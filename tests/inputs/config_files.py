"""Config files that are no configs: encodings, YAML's oddities, what is no file at all."""

import os
from itertools import pairwise

from tests.inputs.case import cases, write


def _pipe(folder):
    os.mkfifo(folder / "pipe.yaml")
    return folder / "pipe.yaml"


def _loop(folder):
    (folder / "loop.yaml").symlink_to("loop.yaml")
    return folder / "loop.yaml"


def _folder(folder):
    return folder


def _link(folder):
    write(folder / "real.yaml", "run: a\n")
    (folder / "link.yaml").symlink_to("real.yaml")
    return folder / "link.yaml"


BOMB = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{b}: &{b} [{', '.join([f'*{a}'] * 10)}]\n" for a, b in pairwise("abcdefghi")
)

CASES = cases(
    "file",
    {
        "empty": ("", "bad.yaml: empty; give the keys"),
        "comments alone": ("# nothing\n", "bad.yaml: empty"),
        "list": ("- a\n", "bad.yaml: the top level is no mapping"),
        "scalar": ("run\n", "bad.yaml: the top level is no mapping"),
        "number": ("7\n", "bad.yaml: the top level is no mapping"),
        "null": ("null\n", "bad.yaml: the top level is no mapping"),
        "UTF-16": ("run: a\n".encode("utf-16"), "bad.yaml: UTF-16; save it as UTF-8"),
        "UTF-16 without a mark": ("run: a\n".encode("utf-16-le"), "bad.yaml: line 1: a NUL byte"),
        "UTF-32": ("run: a\n".encode("utf-32"), "bad.yaml: UTF-16; save it as UTF-8"),
        "latin-1": ("run: é\n".encode("latin-1"), "bad.yaml: line 1: not UTF-8"),
        "UTF-8 cut short": ("run: é".encode()[:-1], "bad.yaml: line 1: not UTF-8"),
        "overlong UTF-8": (b"run: \xc0\xae\n", "bad.yaml: line 1: not UTF-8"),
        "byte order mark": ("\ufeffrun: a\n",),
        "Windows line ends": ("run: a\r\nquality: {seed: 3}\r\n",),
        "NUL": (b"run: a\0b\n", "bad.yaml: line 1: a NUL byte"),
        "NUL escaped": ('run: "a\\0b"\n', "bad.yaml: line 1: run: 'a\\x00b' holds a character"),
        "surrogate": ('run: "\\ud800"\n', "bad.yaml: line 1: run: ", "holds a character"),
        "control character": ("run: \x01\n", "bad.yaml: line 1: the character '\\x01'"),
        "tab": ("quality:\n\tseed: 1\n", "bad.yaml: line 2: a tab in the indentation"),
        "tab after spaces": ("a:\n  b: 1\n  \tc: 2\n", "bad.yaml: line 3: a tab"),
        "open bracket": ("a: [1, 2\nb: 3\n", "bad.yaml: line 2: not YAML"),
        "open quote": ('run: "a\n', "bad.yaml: line ", "not YAML"),
        "bad indentation": ("a: 1\n  b: 2\n", "bad.yaml: line 2: not YAML"),
        "no blank after the colon": ("run:a\n", "bad.yaml: the top level is no mapping"),
        "two documents": ("a: 1\n---\nb: 2\n", "bad.yaml: line 2: not YAML", "another document"),
        "undefined alias": ("a: *b\n", "bad.yaml: line 1: not YAML", "undefined alias"),
        "python tag": (
            "run: !!python/object/apply:os.system [exit]\n",
            "bad.yaml: line 1: the tag 'tag:yaml.org,2002:python/object/apply:os.system'",
        ),
        "python name tag": ("run: !!python/name:os.system\n", "bad.yaml: line 1: the tag"),
        "tag of one's own": ("run: !env HOME\n", "bad.yaml: line 1: the tag '!env'"),
        "binary tag": ("run: !!binary aGk=\n", "bad.yaml: line 1: the tag"),
        "set tag": ("models: !!set {a, b}\n", "bad.yaml: line 1: the tag"),
        "key twice": ("run: a\nrun: b\n", "bad.yaml: line 2: run: given twice"),
        "section twice": (
            "good_seed: {trials: 3}\nquality: {seed: 1}\ngood_seed: {bootstrap: 20}\n",
            "bad.yaml: line 3: good_seed: given twice",
        ),
        "key twice deep": (
            "models:\n  storybook-sd: {steps: 3, steps: 4}\n",
            "bad.yaml: line 2: models.storybook-sd.steps: given twice",
        ),
        "key twice in two styles": ('"run": a\nrun: b\n', "bad.yaml: line 2: run: given twice"),
        "number as key": ("models: {7: {}}\n", "bad.yaml: line 1: models: the key 7 is not text"),
        "truth as key": ("no: 1\n", "bad.yaml: line 1: (top level): the key no is not text"),
        "null as key": ("~: 1\n", "bad.yaml: line 1: (top level): the key ~ is not text"),
        "list as key": ("? [a]\n: 1\n", "bad.yaml: line 1: (top level): the key a collection"),
        "merge key": ("a: &a {b: 1}\nc: {<<: *a}\n", "bad.yaml: line 2: c: a merge key"),
        "date": ("run: 2024-01-01\n", "bad.yaml: line 1: run: YAML reads 2024-01-01 as a date"),
        "date and time": ("run: 2001-12-14t21:59:43.10-05:00\n", "bad.yaml: line 1: run: YAML"),
        "NaN": ("a: {b: .nan}\n", "bad.yaml: line 1: a.b: .nan is not a finite number"),
        "infinity": ("a: [1, -.inf]\n", "bad.yaml: line 1: a.1: -.inf is not a finite number"),
        "float overflow": ("a: 1.0e+999\n", "bad.yaml: line 1: a: 1.0e+999 is not a finite"),
        "float overflow as text": ("a: 1e999\n", "bad.yaml: line 1: a: 1e999 is not a finite"),
        "5,000 digits": ("a: " + "9" * 5000 + "\n", "bad.yaml: line 1: a: 999", "cannot be read"),
        "equals sign": ("a: =\n", "bad.yaml: line 1: a: = cannot be read"),
        "yte": (
            '__use_yte__: true\nrun: ?__import__("os").system("exit")\n',
            "bad.yaml: line 1: __use_yte__: a template key",
        ),
        "yte definitions": ("a:\n  __definitions__: []\n", "bad.yaml: line 2: a.__definitions__"),
        "yte condition": ("a:\n  ?if True:\n    b: 1\n", "bad.yaml: line 2: a.?if True: a templ"),
        "alias of itself": ("a: &a [*a]\n", "bad.yaml: line 1: a.0.0: an alias that contains"),
        "alias bomb": (BOMB, "bad.yaml: line ", "an alias that contains itself or multiplies"),
        "deep": ("a: " + "[" * 60 + "]" * 60 + "\n", "bad.yaml: line 1: nested deeper than 50"),
        "very deep": ("a: " + "{b: " * 100_000, "bad.yaml: line 1: nested deeper than 50"),
        "large": ("# " + "x" * 2_000_000, "bad.yaml: 2,000,002 bytes, more than the 1,000,000"),
        "a picture": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "bad.yaml: line ", "UTF-8"),
        "JSON": ('{"run": "a", "quality": {"seed": 3}}\n',),
        "JSON with a comma too many": ('{"run": "a",, }\n', "bad.yaml: line 1: not YAML"),
        "pipe": (_pipe, "pipe.yaml: not a regular file"),
        "link to itself": (_loop, "loop.yaml: Too many levels of symbolic links"),
        "link to a file": (_link,),
        "folder": (_folder, ": a folder, not a file"),
        "missing": (lambda folder: folder / "gone.yaml", "gone.yaml: No such file or directory"),
        "device": (lambda _: "/dev/zero", "/dev/zero: not a regular file"),
        "name with a line end": (lambda folder: folder / "a\nb", "a\\nb': No such file"),
        "name with a NUL": (lambda folder: f"{folder}/a\0b", "a\\x00b': embedded null byte"),
        "name too long": (lambda folder: folder / ("a" * 300), ": File name too long"),
    },
)
