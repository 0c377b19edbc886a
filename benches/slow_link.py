"""A relay on loopback that makes every byte late by half of a round trip, order kept; a thread of its own."""
import asyncio
import threading

PIECE = 65536


async def carry(reader, writer, late):
    """Reads at once and writes each piece when it is due."""
    pieces, loop = asyncio.Queue(), asyncio.get_running_loop()

    async def read():
        try:
            while piece := await reader.read(PIECE):
                pieces.put_nowait((loop.time() + late, piece))
        except ConnectionError:
            pass
        pieces.put_nowait((loop.time() + late, b''))

    reading = asyncio.create_task(read())
    try:
        while True:
            due, piece = await pieces.get()
            await asyncio.sleep(max(0.0, due - loop.time()))
            if not piece:
                break
            writer.write(piece)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        reading.cancel()
        writer.close()


class SlowLink:
    """Relays to (host, port) with `seconds` a round trip; `port` is its own. Opening a connection is one too."""

    def __init__(self, host, port, seconds):
        self.target, self.seconds, self.port = (host, port), seconds, None
        self.is_open = threading.Event()
        threading.Thread(target=lambda: asyncio.run(self.serve()), daemon=True).start()
        self.is_open.wait()

    async def serve(self):
        server = await asyncio.start_server(self.relay, '127.0.0.1', 0)
        self.port = server.sockets[0].getsockname()[1]
        self.is_open.set()
        await server.serve_forever()

    async def relay(self, reader, writer):
        await asyncio.sleep(self.seconds)
        try:
            far_reader, far_writer = await asyncio.open_connection(*self.target)
        except ConnectionError:
            writer.close()
            return
        late = self.seconds / 2
        await asyncio.gather(carry(reader, far_writer, late), carry(far_reader, writer, late))
