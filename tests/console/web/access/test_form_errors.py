from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, Field, ValidationError

from armchair.web.access.form_errors import form_words, without_options


class Form(BaseModel):
    out: Annotated[str, Field(max_length=20, pattern=r"^[A-Za-z0-9][\w.-]{0,63}$")] = "x"
    episodes: Annotated[int, Field(ge=1, le=100)] = 1
    datasets: Annotated[list[str], Field(min_length=1)] = ["data"]
    hand: Literal["wheel", "leader"] = "wheel"


@pytest.mark.parametrize(
    ("filled", "words"),
    [
        ({"out": "mein Bericht!"}, "Call it: 'mein Bericht!' is no name here; use letters, digits, dots and dashes, "
                                   "such as mein-Bericht."),
        ({"out": "x" * 21}, "Call it: that is too long, 20 are the most."),
        ({"episodes": 0}, "How many: 0 will not do, give at least 1."),
        ({"episodes": "ten"}, "How many: 'ten' is no whole number."),
        ({"datasets": []}, "What to learn from: it is empty."),
        ({"hand": "foot"}, "Who moves the arm: 'foot' is not to be had, choose 'wheel' or 'leader'."),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_in_the_words_of_the_page(filled, words):
    with pytest.raises(ValidationError) as refused:
        Form(**filled)
    assert form_words(refused.value.errors()) == words


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("'lift' is no name: use --repo-id YOUR-NAME/lift.", "'lift' is no name: use YOUR-NAME/lift."),
        ("x exists and is not empty: add --append to record more into it, or use --out x-2.",
         "x exists and is not empty: choose its name to record more into it, or use x-2."),
        ("all see it: add --footage-consent if all of them agreed, or leave --public away.",
         "all see it: say on this page that they agree if all of them agreed, or leave it private."),
        ("3 -- 4 is no option", "3 -- 4 is no option"),
    ],
)  # fmt: skip
def test_a_page_has_no_options(said, told):
    assert without_options(said) == told
