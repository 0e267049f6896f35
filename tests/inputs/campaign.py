"""Every bad input of the campaign, by entrance."""

from tests.inputs import config_files, config_values, picture_files, text_files, weight_files

CASES = [
    case
    for entrance in (config_files, config_values, text_files, picture_files, weight_files)
    for case in entrance.CASES
]
