"""The server of the search's record: killed while it has a request, or answering what nobody asked for."""

import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace

from faults.moments import STARTS_WITHIN_SECONDS, Hit
from faults.schedule import Fault
from faults.world import World

_COMES_WITHIN_SECONDS = 60.0
_MOST_ANSWERS = 4
_LONGEST_ABSENCE_SECONDS = 6.0


def server(world: World, fault: Fault) -> Hit | None:
    """Killed when it has been given a request and before its answer is read; back after some seconds."""
    if not _search_trains(world):
        return None
    killed: list[tuple[str, ...]] = []

    def strike() -> None:
        killed.append(tuple(world.proxy.in_flight))
        world.server.kill()

    found = world.job("search").open()
    world.proxy.order("as it is", first=fault.offset, at_first=strike)
    came = world.wait(lambda: bool(killed), _COMES_WITHIN_SECONDS)
    world.proxy.as_usual()
    if not came:
        return None
    with ThreadPoolExecutor(1) as beside:
        back: Future[None] = beside.submit(_start_after, world, fault.amount * _LONGEST_ABSENCE_SECONDS)
        world.wait(back.done, STARTS_WITHIN_SECONDS)
        back.result()
    return Hit(fault=fault, open=replace(found, requests=killed[0]))


def _start_after(world: World, seconds: float) -> None:
    time.sleep(seconds)
    world.server.start()


def answer(world: World, fault: Fault) -> Hit | None:
    """In the manner that the fault names, to some requests one after another."""
    if not _search_trains(world):
        return None
    found = world.job("search").open()
    count = 1 + int(fault.amount * _MOST_ANSWERS)
    order = world.proxy.order(fault.way, first=fault.offset, count=count)
    world.wait(lambda: len(order.struck) >= count, _COMES_WITHIN_SECONDS)
    world.proxy.as_usual()
    if not order.struck:
        return None
    return Hit(fault=fault, open=replace(found, requests=tuple(order.struck)), note=f"{len(order.struck)} requests")


def _search_trains(world: World) -> bool:
    job = world.job("search")
    came = world.wait(lambda: job.finished or job.trains(), STARTS_WITHIN_SECONDS, glance_seconds=0.2)
    world.set_pace(job)
    return came and not job.finished
