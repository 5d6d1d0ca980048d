"""The STS3215's motor and gearbox as constants, each with its source. No I/O.

no-load speed and stall torque: bench measurements of a 12 V unit, SO-ARM100 issue #134;
armature, dry and viscous friction: Rhoban/bam, feetech_sts3215_7_4V, bench identification;
stall current: Feetech's data sheet of the STS3215-C018.
"""

NOMINAL_V = 12.0  # the supply at which torque and speed were measured
STALL_TORQUE_NM = 3.4
STALL_CURRENT_A = 2.7
NO_LOAD_SPEED_RAD_S = 4.8
ARMATURE_KGM2 = 0.0284
DRY_FRICTION_NM = 0.0524
VISCOUS_NMS_PER_RAD = 0.0591
# What is left for the back EMF once friction has had its share of the no-load speed.
BACK_EMF_NMS_PER_RAD = (STALL_TORQUE_NM - DRY_FRICTION_NM) / NO_LOAD_SPEED_RAD_S - VISCOUS_NMS_PER_RAD
