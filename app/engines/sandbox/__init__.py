"""Dropping the rights of a process, and testing that they are gone."""
