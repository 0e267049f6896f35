"""Read a config file strictly: it is data, every key once, every number a number.

YAML allows much that a config never means: a key given twice (the last one wins), ``no`` as a key,
tags that build Python objects, aliases that multiply. Each is refused in one line that names the
file, the place and the key.
"""

from __future__ import annotations

import math
import re
from pathlib import Path

import yaml

from seedbed import outside
from seedbed.config.messages import ConfigError, dotted, shown

MAX_DEPTH = 50
MAX_BYTES = 1_000_000
MAX_VALUES = 50_000
_TAG = "tag:yaml.org,2002:"
_EXPONENT = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)[eE][-+]?\d+")
_TAB = re.compile(r"^ *\t[ \t]*\S", re.MULTILINE)


class _Fault(Exception):
    """What is wrong with the file, without its name."""


def load(path: str | Path) -> dict:
    """The mapping that a config file holds.

    Args:
        path: a YAML (or JSON) file.

    Raises:
        ConfigError: in one line, what is wrong with the file, and at which key.
    """
    try:
        text = _text(Path(path))
        node = _node(text)
        if node is None:
            raise _Fault("empty; give the keys of a config")
        if not isinstance(node, yaml.MappingNode):
            raise _Fault("the top level is no mapping; write keys with values")
        return _Reader().value(node, ())
    except _Fault as fault:
        raise ConfigError(f"{shown(path)}: {fault}") from None


def _text(path: Path) -> str:
    try:
        data = outside.read(path, MAX_BYTES)
    except outside.OutsideError as fault:
        raise _Fault(f"{fault}; name a config file that can be read") from None
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _Fault("UTF-16; save it as UTF-8")
    if b"\0" in data:
        line = data[: data.index(b"\0")].count(b"\n") + 1
        raise _Fault(f"line {line}: a NUL byte; save it as UTF-8 text")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise _Fault(f"line {line}: not UTF-8; save it as UTF-8") from None
    if tab := _TAB.search(text):
        line = text[: tab.start()].count("\n") + 1
        raise _Fault(f"line {line}: a tab in the indentation; use spaces")
    return text


def _node(text: str) -> yaml.Node | None:
    """The file's tree; nothing of it is built yet."""
    try:
        # Events come one by one, however deep the nesting; composing is recursive.
        depth = 0
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            line = event.start_mark.line + 1
            if getattr(event, "tag", None) is not None:
                raise _Fault(f"line {line}: the tag {event.tag!r}; configs are data, remove it")
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            if depth > MAX_DEPTH:
                raise _Fault(f"line {line}: nested deeper than {MAX_DEPTH}; write it flatter")
        return yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"line {mark.line + 1}: " if mark else ""
        reason = _joined(error.problem or error.context)
        raise _Fault(f"{where}not YAML: {reason}; correct it") from None
    except yaml.reader.ReaderError as error:
        line = text[: error.position].count("\n") + 1
        raise _Fault(f"line {line}: the character {chr(error.character)!r}; remove it") from None


def _joined(text: object) -> str:
    return " ".join(str(text).split())


class _Reader:
    """Builds plain data from a tree, and refuses what a config cannot mean."""

    def __init__(self) -> None:
        self.count = 0
        self.scalars = yaml.constructor.SafeConstructor()

    def value(self, node: yaml.Node, path: tuple) -> object:
        """What a node stands for; an alias is built anew wherever it is used."""
        self.count += 1
        if self.count > MAX_VALUES or len(path) > MAX_DEPTH:
            problem = "an alias that contains itself or multiplies; write the values out"
            raise _Fault(f"{_place(node, path[:3])}: {problem}")
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(entry, (*path, i)) for i, entry in enumerate(node.value)]
        return self._scalar(node, path)

    def _mapping(self, node: yaml.MappingNode, path: tuple) -> dict:
        table: dict[str, object] = {}
        for key_node, entry in node.value:
            key = _key(key_node, path)
            if key in table:
                where = _place(key_node, (*path, key))
                raise _Fault(f"{where}: given twice; keep one of the two")
            table[key] = self.value(entry, (*path, key))
        return table

    def _scalar(self, node: yaml.ScalarNode, path: tuple) -> object:
        where = _place(node, path)
        if node.tag == f"{_TAG}timestamp":
            raise _Fault(f"{where}: YAML reads {node.value} as a date; put it in quotes")
        try:
            value = self.scalars.construct_object(node)
        except (yaml.YAMLError, ValueError, OverflowError):
            reason = f"{shown(node.value)[:40]} cannot be read; put it in quotes"
            raise _Fault(f"{where}: {reason}") from None
        # YAML 1.1 reads 1e999 as text: it wants a dot and a sign.
        bare = isinstance(value, str) and node.style is None and _EXPONENT.fullmatch(value)
        if isinstance(value, float) or bare:
            if not math.isfinite(float(value)):
                raise _Fault(f"{where}: {node.value} is not a finite number; write one")
        elif isinstance(value, str) and re.search("[\0\ud800-\udfff]", value):
            raise _Fault(f"{where}: {value!r} holds a character that no file can; remove it")
        return value


def _place(node: yaml.Node, path: tuple) -> str:
    return f"line {node.start_mark.line + 1}: {dotted(path)}"


def _key(node: yaml.Node, path: tuple) -> str:
    if node.tag == f"{_TAG}merge":
        raise _Fault(f"{_place(node, path)}: a merge key (<<); write the keys out")
    if node.tag != f"{_TAG}str":
        given = shown(node.value)[:40] if isinstance(node, yaml.ScalarNode) else "a collection"
        raise _Fault(f"{_place(node, path)}: the key {given} is not text; put it in quotes")
    if node.value.startswith(("?", "__")):
        where = _place(node, (*path, node.value))
        raise _Fault(f"{where}: a template key; configs are data, write the values out")
    return node.value
