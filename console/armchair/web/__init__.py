"""The web console: one page on which an arm is seen, moved and examined. A face on what the other rooms do.

    browser --WebSocket--> server.py -> room.py --wishes--> arm.py ====> arm_process.py: run_loop, by the clock
                                        room.py <--state--- arm.py <==== (a slot in shared memory, newest wins)
                              cameras -> pictures.py: each picture is compressed once, for all who watch

The control loop has a process of its own, which reads what is wished and never waits for anybody.
"""
