"""What a request can end with other than its page, and the plain words for it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Words:
    """An error page: status, title, what happened, what to do."""

    status: int
    title: str
    says: str
    fix: str


class Refused(Exception):
    """The request ends here. `reason`: a key of WORDS."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason)
        self.words, self.detail = WORDS.get(reason, WORDS["no_right"]), detail


WORDS = {
    "bad_request": Words(
        400, "This request was not understood", "Something in the address or form is not as expected.", "Go back and try once more."
    ),
    "sign_in_failed": Words(
        400, "The sign-in could not be finished", "It took too long, was started in another window, or was answered by somebody else.", "Start again."
    ),
    "not_signed_in": Words(
        401, "You are not signed in", "This page needs to know who you are.", "Sign in, then come back here."
    ),
    "not_known_yet": Words(
        403, "We do not know yet who you are here", "Your sign-in worked. A coordinator must now say which adult of the roster you are.", "Tell your coordinator this reference, and sign in again afterwards:"
    ),
    "not_of_the_district": Words(
        403, "This account is not of this district", "Your sign-in worked, but the account belongs to another organisation.", "Sign in with the account that your district gave you."
    ),
    "no_right": Words(
        403, "This is not yours to see", "You see the students of your current classes and those you mentor. This page is about somebody else, or about nobody.", "If that is wrong, the roster has to be mended: speak with your office."
    ),
    "not_a_coordinator": Words(
        403, "This is not yours to see", "This page is for those who look after the data.", "If you do, your staff id belongs under coordinators in homeroom.toml: speak with whoever runs Homeroom."
    ),
    "not_the_writer": Words(
        403, "This is not yours to change", "Only the adult who wrote a check-in changes it or takes it back.", "Speak with that adult, or write a check-in of your own."
    ),
    "forged": Words(
        403, "This form was refused", "It did not come from a page of yours, or the page is too old.", "Load the page again and repeat what you did."
    ),
    "not_here": Words(
        403, "Not at this address", "Homeroom is not served under this name.", "Use the address that your district gave you."
    ),
    "not_found": Words(
        404, "There is no such page", "The address is mistyped, or what was here is gone.", "Start from your classes."
    ),
    "conflict": Words(
        409, "Somebody was faster", "This was changed while you were writing.", "Load the page again, look, and repeat what you did."
    ),
    "not_kept": Words(
        409, "This was not done", "What you asked for cannot be done as it stands.", "Go back, look at what is said here, and try once more:"
    ),
    "broken": Words(
        500, "Something broke here", "That is our fault, not yours. Nothing of what you wrote was half kept.", "Try once more. If it stays, tell your coordinator when it happened."
    ),
    "provider_silent": Words(
        503, "The sign-in service does not answer", "Homeroom asked it and got no usable answer.", "Try again in a few minutes."
    ),
    "nothing_published": Words(
        503, "Nothing is published yet", "The first run of the pipeline has not finished.", "Come back later."
    ),
}  # fmt: skip
