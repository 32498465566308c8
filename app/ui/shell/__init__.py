"""The frame of the unlocked window: pages, side bar, locking."""
