import time
from tests.web.conftest import *
from tests.web.story import Story
from service.actions import seat, task_page
def test_x(working):
    s=Story(working)
    s.until("Task_MakePlan")
    b=working.browser("aino")
    for path in (f"/tasks/{s.key('Task_MakePlan')}",f"/cases/{s.case}",f"/cases/{s.case}?tab=history","/cases","/inbox"):
        b.get(path); a=time.perf_counter()
        for _ in range(5): r=b.get(path)
        print(path[:12],path[-14:],r.status_code,len(r.data),f"{(time.perf_counter()-a)*200:.0f} ms")
    who=working.person("aino"); rd=asking.Reader("en","Europe/Helsinki",working.clock.now())
    with working.program.database.transaction(write=False) as tx:
        a=time.perf_counter(); at=seat.sit(tx,working.program.house,who.viewer,s.key("Task_MakePlan"),rd); print("sit",(time.perf_counter()-a)*1000)
        a=time.perf_counter(); task_page.told(tx,at,s.typed("Task_MakePlan","aino")); print("told",(time.perf_counter()-a)*1000)
        import cProfile,pstats
        pr=cProfile.Profile(); pr.enable(); at=seat.sit(tx,working.program.house,who.viewer,s.key("Task_MakePlan"),rd); task_page.page(tx,at); pr.disable()
        pstats.Stats(pr).sort_stats("cumtime").print_stats(28)
    s.close()
