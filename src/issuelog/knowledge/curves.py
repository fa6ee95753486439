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
        "words_rank": ((0, 0), (1.999, -0.652), (4.382, -1.214), (5.075, -1.422), (5.768, -1.766), (5.991, -2.076)),
        "title_body": ((0, 0), (0.183, 0), (0.297, 0.294), (0.444, 0.486), (0.593, 0.547), (1, 1.252)),
        "rarest": ((0.028, 0), (0.318, 1.071), (0.409, 1.071), (0.494, 1.071), (0.612, 1.324), (1, 1.848)),
        "rarest_three": ((0.009, 0), (0.251, 1.931), (0.33, 2.347), (0.379, 2.711), (0.494, 2.711), (1, 2.966)),
        "letters": ((0, 0), (0.059, 0.036), (0.177, 0.113), (0.199, 0.113), (0.397, 0.644), (1, 0.644)),
        "title_length": ((0.693, 0), (2.079, 0), (2.303, -0.366), (2.565, -0.593), (2.773, -0.75), (3.401, -1.193)),
        "body_length": ((0, 0), (3.584, -0.638), (4.205, -0.673), (4.836, -1.09), (5.464, -1.158), (7.314, -1.248)),
        "near_title": ((0, 0), (0.034, 0.109), (0.067, 0.143), (0.158, 0.665), (0.267, 0.952), (1, 2.012)),
        "near_text": ((0, 0), (0.023, 0.399), (0.049, 0.533), (0.089, 1.563), (0.219, 2.43), (1, 2.43)),
    },
    "meaning": {
        "meaning": ((-0.209, 0), (0.216, 0.588), (0.448, 1.478), (0.584, 1.945), (0.768, 2.441), (1, 3.043)),
    },
    "time": {
        "age": ((0, 0), (2.453, 0), (3.774, -1.252), (5.111, -2.03), (6.035, -2.551), (6.759, -3.791)),
    },
    "subject": {
        "same_version": ((0, 0), (1, 0.221)),
        "same_prefix": ((0, 0), (0.333, 0.425), (1, 0.584)),
        "same_component": ((0, 0), (1, 0.416)),
        "other_component": ((0, 0), (1, -0.309)),
        "same_tags": ((0, 0), (0.333, 0.411), (0.5, 0.702), (1, 0.894)),
        "other_tags": ((0, 0), (1, -0.509)),
    },
}
"""By what they tell of: a repository's own past may give more weight to one of these, and less to another."""
