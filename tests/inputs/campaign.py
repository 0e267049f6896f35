"""Every bad input of the campaign that needs no job, by entrance."""

from tests.inputs import (
    config_files,
    config_values,
    picture_files,
    stored_files,
    text_files,
    weight_files,
)

CASES = [
    *config_files.CASES,
    *config_values.CASES,
    *text_files.CASES,
    *picture_files.CASES,
    *weight_files.CASES,
    *stored_files.CASES,
]
