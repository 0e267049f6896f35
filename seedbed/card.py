"""Seed cards: what a run found out about a model's seeds, to be used in one's own program.

    card = seedbed.Card.load("results/default/cards/storybook-sd")
    images = pipe(prompts, latents=card.latents(pipe, "golden", n=4)).images

A card is a folder of ``card.json`` (``card_schema``), a page for people, and the model's tickets
where they were studied. Each list of seeds in it has its evidence; one that the run found none for
is there all the same and says so once, when it is first used.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seedbed import card_schema as form
from seedbed import outside

if TYPE_CHECKING:
    import torch

    from seedbed.lottery_ticket.tickets.collection import Collection

_HUB_ID = re.compile(r"[\w.-]+/[\w.-]+")
_PARTS = [form.CARD, form.SCHEMA, form.PAGE, form.TICKETS]


class CardError(ValueError):
    """A card cannot be read, or has not what is asked of it; one line."""


class CardWarning(UserWarning):
    """What is used has no evidence behind it, or is less than was asked for."""


class Card:
    """A seed card.

    Args:
        content: of ``card.json``, as ``card_schema.JSON_SCHEMA`` says.
        folder: where its tickets lie; ``None`` for a card without any.
        name: for messages.

    Raises:
        CardError: the content is no seed card of this version.
    """

    def __init__(
        self, content: Mapping[str, Any], folder: str | Path | None = None, name: str = "the card"
    ):
        self._name = name
        if not isinstance(content, Mapping) or content.get("format") != form.FORMAT:
            raise self._fault("is no seed card", "give a card's folder")
        version = content.get("version")
        if isinstance(version, int) and version > form.VERSION:
            raise self._fault(
                f"is of version {version}, this Seedbed reads {form.VERSION}", "update Seedbed"
            )
        if wrong := form.fault(content) or _contradiction(content):
            raise self._fault(": ".join(wrong), "make the card anew")
        self.content = content
        self.folder = None if folder is None else Path(folder)
        self._told: set[str] = set()

    @classmethod
    def load(cls, source: str | Path, revision: str | None = None) -> Card:
        """A card from its folder or from the hub.

        Args:
            source: a folder with ``card.json``, or a hub id, ``owner/name``.
            revision: of a hub id: branch, tag or commit.

        Raises:
            CardError: one line: nothing there, no huggingface_hub to ask for a hub id, or what is
                there is no card of this version.
        """
        folder = Path(source)
        if not folder.exists() and _HUB_ID.fullmatch(str(source)):
            folder = _fetched(str(source), revision)
        if folder.is_file() and folder.name == form.CARD:
            folder = folder.parent
        path = folder / form.CARD
        if not folder.is_dir():
            raise CardError(f"{source}: no such folder; give a card's folder or a hub id")
        try:
            content = outside.read_json(path, outside.MOST_SETTINGS)
        except outside.OutsideError as error:
            raise CardError(f"{path}: cannot be read ({error}); give a card's folder") from None
        return cls(content, folder, str(path))

    def __repr__(self) -> str:
        lists = ", ".join(f"{name} ({self.verdict(name)})" for name in self.names)
        return f"<seed card of {self.model}: {lists or 'no lists'}>"

    @property
    def model(self) -> str:
        """The model's name in the run."""
        return self.content["model"]["name"]

    @property
    def stream(self) -> str:
        """The noise stream in which the seeds mean what was measured (``noise``)."""
        return self.content["measured_under"]["stream"]

    @property
    def names(self) -> list[str]:
        """The lists that are there, whatever their verdict."""
        lists = self.content["lists"].items()
        return [name for name, entry in lists if entry["state"] == form.THERE]

    def entry(self, name: str) -> Mapping[str, Any]:
        """A list with its evidence, as it stands in ``card.json``; does not warn.

        Raises:
            CardError: the card has no such list, or not from this run, and why.
        """
        lists = self.content["lists"]
        if name not in lists:
            raise self._fault(f"has no list {name!r}", f"use one of {', '.join(lists)}")
        if lists[name]["state"] == form.ABSENT:
            there = ", ".join(self.names)
            remedy = f"use one of {there}" if there else "it has no other"
            raise self._fault(f"has no list {name!r}: {lists[name]['why']}", remedy)
        return lists[name]

    def verdict(self, name: str) -> str:
        """``"supported"``, ``"undecided"`` or ``"refuted"``; raises as ``entry`` does."""
        return self.entry(name)["verdict"]

    def evidence(self, name: str) -> list[Mapping[str, Any]]:
        """What was measured of a list: value, interval, what chance gives, p, n, verdict."""
        return self.entry(name)["evidence"]

    def seeds(self, name: str, n: int | None = None) -> list[int]:
        """Seeds of a list.

        Warns once for a list that has no evidence, and where golden seeds are fewer than wanted:
        those with the next best ranks follow them then.

        Args:
            name: ``"golden"``, ``"diverse_style"``, ``"diverse_composition"``,
                ``"avoid_greyscale"``, ``"avoid_border"``, ``"avoid_text"``, or what else the card
                lists.
            n: how many, from the first; all without it.

        Raises:
            CardError: no such list, or it has fewer.
        """
        entry = self.entry(name)
        found = [*entry["seeds"]]
        if n is not None:
            if not 1 <= n <= len(found) + len(entry["next"]):
                raise self._fault(
                    f"has {len(found) + len(entry['next'])} seeds in the list {name!r}, not {n}",
                    "ask for as many or fewer" if found else "use another list",
                )
            if n > len(found):
                self._warn(
                    f"{name}.next",
                    f"only {len(found)} seeds of {self.model} are in the list {name!r}: the next "
                    f"best by their ranks make up the {n}",
                )
            found = (found + entry["next"])[:n]
        if entry["verdict"] != form.SUPPORTED:
            self._warn(
                name,
                f"the list {name!r} of {self.model} has no evidence behind it "
                f"({entry['verdict']}): {entry['says']}",
            )
        return found

    def latents(self, pipe, name: str, n: int | None = None) -> torch.Tensor:
        """Initial latents of a list's seeds, for a diffusers pipeline.

        Args:
            pipe: the pipeline; give it as many prompts as there are latents, or
                ``num_images_per_prompt=n``.
            name, n: see ``seeds``.

        Returns:
            What ``latents_for`` gives for these seeds, in the card's noise stream: the float32
            noise that was measured, rounded to the pipeline's dtype.

        Raises:
            CardError: as ``seeds``, or the pipeline's latents are of another shape than those that
                the seeds were measured with: the same numbers name other noise there.
        """
        import torch

        from seedbed import latents_for

        self.fits(pipe)
        under = self.content["measured_under"]
        gpu = {"gpu": under["gpu"]} if under.get("gpu") else {}
        seeds = self.seeds(name, n)
        # Measured in float32: a draw in a narrower type would be other noise.
        drawn = latents_for(pipe, seeds, stream=self.stream, dtype=torch.float32, **gpu)
        return drawn.to(getattr(_networks(pipe)[0] or pipe, "dtype", torch.float32))

    def fits(self, pipe) -> None:
        """Refuse a pipeline whose latents have another shape than the card's model.

        Raises:
            CardError: they have. A pipeline without a UNet and a VAE is not looked at.
        """
        wanted, unet, vae = self.content["model"]["latent_shape"], *_networks(pipe)
        if wanted is None or unet is None or vae is None:
            return
        side = unet.config.sample_size
        sides = [side, side] if isinstance(side, int) else list(side)
        found = [vae.config.latent_channels, *sides]
        if found != list(wanted):
            raise self._fault(
                f"is of latents {tuple(wanted)}, the pipeline's are {tuple(found)}",
                f"give a pipeline of {self.content['model']['source']}",
            )

    @property
    def avoid(self) -> dict[int, list[str]]:
        """Seeds with habits that hold on prompts that did not choose them: seed to its habits."""
        found: dict[int, list[str]] = {}
        for name in self.names:
            entry = self.content["lists"][name]
            if name.startswith("avoid_") and entry["verdict"] == form.SUPPORTED:
                for row in entry["rows"]:
                    if row.get("confirmed"):
                        found.setdefault(row["seed"], []).append(str(row["habit"]))
        return found

    @cached_property
    def tickets(self) -> Collection:
        """The scored blocks of noise that ``place`` takes from; warns once without evidence.

        Raises:
            CardError: the model's tickets were not studied, and why, or their file is not the one
                that the card was made with.
        """
        from seedbed.lottery_ticket.tickets.collection_files import load_collection
        from seedbed.store import StoreError, sha256_of

        entry = self.content["tickets"]
        if entry["state"] == form.ABSENT:
            raise self._fault(f"has no tickets: {entry['why']}", "have them collected on the fly")
        path = (self.folder or Path()) / str(entry["file"])
        if not path.is_file():
            raise self._fault(f"names {path}, which is not there", "restore it beside card.json")
        if sha256_of(path) != entry["sha256"]:
            raise self._fault(f"was not made with this {path}", "restore both together")
        if entry["verdict"] != form.SUPPORTED:
            self._warn(
                "tickets",
                f"the tickets of {self.model} have no evidence behind them ({entry['verdict']}): "
                f"{entry['says']}",
                level=4,  # behind the property's own frame
            )
        try:
            return load_collection([path], entry["noises"])
        except StoreError as error:
            raise CardError(str(error)) from None

    def _fault(self, wrong: str, remedy: str) -> CardError:
        return CardError(f"{self._name}: {wrong}; {remedy}")

    def _warn(self, what: str, text: str, level: int = 3) -> None:
        if what not in self._told:
            self._told.add(what)
            warnings.warn(text, CardWarning, stacklevel=level)


