"""What each feature is worth: curves through a few points, of a value and what it adds to the log of the odds.

They were learned from the earlier half of the labelled duplicates of a public tracker, by a listwise softmax over the
candidates of each (Cao et al., Learning to Rank: From Pairwise Approach to Listwise Approach, 2007), as an additive
model of monotone curves (Hastie and Tibshirani, Generalized Additive Models, 1986): no likeness counts against a
candidate. docs/concepts/precedent.md has what they reach.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

Curve = Sequence[tuple[float, float]]

CURVES: Mapping[str, Mapping[str, Curve]] = {
    "words": {
        "words_rank": ((0, 0), (2.079, -0.619), (4.382, -1.088), (5.075, -1.374), (5.768, -1.445), (5.991, -1.633)),
        "title_body": ((0, 0), (0.196, 0), (0.307, 0.187), (0.449, 0.396), (0.583, 0.578), (1, 1.19)),
        "rarest": ((0.028, 0), (0.311, 0.311), (0.397, 0.311), (0.47, 0.311), (0.61, 0.625), (1, 1.172)),
        "rarest_three": ((0.009, 0), (0.233, 1.157), (0.32, 1.536), (0.366, 1.778), (0.488, 1.778), (1, 1.902)),
        "letters": ((0, 0), (0.073, 0), (0.174, 0.094), (0.212, 0.094), (0.39, 0.552), (1, 0.552)),
        "title_length": ((0.693, 0), (2.079, 0), (2.303, -0.347), (2.565, -0.567), (2.773, -0.743), (3.401, -1.196)),
        "body_length": ((0, 0), (3.584, -0.255), (4.205, -0.255), (4.828, -0.628), (5.46, -0.685), (7.314, -0.72)),
        "near_title": ((0, 0), (0.031, 0.129), (0.057, 0.313), (0.142, 0.63), (0.259, 1.107), (1, 2.257)),
        "near_text": ((0, 0), (0.021, 0.251), (0.047, 0.41), (0.084, 1.485), (0.213, 2.466), (1, 2.466)),
    },
    "meaning": {
        "meaning": ((-0.185, 0), (0.334, 0.907), (0.511, 1.764), (0.613, 2.306), (0.759, 2.475), (1, 3.338)),
    },
    "time": {
        "age": ((0, 0), (2.498, -0.004), (3.866, -1.341), (5.133, -2.02), (6.038, -2.538), (6.759, -3.669)),
    },
    "subject": {
        "same_version": ((0, 0), (1, 0.256)),
        "same_prefix": ((0, 0), (1, 0.487)),
        "same_component": ((0, 0), (1, 0.496)),
        "other_component": ((0, 0), (1, -0.241)),
        "same_tags": ((0, 0), (0.333, 0.426), (0.5, 0.808), (1, 0.906)),
        "other_tags": ((0, 0), (1, -0.523)),
    },
}
"""By what they tell of: a repository's own past may give more weight to one of these, and less to another."""
