"""The follower arm of the twin: what the wire writes moves it, and its registers report what it does.

`step` is one physics step: take the writes, run the servos' loop, let MuJoCo go on, report. Position, speed, load
and Moving are reported in every step; current, voltage, heat and protection every 10 ms, the servo's own unit.

Torque that comes on drives to the goal that the servo was told last, however old: an arm that sank or was led away
meanwhile jumps. Seen on an SO-101 by WayneKennedy/wk-robotics (projects/soarm101/docs/test-log.md, 2026-09-12: "stale
goals"), and the reason for which feetech-cli holds the present position instead (README, "Torque"). That a written goal
switches the torque on is `control_table`'s. A goal outside the position limits is driven to the nearer of them, and the
register keeps what was written: huggingface/lerobot issue 3585.

Not documented, and chosen here
    power-on:   Goal_Position reads 0 then (the same test log); until a goal is written, or after another mode or middle
                was set, torque that comes on holds where the servo is, and Goal_Position says so. A guess: LeRobot
                switches the torque on so at every first connect, and nobody reports that arms fly to 0.
    torque off: the motor's ends are open, so nothing brakes but the gearbox.
    steps:      in mode 3 a goal is done once; torque that comes on does not repeat it.
    damping:    Torque_Enable 2 shorts the motor, so its own voltage brakes it.
    Goal_Time:  only mode 2 reads it, as this servo family ignores it for moves.
"""

from collections.abc import Mapping, Sequence
from math import copysign, inf

import mujoco
import numpy as np

from armchair_core.so101 import kinematics
from armchair_core.sts3215.motor import BACK_EMF_NMS_PER_RAD, DRY_FRICTION_NM
from armchair_core.sts3215.units import FULL_DUTY, UNITS_PER_VOLT, from_amperes
from armchair_sim.scene.world import TIMESTEP_S, World
from armchair_sim.twin.servos import encoder
from armchair_sim.twin.servos.control_table import ControlTable
from armchair_sim.twin.servos.electrics import Electrics
from armchair_sim.twin.servos.modes import POSITION, PWM, STEPS, VELOCITY, ModalBank
from armchair_sim.twin.servos.protection import CHECK_S, Protection, Reading

LIMP, DAMPED = 0, 2  # values of Torque_Enable
_STEPS_PER_CHECK = round(CHECK_S / TIMESTEP_S)
_GOAL_REGISTERS = {POSITION: "Goal_Position", VELOCITY: "Goal_Velocity", PWM: "Goal_Time", STEPS: "Goal_Position"}
_FREE_ACCELERATION = (0, 254)  # no ramp, and the steepest that the register holds: LeRobot's setting
_PWM_SIGN_BITS, _PWM_MAGNITUDE = 0xC00, 0x3FF  # the vendor's table says bit 11, the vendor's library sets bit 10
_JAM_NM = 200.0
_HAND_NM_PER_RAD, _HAND_NMS_PER_RAD, _HAND_NM = 40.0, 4.0, 4.0  # a person's hand at a joint


