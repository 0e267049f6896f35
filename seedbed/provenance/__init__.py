"""What a result depends on: digests of code and weights, and the record of what made it."""

from seedbed.provenance.code import code_digest, modules_behind, script_digest
from seedbed.provenance.content import check_sha256, files_digest, weights_digest
from seedbed.provenance.made import device_name, made_by, processor_name

__all__ = [
    "check_sha256",
    "code_digest",
    "device_name",
    "files_digest",
    "made_by",
    "modules_behind",
    "processor_name",
    "script_digest",
    "weights_digest",
]
