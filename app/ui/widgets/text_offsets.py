"""Places in a text as Python and as Qt count them: Qt counts signs beyond the first plane, such as emoji, twice."""


def in_qt(text: str, at: int) -> int:
    """The place of a character, in units of UTF-16."""
    return len(text[:at].encode("utf-16-le", "surrogatepass")) // 2


def in_python(text: str, at: int) -> int:
    """The character at a place that is given in units of UTF-16."""
    return len(text.encode("utf-16-le", "surrogatepass")[: 2 * at].decode("utf-16-le", "ignore"))
