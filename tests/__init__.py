"""Tests; a package, since other packages install one of this name beside ours."""
