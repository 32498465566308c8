"""What a model file contains, by type and by part."""

from app.core.inspection import Inspection, Portion, Share

PORTIONS = (
    Portion("attention", "Q4_K", 8, 300),
    Portion("feed forward", "Q4_K", 6, 500),
    Portion("feed forward", "Q6_K", 3, 400),
    Portion("output", "Q6_K", 1, 450),
)
FOUND = Inspection("GGUF", "qwen3", "Demo", 4096, 1000, "BPE", "", PORTIONS)


def test_the_weights_are_divided_by_type_the_largest_first() -> None:
    assert FOUND.types == [Share("Q6_K", 4, 850), Share("Q4_K", 14, 800)]


def test_the_weights_are_divided_by_part_the_largest_first() -> None:
    assert FOUND.parts == [Share("feed forward", 9, 900), Share("output", 1, 450), Share("attention", 8, 300)]


def test_the_shares_add_up_to_all_weights() -> None:
    assert FOUND.size == 1650
    assert sum(share.size for share in FOUND.types) == sum(share.size for share in FOUND.parts) == FOUND.size
