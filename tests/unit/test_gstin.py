"""GST numbers by their form."""
import pytest

from documents.merchants import is_gstin


@pytest.mark.parametrize("number", ["29ABCDE1234F1Z5", "27AAPFU0939F1ZV", "01AAAAA0000A1ZA", "97AAAAA0000AZZ0"])
def test_numbers(number):
    assert is_gstin(number)


@pytest.mark.parametrize("number", ["", "29ABCDE1234F1Z", "29ABCDE1234F1Z55", "00ABCDE1234F1Z5", "39ABCDE1234F1Z5",
                                    "29abcde1234f1z5", "29ABCD11234F1Z5", "29ABCDE1234F0Z5", "29ABCDE1234F1X5",
                                    "29ABCDE1234F1Z5\n", "２9ABCDE1234F1Z5"])
def test_no_numbers(number):
    assert not is_gstin(number)
