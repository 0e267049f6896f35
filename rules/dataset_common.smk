"""Functions of the rules of the data set.

Inputs and outputs: none.
"""

from dataclasses import asdict

from seedbed.render.dataset.pieces import labels, pieces, roles_of

PIECES = {piece.place: piece for piece in pieces(PLAN)}
DESCRIBED = [
    {
        "model": piece.model,
        "split": piece.split,
        "study": piece.study,
        "path": RUN.dataset(f"{place}.parquet"),
    }
    for place, piece in PIECES.items()
]


def piece_at_hand(wildcards):
    """The piece of the data set that is made."""
    return asdict(PIECES[wildcards.piece])


def joined_files(wildcards):
    """What the piece at hand is made from."""
    return PIECES[wildcards.piece].inputs


def numbers_at_hand(wildcards):
    """Every number that a picture of the model at hand has, with its role."""
    return roles_of(list(PIECES.values()), PIECES[wildcards.piece].model)
