from __future__ import annotations

from local_cognito import expiring_store
from local_cognito.expiring_store import ExpiringStore
from tests.support.clock import ManualClock


def test_entry_is_found_until_it_expires() -> None:
    clock = ManualClock(1000.0)
    store = ExpiringStore[str](seconds=60, clock=clock)
    key = store.put("thing")
    clock.now += 59.9
    assert store.get(key) == "thing"
    clock.now += 0.1
    assert store.get(key) is None
    assert store.pop(key) is None


def test_use_of_an_entry_does_not_extend_its_lifetime() -> None:
    clock = ManualClock(1000.0)
    store = ExpiringStore[str](seconds=60, clock=clock)
    key = store.put("thing")
    for _ in range(3):
        clock.now += 20
        store.get(key)
    assert store.get(key) is None


def test_entry_is_popped_once() -> None:
    store = ExpiringStore[str](seconds=60)
    key = store.put("thing")
    assert store.pop(key) == "thing"
    assert store.pop(key) is None
    assert store.get(key) is None


def test_keys_cannot_be_guessed_and_unknown_keys_find_nothing() -> None:
    store = ExpiringStore[str](seconds=60)
    keys = {store.put("thing") for _ in range(100)}
    assert len(keys) == 100
    assert min(map(len, keys)) >= 43
    assert store.get("") is None


def test_oldest_entries_are_removed_first() -> None:
    store = ExpiringStore[int](seconds=60)
    keys = [store.put(number) for number in range(expiring_store.MAXIMUM + 2)]
    assert [store.get(key) for key in keys[:3]] == [None, None, 2]
    assert store.get(keys[-1]) == expiring_store.MAXIMUM + 1
