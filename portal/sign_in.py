"""Signing in at an OpenID provider: the flow through authlib, and the decision who somebody is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import httpx2
from authlib.integrations.base_client import OAuthError
from authlib.integrations.starlette_client import OAuth
from fastapi import Request
from fastapi.responses import Response
from joserfc.errors import JoseError

from connectors.ways.secrets import Secrets
from portal.errors import Refused
from warehouse.settings import Settings
from warehouse.settings.portal import PortalSettings, SignIn

Claims = Mapping[str, Any]
#: What the flow of authlib keeps between its two halves, in the browser's pending session.
State = dict[str, Any]


def clients(settings: Settings) -> OAuth:
    """One client per provider. Raises SourceError for a secret that is not there."""
    made, secrets = OAuth(), Secrets(settings.file.parent)
    for way in settings.portal.sign_in:
        secret = secrets.named(way.secret)
        if not secret.get("client_secret"):
            raise secret.lacks("client_secret")
        made.register(
            way.key,
            client_id=way.client_id,
            client_secret=secret.get("client_secret"),
            server_metadata_url=f"{way.issuer.rstrip('/')}/.well-known/openid-configuration",
            client_kwargs={
                "scope": "openid email profile",
                "code_challenge_method": "S256",
                "timeout": 10,
            },
        )
    return made


def way_of(settings: PortalSettings, key: str) -> SignIn:
    """A provider by its piece of the path. Raises Refused."""
    for way in settings.sign_in:
        if way.key == key:
            return way
    raise Refused("not_found")


def callback(settings: PortalSettings, way: SignIn) -> str:
    """Where the provider sends people back to; to be entered there."""
    return f"{settings.base_url}/sign-in/{way.key}/back"


async def begin(request: Request, settings: PortalSettings, way: SignIn) -> tuple[Response, State]:
    """To the provider, with state, nonce and PKCE. Raises Refused where it does not answer."""
    state: State = {}
    request.scope["session"] = state
    try:
        client = request.app.state.oauth.create_client(way.key)
        response: Response = await client.authorize_redirect(request, callback(settings, way))
    except (httpx2.HTTPError, OAuthError, ValueError, KeyError) as error:
        raise Refused("provider_silent") from error
    return response, state


async def finish(request: Request, way: SignIn, state: State) -> Claims:
    """The claims of whoever comes back, checked against what we sent. Raises Refused."""
    request.scope["session"] = dict(state)
    try:
        client = request.app.state.oauth.create_client(way.key)
        token = await client.authorize_access_token(request)
        claims = dict(token.get("userinfo") or {})
        if claims.get("iss") != way.issuer or not claims.get("sub"):
            raise Refused("sign_in_failed")
        if any(name not in claims for name in _wanted(way)) and token.get("access_token"):
            more = dict(await client.userinfo(token=token))
            # An answer about somebody else is no answer.
            if more.get("sub") == claims["sub"]:
                claims = more | claims
    except httpx2.HTTPError as error:
        raise Refused("provider_silent") from error
    except (OAuthError, JoseError, ValueError, KeyError) as error:
        raise Refused("sign_in_failed") from error
    return claims


def who(
    claims: Claims,
    way: SignIn,
    bound: Callable[[str, str], str | None],
    is_staff: Callable[[str], bool],
) -> str | None:
    """The staff id of whoever signed in, None where a coordinator must say it first.

    Raises Refused for an account of another organisation. An e-mail address decides nothing.
    """
    if any(str(claims.get(name)) != value for name, value in way.only.items()):
        raise Refused("not_of_the_district")
    if staff_id := bound(way.issuer, str(claims["sub"])):
        return staff_id
    told = str(claims.get(way.staff_claim) or "") if way.staff_claim else ""
    return told if told and is_staff(told) else None


def verified_email(claims: Claims) -> str | None:
    """The address, where the provider says that it has checked it."""
    return (
        str(claims["email"])
        if claims.get("email_verified") is True and claims.get("email")
        else None
    )


def _wanted(way: SignIn) -> list[str]:
    return ["email", *way.only, *([way.staff_claim] if way.staff_claim else [])]
