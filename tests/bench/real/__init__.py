"""Measurements on real models and real meetings, each section a module."""

import os

os.environ.setdefault("GOMP_SPINCOUNT", "1000")  # as workers have it; read when libgomp is loaded
