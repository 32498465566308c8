"""Which voice prints are of one speaker: Ward's clustering, and where its tree is cut.

Two groups are two speakers if the directions of their centres differ, and if they are large enough to tell: halves of
one voice differ too, the more the fewer prints there are. The limits were found on GE2E's prints of a dozen recordings
of one to four people and of as many that were joined from them; they widen for a model whose prints of one voice are
less alike.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from app.core.voices import MOST_SPEAKERS

MOST_CLUSTERED = 1500
"""Prints that are clustered at most, evenly chosen: the time grows with their square."""
_LEAST_HEIGHT = 1.6  # of a node in Ward's tree whose halves are two speakers: too few prints never reach it
_MOST_ALIKE = 0.88  # the cosine between the centres of two speakers; of halves of one voice it is 0.9 and more
_SURELY_TWO = 0.74  # a cosine that no halves of one voice have: where such groups lie deeper, all above is cut too
_LEAST_SHARE = 0.03  # of all prints that a speaker has; what is less was a noise, or two who spoke at once
_LEAST_PRINTS = 2
_LAG = 4  # prints from one to the next that shares no sound with it
_USUAL_SPREAD, _WIDEST = 0.3, 3.0  # how unlike GE2E's prints of one voice are, and by what the limits widen at most
_MORE_CUTS = 10  # to which the tree is cut further to find as many speakers as there are, beside noises

_Prints = NDArray[np.float64]
_Labels = NDArray[np.int64]


def speakers_of(prints: Sequence[bytes], count: int = 0) -> list[int]:
    """The number of the speaker of each voice print, in order of their first; of so many speakers, if given.

    Raises:
        ValueError: the prints are not equally long, or hold what is no number.
    """
    if not prints:
        return []
    every = np.stack([np.frombuffer(raw, "<f2").astype(np.float64) for raw in prints])
    if not every.size or not np.all(np.isfinite(every)):
        raise ValueError("no voice prints")
    some = every[np.linspace(0, len(every) - 1, min(len(every), MOST_CLUSTERED)).astype(np.int64)]
    tree = _tree(some)
    if count:
        labels = _cut(tree, some, min(count, MOST_SPEAKERS, len(some)))
    else:
        labels = _folded(some, _guess(tree, some, _spread(every)))
    centres = _centres(some, labels)
    nearest = np.argmax(every @ centres.T, axis=1)
    order = list(dict.fromkeys(nearest.tolist()))
    return [order.index(label) for label in nearest.tolist()]


class _Tree:
    """Ward's tree over some prints: the leaves are the prints, and each later node joins two earlier ones.

    Attributes:
        halves: The two nodes that each joining node joins.
        heights: How much each joining adds: the square root of twice the growth of the squared distances.
        counts: The number of leaves below each node.
    """

    def __init__(self, halves: NDArray[np.int64], heights: NDArray[np.float64]) -> None:
        self.leaves = len(halves) + 1
        self.halves, self.heights = halves, heights
        self.counts = np.ones(self.leaves + len(halves), np.int64)
        for number, (one, other) in enumerate(halves):
            self.counts[self.leaves + number] = self.counts[one] + self.counts[other]

    def labels(self, is_cut: NDArray[np.bool_]) -> _Labels:
        """The number of each leaf's group, where the joining nodes above and below are cut as is said."""
        labels = np.zeros(self.leaves, np.int64)
        groups = 0
        waiting = [self.leaves + len(self.halves) - 1]
        while waiting:
            node = waiting.pop()
            if node >= self.leaves and is_cut[node - self.leaves]:
                waiting += self.halves[node - self.leaves].tolist()
                continue
            below = [node]
            while below:
                node = below.pop()
                if node < self.leaves:
                    labels[node] = groups
                else:
                    below += self.halves[node - self.leaves].tolist()
            groups += 1
        return labels

    def labels_of(self, count: int) -> _Labels:
        """The labels of so many groups, those that were joined last."""
        return self.labels(np.arange(len(self.halves)) >= self.leaves - count)


