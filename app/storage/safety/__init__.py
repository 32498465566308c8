"""Protecting the vault from loss: backups, checks and repair."""
