"""What forms of a trial know is the same in the child process."""

from __future__ import annotations

import json

from service.workshop.trial.setting import TrialSetting, load_setting
from tests.support.world import World
from tests.workshop.trial.test_run import NOW


def test_a_setting_goes_to_the_child_and_back(shipped_world: World) -> None:
    program = shipped_world.program
    with program.database.transaction(write=False) as tx:
        release = program.services.current(tx)
        setting = load_setting(tx, program.services, release, lang="sv", zone="Europe/Stockholm")
    again = TrialSetting(**json.loads(json.dumps(setting.as_json())))
    for one in (setting, again):
        context = one.context(release)(NOW)
        assert context.now == NOW
        assert ("SE", "Sverige") in context.directories["countries"]
        assert context.directories["offices"]
        assert context.rates
        assert context.consent_texts
    assert again.context(release)(NOW).directories == setting.context(release)(NOW).directories
