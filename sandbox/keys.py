"""Defines the typed keys under which the application holds its parts."""

from aiohttp import web

from sandbox.callback import Postman
from sandbox.world import World

WORLD = web.AppKey("world", World)
POSTMAN = web.AppKey("postman", Postman)