def _tree(some: _Prints) -> _Tree:
    import fastcluster

    if len(some) < 2:
        return _Tree(np.empty((0, 2), np.int64), np.empty(0))
    joined = fastcluster.linkage_vector(some, method="ward")
    return _Tree(joined[:, :2].astype(np.int64), joined[:, 2])


def _spread(every: _Prints) -> float:
    """How unlike prints of one voice are, as a part of what is usual: by those that follow each other closely."""
    if len(every) < 3 * _LAG:
        return 1.0
    unlike = 1 - np.sum(every[_LAG:] * every[:-_LAG], axis=1)
    return float(np.clip(np.quantile(unlike, 0.25) / _USUAL_SPREAD, 1.0, _WIDEST))


def _guess(tree: _Tree, some: _Prints, spread: float) -> _Labels:
    """The groups of a tree that is cut from its root on while two speakers are joined, or lie below for sure.

    Two halves with many speakers in each are alike, whoever they are; and few prints of one voice differ somewhere.
    """
    most_alike, surely_two = (1 - (1 - limit) * spread for limit in (_MOST_ALIKE, _SURELY_TWO))
    least_height = _LEAST_HEIGHT * spread**0.5
    least = max(_LEAST_PRINTS, _LEAST_SHARE / 2 * len(some))
    sums = np.concatenate([some, np.zeros((len(tree.halves), some.shape[1]))])
    is_cut, is_sure = np.zeros((2, len(tree.halves)), np.bool_)
    for number, (one, other) in enumerate(tree.halves):
        sums[tree.leaves + number] = sums[one] + sums[other]
        is_large = tree.heights[number] > least_height and min(tree.counts[one], tree.counts[other]) >= least
        alike = _cosine(sums[one], sums[other])
        is_sure_below = any(node >= tree.leaves and is_sure[node - tree.leaves] for node in (one, other))
        is_sure[number] = is_sure_below or (is_large and alike < surely_two)
        is_cut[number] = is_sure[number] or (is_large and alike < most_alike)
    return tree.labels(is_cut)


def _cut(tree: _Tree, some: _Prints, count: int) -> _Labels:
    """So many groups; a few prints that are unlike all others are none, as long as there are enough without them."""
    least = max(_LEAST_PRINTS, _LEAST_SHARE / 2 * len(some))
    for more in range(min(_MORE_CUTS, len(some) - count) + 1):
        labels = tree.labels_of(count + more)
        if np.sum(np.bincount(labels) >= least) == count:
            return _folded(some, labels, count)
    return tree.labels_of(count)


def _folded(some: _Prints, labels: _Labels, fewest: int = 1) -> _Labels:
    """The labels, where groups that are too small to be a speaker, and those beyond the most, join the nearest one."""
    least = max(_LEAST_PRINTS, _LEAST_SHARE * len(some))
    while (groups := int(labels.max()) + 1) > fewest:
        counts = np.bincount(labels)
        smallest = int(np.argmin(counts))
        if counts[smallest] >= least and groups <= MOST_SPEAKERS:
            break
        centres = _centres(some, labels)
        alike = centres @ centres[smallest]
        alike[smallest] = -np.inf
        labels = np.where(labels == smallest, np.argmax(alike), labels)
        labels = np.unique(labels, return_inverse=True)[1]
    return labels


def _centres(some: _Prints, labels: _Labels) -> _Prints:
    """The directions of the groups' centres, of shape [groups, numbers]."""
    sums = np.stack([some[labels == label].sum(axis=0) for label in range(int(labels.max()) + 1)])
    lengths = np.sqrt(np.sum(sums * sums, axis=1, keepdims=True))
    return np.asarray(sums / np.maximum(lengths, 1e-9))


def _cosine(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    lengths = float(np.sqrt((one @ one) * (other @ other)))
    return float(one @ other) / max(lengths, 1e-9)
