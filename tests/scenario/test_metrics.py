"""What an administrator sees at GET /metrics moves with what the bot does."""

from tests.scenario.town import Town


async def test_a_void_shows_in_the_metrics(town: Town) -> None:
    """One void: callbacks taken and timed, cards sent, the operation under its end state, nothing waiting."""
    await town.voids("wangmin", "宏远科技")
    await town.settled()
    async with town.http.get(f"{town.bot}/metrics") as answer:
        lines = dict(line.rsplit(" ", 1) for line in (await answer.text()).splitlines() if line[0] != "#")
    taken = float(lines['voidbot_callbacks_total{outcome="accepted"}'])
    assert taken >= 3
    assert float(lines["voidbot_callback_seconds_count"]) == taken
    assert float(lines['voidbot_deliveries_total{outcome="sent"}']) >= 4
    assert lines['voidbot_operations{action="void",state="done"}'] == "1.0"
    assert lines['voidbot_waiting{queue="deliveries"}'] == "0.0"
