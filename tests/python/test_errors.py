import pickle

import numpy as np
import pytest

import plimsoll


def raised(call, *arguments, **options):
    with pytest.raises(plimsoll.Error) as caught:
        call(*arguments, **options)
    return caught.value


def test_errors_name_the_place(eight):
    eight["cluster"]["slots"] = 0
    error = raised(plimsoll.solve, eight)
    assert isinstance(error, ValueError)
    assert (error.code, error.pointer) == ("input", "/cluster/slots")
    assert error.pointer in str(error) and error.message in str(error)


def test_errors_travel_between_processes(eight):
    error = raised(plimsoll.solve, {**eight, "load": np.ones(8)})
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is plimsoll.InputError and vars(again) == vars(error) and str(again) == str(error)


@pytest.mark.parametrize(
    "load, pointer",
    [
        (np.ones((2, 8)), "/load"),
        (np.ones((1, 7)), "/load"),
        (np.array([[1, 2, 3, -4, 5, 6, 7, 8]]), "/load/0/3"),
        (np.array([[1, 2, np.nan, 4, 5, 6, 7, 8]]), "/load/0/2"),
        (np.array([[1, 2, 3, 4, 5, 6, 7, np.inf]]), "/load/0/7"),
        (np.full((1, 8), "1"), "/load"),
        (np.full((1, 8), 1j), "/load"),
        (np.ones(8), "/load"),
    ],
)
def test_arrays_are_judged_as_text_is(eight, load, pointer):
    error = raised(plimsoll.solve, {**eight, "load": load})
    assert error.code == "input" and error.pointer.startswith(pointer)


def test_whole_tokens(eight):
    eight["cost"] = {"tile_tokens": 16}
    error = raised(plimsoll.solve, {**eight, "load": np.full((1, 8), 2.5)})
    assert error.pointer == "/load/0/0"
    assert plimsoll.solve({**eight, "load": np.full((1, 8), 2.0)}).tokens.dtype == np.int64


def test_what_is_no_instance(tmp_path, eight):
    assert raised(plimsoll.solve, tmp_path / "none.json").code == "file"
    assert raised(plimsoll.solve, 3).code == "usage"
    assert raised(plimsoll.solve, "{").code == "input"
    assert raised(plimsoll.solve, {**eight, "x": object()}).code == "input"
    assert raised(plimsoll.solve, {**eight, "loads": 1}).pointer == "/loads"


def test_options(eight):
    assert raised(plimsoll.solve, eight, method="none").advice is not None
    assert raised(plimsoll.solve, eight, threads=0).code == "usage"
    assert raised(plimsoll.solve, eight, time_limit=-1).code == "usage"
    assert raised(plimsoll.solve, eight, gap=float("nan")).code == "usage"


def test_plans_that_cannot_be_written(tmp_path, eight):
    assert raised(plimsoll.solve(eight).save, tmp_path / "none" / "plan.json").code == "file"
    assert list(tmp_path.iterdir()) == []


def test_solving_goes_on_after_an_error(eight):
    raised(plimsoll.solve, {**eight, "load": np.ones(8)})
    assert plimsoll.solve(eight).certificate.status == "optimal"


def test_nothing_is_printed(capfd, eight):
    plimsoll.solve(eight)
    raised(plimsoll.solve, "{")
    assert capfd.readouterr() == ("", "")