def _contradiction(content: Mapping[str, Any]) -> tuple[str, str] | None:
    """What the schema cannot say: (key, what is wrong)."""
    entries = {f"lists.{name}": entry for name, entry in content["lists"].items()}
    for key, entry in (entries | {"tickets": content["tickets"]}).items():
        if entry["state"] == form.ABSENT and not entry["why"]:
            return f"{key}.why", "is lacking of what is absent"
        if entry["state"] == form.THERE and entry["verdict"] is None:
            return f"{key}.verdict", "is lacking of what is there"
    for key, entry in entries.items():
        both = [*entry["seeds"], *entry["next"]]
        if len(set(both)) < len(both):
            return f"{key}.seeds", "holds a seed twice"
    if content["tickets"]["state"] == form.THERE and not _plain(content["tickets"]["file"]):
        return "tickets.file", "is no file name"
    return None


def _plain(name: Any) -> bool:
    """Whether a file lies in the card's own folder; a card from outside may say anything."""
    return isinstance(name, str) and Path(name).name == name


def _networks(pipe) -> tuple[Any, Any]:
    return getattr(pipe, "unet", None), getattr(pipe, "vae", None)


def _fetched(source: str, revision: str | None) -> Path:
    try:
        from huggingface_hub import snapshot_download
    except ImportError:
        raise CardError(
            f"{source}: no such folder, and a hub id needs huggingface_hub; install it, or give a "
            "card's folder"
        ) from None
    try:
        return Path(snapshot_download(source, revision=revision, allow_patterns=_PARTS))
    except Exception as error:  # the library raises whatever the network leads it to
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise CardError(
            f"{source}: neither a folder here nor to be had from the hub ({reason}); give a card's "
            "folder, or correct the id"
        ) from None
