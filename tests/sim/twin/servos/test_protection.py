"""The servo's own protection, with the numbers of the vendor's memory table, and its heat, with the bench's."""

import numpy as np
import pytest

from armchair_core.sts3215.status import CURRENT, HEAT, OVERLOAD, VOLTAGE
from armchair_core.sts3215.units import CURRENT_UNIT_A
from armchair_sim.twin.servos.control_table import ControlTable
from armchair_sim.twin.servos.electrics import HEAT_TIME_S, Electrics
from armchair_sim.twin.servos.protection import CHECK_S, Protection, Reading

FINE = Reading(duty=0.1, current_a=0.2, voltage_v=12.0, temperature_c=30.0)


def watch(protection: Protection, seconds: float, **different: float) -> int:
    for _ in range(round(seconds / CHECK_S)):
        protection.check(Reading(**{**vars(FINE), **different}))
    return protection.status


def test_nothing_happens_to_a_servo_that_is_fine():
    protection = Protection(ControlTable())
    assert watch(protection, 5.0) == 0
    assert protection.cap == 1.0


@pytest.mark.parametrize("duty", [0.85, -0.85])
def test_overload_takes_the_protection_time_and_leaves_the_protective_torque(duty):
    protection = Protection(ControlTable())  # above 80 % for longer than 2 s leaves 20 %
    assert watch(protection, 2.0, duty=duty) == 0
    assert watch(protection, 0.01, duty=duty) == OVERLOAD
    assert protection.cap == 0.20
    assert watch(protection, 5.0, duty=0.2) == OVERLOAD, "latched"
    protection.relieve(duty)
    assert protection.status == OVERLOAD, "a goal further on does not help"
    protection.relieve(-duty)
    assert (protection.status, protection.cap) == (0, 1.0)


def test_a_short_rest_starts_the_protection_time_again():
    protection = Protection(ControlTable())
    for _ in range(3):
        assert watch(protection, 1.5, duty=0.9) == 0
        assert watch(protection, 0.01) == 0


def test_lerobots_gripper_overloads_at_a_quarter():
    protection = Protection(ControlTable({"Overload_Torque": 25, "Protection_Time": 50}))
    assert watch(protection, 0.6, duty=0.24) == 0
    assert watch(protection, 0.6, duty=0.26) == OVERLOAD


def test_over_current_lets_go():
    protection = Protection(ControlTable({"Protection_Current": 250, "Over_Current_Protection_Time": 30}))
    assert watch(protection, 1.0, current_a=-249 * CURRENT_UNIT_A) == 0
    assert watch(protection, 0.3, current_a=-252 * CURRENT_UNIT_A) == 0
    assert watch(protection, 0.01, current_a=-252 * CURRENT_UNIT_A) == CURRENT
    assert protection.cap == 0.0
    protection.relieve(1.0)
    assert protection.status == CURRENT, "only writing Torque_Enable ends it"
    protection.release()
    assert watch(protection, 0.1) == 0


def test_overheat_lets_go_and_comes_back_while_it_is_hot():
    protection = Protection(ControlTable())
    assert watch(protection, 0.1, temperature_c=69.9) == 0
    assert watch(protection, 0.01, temperature_c=70.0) == HEAT
    assert protection.cap == 0.0
    protection.release()
    assert watch(protection, 0.01, temperature_c=71.0) == HEAT
    assert watch(protection, 1.0) == HEAT, "cold again, and still latched"


@pytest.mark.parametrize("voltage_v", [3.9, 14.1])
def test_a_wrong_voltage_is_reported_while_it_lasts(voltage_v):
    protection = Protection(ControlTable())
    assert watch(protection, 0.01, voltage_v=voltage_v) == VOLTAGE
    assert protection.cap == 1.0, "the factory's Unloading_Condition leaves the torque on"
    assert watch(protection, 0.01) == 0


def test_unloading_condition_says_which_faults_act():
    everything = {"duty": 1.0, "current_a": 4.0, "voltage_v": 3.0, "temperature_c": 99.0}
    reporting = Protection(ControlTable({"Unloading_Condition": 0}))
    assert watch(reporting, 3.0, **everything) == VOLTAGE | HEAT | CURRENT | OVERLOAD
    assert reporting.cap == 1.0
    acting = Protection(ControlTable({"Unloading_Condition": VOLTAGE}))
    watch(acting, 0.01, voltage_v=3.0)
    assert acting.cap == 0.0


def test_ten_minutes_of_one_and_a_half_kilograms_warm_by_fifteen_degrees():
    electrics = Electrics(1)
    for _ in range(600):
        electrics.pass_time(1.0, np.array([1.5 * 9.81 * 0.10]), np.array([0.43]))
    assert electrics.temperature_c[0] - electrics.ambient_c == pytest.approx(15, abs=0.2)
    electrics.pass_time(0.01, np.zeros(1), np.zeros(1))
    assert electrics.voltage_v == electrics.supply_v
    for _ in range(int(5 * HEAT_TIME_S)):
        electrics.pass_time(1.0, np.zeros(1), np.zeros(1))
    assert electrics.temperature_c[0] == pytest.approx(electrics.ambient_c, abs=0.2)
