"""Which passwords are taken, and how they are kept."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from argon2 import PasswordHasher

from checkout_desk.accounts import passwords

KNOWN = ("Mia Fern", "mia.fern@kilnandclay.example", "Fern and Kiln")


@pytest.mark.parametrize(
    "password",
    [
        "short-one-11",
        "a lantern on the quay",
        "correct tent pegs 9",
        "üñïçødé wörter hier",
        "x9$kQ!vP2#mL",
        "z" * 3 + "9aQ#kd0Lmw" * 20,
    ],
)
def test_taken(password: str) -> None:
    assert passwords.fault_of(password, known=KNOWN) is None


@pytest.mark.parametrize(
    ("password", "word"),
    [
        ("", "12 or more"), ("elevensigns", "11 characters"), ("k" * 200 + "abcdefghij" * 6, "at most 256"),
        ("password1234", "tried first"), ("P@ssw0rd!2024", "tried first"), ("qwertyuiop12", "tried first"),
        ("aaaaaaaaaaaa", "tried first"), ("abcabcabcabc", "tried first"), ("123456789012", "tried first"),
        ("abcdefghijklm", "tried first"), ("1234!!letmein!!5678", "tried first"), ("iloveyou2026!!", "tried first"),
        ("MiaFern20262026", "name"), ("kilnandclay!1", "name"), ("Fern and Kiln 1", "name"), ("checkoutdesk!", "name"),
    ],
)  # fmt: skip
def test_refused_with_a_sentence(password: str, word: str) -> None:
    fault = passwords.fault_of(password, known=KNOWN)
    assert fault is not None
    assert word in fault
    assert fault.endswith(".")


def test_every_sign_counts_and_nothing_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    long = "ß" * 255
    stored = passwords.hash_password(long + "a")
    assert passwords.verify(stored, long + "a")
    assert not passwords.verify(stored, long + "b")
    assert not passwords.verify(stored, (long + "a").upper())
    assert not passwords.verify(stored, long + "a ")


def test_the_same_letters_from_another_keyboard_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    assert passwords.verify(passwords.hash_password("café au lait matin"), "cafe\u0301 au lait matin")


def test_real_hashes_are_argon2id_with_64_mib() -> None:
    fresh = PasswordHasher()
    assert (fresh.type.name, fresh.memory_cost >= 65536, fresh.time_cost >= 3) == ("ID", True, True)


def test_a_password_that_is_too_long_is_not_hashed_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_hasher", None)
    assert passwords.verify("x", "y" * 257) is False


def test_at_most_two_are_hashed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    inside, most, lock, two_in = 0, 0, threading.Lock(), threading.Barrier(2, timeout=20)

    class Slow(PasswordHasher):
        def verify(self, stored: Any, password: Any) -> Any:
            nonlocal inside, most
            with lock:
                inside += 1
                most = max(most, inside)
            two_in.wait()  # passes only when two are inside together
            with lock:
                inside -= 1
            return True

        def hash(self, password: Any, *, salt: Any = None) -> str:
            return "none"

    slow = Slow()
    monkeypatch.setattr(passwords, "_hasher", slow)
    threads = [threading.Thread(target=passwords.verify, args=("stored", "password")) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert most == 2


def test_who_waits_too_long_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "WAIT_SECONDS", 0)
    with passwords._Turn(), passwords._Turn(), pytest.raises(passwords.Busy):
        passwords.verify("stored", "password")