class Follower:
    """Six servos in `memories`, ids 1 to 6, that move `world`; it takes the place of the world's own servos.

    For the fast door's sake `world.state` and the expert see this arm, too. Set scenes with `World.reset` before
    this is made and with `World.reset_objects` after.
    """

    def __init__(self, world: World, saved: Sequence[Mapping[str, int]] | None = None) -> None:
        """`saved` are the EPROM contents of an earlier run, one mapping for each servo; factory-new without."""
        self.world = world
        self.memories = encoder.new_control_tables(saved)
        self.electrics = Electrics(len(self.memories))
        self._bank = world.servo = ModalBank(world.servo.config, TIMESTEP_S)
        self._bank.reset(world.data.qpos[:6])
        self._protections = [Protection(memory) for memory in self.memories]
        self._torque = [LIMP] * len(self.memories)
        self._was_told = [False] * len(self.memories)  # whether Goal_Position holds a goal, be it an old one
        self._reported: list[tuple[int, ...]] = [()] * len(self.memories)
        self._frames = [(0, 0)] * len(self.memories)  # Homing_Offset and Phase
        self._hand_rad: np.ndarray | None = None
        self._steps = 0
        self._wake(range(len(self.memories)))

    # --- one step -------------------------------------------------------------------------------------------
    def step(self) -> None:
        """Let TIMESTEP_S pass."""
        self.take_writes()
        data = self.world.data
        duty = self._bank.duty(data.qpos[:6], data.qvel[:6])
        data.ctrl[:] = duty if self.electrics.strength == 1 else duty * self.electrics.strength
        self._pull()
        mujoco.mj_step(self.world.model, data)
        self._report(duty)
        self._steps += 1
        if self._steps % _STEPS_PER_CHECK == 0:
            self._check(duty)

    # --- what the wire asks for -----------------------------------------------------------------------------
    def take_writes(self) -> None:
        """Obey what the wire wrote. `step` does it; done at once, the next read on the wire sees what came of it."""
        for servo, memory in enumerate(self.memories):
            if written := memory.take_written():
                self._obey(servo, memory, written)

    def _obey(self, servo: int, memory: ControlTable, written: set[str]) -> None:
        mode = self._bank.modes[servo]
        if written != {"Goal_Position"}:
            self._configure(servo, memory)
        if "Torque_Enable" in written:
            self._switch_torque(servo, memory, goal_too=_GOAL_REGISTERS[self._bank.modes[servo]] in written)
        elif self._bank.modes[servo] != mode:
            self._stand(servo, memory)
        if _GOAL_REGISTERS[self._bank.modes[servo]] in written:
            self._was_told[servo] = True
            goal = self._goal(servo, memory)
            if self._bank.modes[servo] == POSITION:
                self._protections[servo].relieve(goal - memory["Present_Position"])
            self._bank.aim(servo, goal)
        self._energise(servo, memory)

    def _configure(self, servo: int, memory: ControlTable) -> None:
        """Give the loop, its mode and the protection what the registers say."""
        self._bank.set_loop(
            servo, memory["P_Coefficient"], memory["I_Coefficient"], memory["D_Coefficient"],
            (memory["CW_Dead_Zone"], memory["CCW_Dead_Zone"]), memory["Minimum_Startup_Force"] / FULL_DUTY,
        )  # fmt: skip
        self._bank.set_velocity_loop(
            servo,
            memory["Velocity_closed_loop_P_proportional_coefficient"],
            memory["Velocity_closed_loop_I_integral_coefficient"],
        )
        mode, acceleration = memory["Operating_Mode"], memory["Acceleration"]
        speed = inf if mode in (VELOCITY, PWM) else abs(memory["Goal_Velocity"]) or inf
        steepest = inf if acceleration in _FREE_ACCELERATION else acceleration * 100
        self._bank.set_mode(servo, mode, speed, steepest)
        self._protections[servo].configure()
        self._see(servo, memory)

    def _switch_torque(self, servo: int, memory: ControlTable, goal_too: bool) -> None:
        """Torque_Enable was written: whatever its value, a latched fault is forgotten."""
        asked, was = memory["Torque_Enable"], self._torque[servo]
        if asked == encoder.CENTRE_COMMAND:
            memory["Homing_Offset"] = encoder.centring_offset(int(self._bank.present_ticks[servo]))
            memory["Torque_Enable"] = asked = was
            self._see(servo, memory)
            self._stand(servo, memory)
        self._protections[servo].release()
        self._torque[servo] = asked
        if was == LIMP and asked != LIMP:
            self._set_out(servo, memory, goal_too)

    def _set_out(self, servo: int, memory: ControlTable, goal_too: bool) -> None:
        """Torque comes on: from where the servo is, to a goal that came with it, else to the last one, else nowhere."""
        mode = self._bank.modes[servo]
        if goal_too and mode in (POSITION, STEPS):
            self._bank.hold(servo, memory["Present_Position"])  # `_obey` aims
        elif self._was_told[servo] and mode == POSITION:
            self._bank.hold(servo, self._goal(servo, memory))
        else:
            self._stand(servo, memory)

    def _stand(self, servo: int, memory: ControlTable) -> None:
        """Modes with a place: hold this one. The others obey their register as it stands."""
        self._was_told[servo] = False
        if _GOAL_REGISTERS[self._bank.modes[servo]] != "Goal_Position":
            self._bank.hold(servo, self._goal(servo, memory))
            return
        present = memory["Present_Position"]
        memory["Goal_Position"] = present if self._bank.modes[servo] == POSITION else 0
        self._bank.hold(servo, present)

    def _goal(self, servo: int, memory: ControlTable) -> float:
        """The goal register as the mode reads it: ticks, ticks a second or 0.1 %."""
        mode = self._bank.modes[servo]
        if mode == VELOCITY:
            return memory["Goal_Velocity"]
        if mode == PWM:
            raw = memory["Goal_Time"]
            return copysign(min(raw & _PWM_MAGNITUDE, FULL_DUTY), -1 if raw & _PWM_SIGN_BITS else 1)
        if mode == STEPS:
            return memory["Present_Position"] + memory["Goal_Position"]
        low, high = memory["Min_Position_Limit"], memory["Max_Position_Limit"]
        goal = memory["Goal_Position"]
        return goal if low == high == 0 else min(max(goal, low), high)  # both 0: more than one turn

    def _energise(self, servo: int, memory: ControlTable) -> None:
        """Give the motor the duty that limits and protection leave, and a closed or an open circuit."""
        cap, torque = self._protections[servo].cap, self._torque[servo]
        most = min(memory["Torque_Limit"], memory["Max_Torque_Limit"]) / FULL_DUTY
        self._bank.limit[servo] = min(most, cap) if torque not in (LIMP, DAMPED) else 0.0
        closed = torque != LIMP and cap > 0
        self.world.model.actuator_biasprm[servo, 2] = -BACK_EMF_NMS_PER_RAD if closed else 0.0

    # --- what the wire can read -----------------------------------------------------------------------------
    def _see(self, servo: int, memory: ControlTable) -> None:
        """Read which position the encoder's shall be: the offset may have changed, and with it the register's zero."""
        self._frames[servo] = memory["Homing_Offset"], memory["Phase"]
        ticks = int(self._bank.present_ticks[servo])
        memory["Present_Position"] = encoder.present_ticks(ticks, *self._frames[servo])
        self._bank.zero_ticks[servo] = ticks - memory["Present_Position"]

    def _report(self, duty: np.ndarray) -> None:
        places = self._bank.present_ticks.tolist()
        speeds = np.rint(self.world.data.qvel[:6] / kinematics.RAD_PER_TICK).astype(int).tolist()
        loads = np.rint(duty * FULL_DUTY).astype(int).tolist()
        for servo, (place, *moving) in enumerate(zip(places, speeds, loads, strict=True)):
            present = encoder.present_ticks(place, *self._frames[servo])
            report = (present, *moving)
            if report != self._reported[servo]:
                self._reported[servo] = report
                self._bank.zero_ticks[servo] = place - present
                memory = self.memories[servo]
                memory["Present_Position"], memory["Present_Velocity"], memory["Present_Load"] = report
                memory["Moving"] = int(abs(report[1]) > memory["Moving_Velocity_Threshold"])

    def _check(self, duty: np.ndarray) -> None:
        """Measure what changes slowly, and let the protection look at it."""
        electrics = self.electrics
        electrics.pass_time(CHECK_S, self.world.data.actuator_force[:6], duty)
        readings = zip(duty.tolist(), electrics.current_a.tolist(), electrics.temperature_c.tolist(), strict=True)
        for servo, (share, current_a, temperature_c) in enumerate(readings):
            memory, protection = self.memories[servo], self._protections[servo]
            cap = protection.cap
            protection.check(Reading(share, current_a, electrics.voltage_v, temperature_c))
            if protection.cap != cap:
                self._energise(servo, memory)
            memory["Present_Current"] = from_amperes(current_a)
            memory["Present_Voltage"] = min(round(electrics.voltage_v * UNITS_PER_VOLT), 255)
            memory["Present_Temperature"] = min(max(round(temperature_c), 0), 255)
            memory["Status"] = protection.status
            memory["Goal_Position_2"] = min(max(round(self._bank.goal_now(servo)), 0), 0xFFFF)

    # --- calibration and power ------------------------------------------------------------------------------
    def calibration(self) -> dict[str, dict[str, int]]:
        """Return what LeRobot's calibration file of this arm holds, until somebody calibrates it anew."""
        return encoder.calibration()

    def calibrate_registers(self) -> None:
        """Write `calibration()` into the EPROMs."""
        encoder.write_calibration(self.memories)
        self._wake(range(len(self.memories)))

    def power_cycle(self, servo: int) -> None:
        """Take one servo's supply away and give it back: RAM is forgotten, torque is off, faults are gone."""
        self.memories[servo].power_cycle()
        self._torque[servo] = LIMP
        self._protections[servo].release()
        self._wake([servo])

    def _wake(self, servos: Sequence[int]) -> None:
        """Start with what the registers say."""
        for servo in servos:
            memory = self.memories[servo]
            self._configure(servo, memory)
            goal = memory["Goal_Position"]
            self._stand(servo, memory)
            memory["Goal_Position"] = goal  # 0, unless it was only calibrated
            self._energise(servo, memory)
            self._reported[servo] = ()
        self._report(np.zeros(len(self.memories)))

    # --- what a person or a mishap does to it ---------------------------------------------------------------
    def lead(self, units: np.ndarray | None) -> None:
        """Pull the joints by hand towards float[6] in LeRobot's units, with up to 4 N m each; None lets go."""
        self._hand_rad = None if units is None else kinematics.units_to_rad(units)
        self.world.data.qfrc_applied[:6] = 0.0

    def jam(self, servo: int, jammed: bool = True) -> None:
        """Something blocks this joint, or no longer does."""
        self.world.model.dof_frictionloss[servo] = _JAM_NM if jammed else DRY_FRICTION_NM

    def _pull(self) -> None:
        if self._hand_rad is not None:
            data = self.world.data
            pull = _HAND_NM_PER_RAD * (self._hand_rad - data.qpos[:6]) - _HAND_NMS_PER_RAD * data.qvel[:6]
            data.qfrc_applied[:6] = np.clip(pull, -_HAND_NM, _HAND_NM)
