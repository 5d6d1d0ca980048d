"""The web console: one page on which an arm is seen, moved and examined. A face on what the other rooms do.

    browser --WebSocket--> server/broadcast.py --orders--> arm/client.py ====> arm/process.py: modes, and run_loop
                           server/broadcast.py <--state--- arm/client.py <==== (a slot in shared memory, newest wins)
                      drive/camera_stream.py: each picture is compressed once, for all who watch

The control loop has a process of its own, which reads its orders and never waits for anybody. It alone loads LeRobot
and PyTorch; the server answers before they are there.
"""
