"""A socket that leads nowhere: refused before it is accepted, as a stranger's id is."""

from channels.generic.websocket import AsyncWebsocketConsumer


class Nowhere(AsyncWebsocketConsumer):
    async def connect(self) -> None:
        await self.close()
