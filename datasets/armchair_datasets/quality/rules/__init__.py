"""Every rule: a function (signals, context) -> findings, named after the fault."""

from armchair_datasets.quality.rules import clock, motion, pictures, teaching

# Rules that look at nothing but pictures and clocks.
SENSES = (
    teaching.no_rows,
    pictures.missing_pictures,
    pictures.stuck_pictures,
    pictures.repeated_pictures,
    pictures.blind_pictures,
    clock.backward_clock,
    clock.late_rows,
    clock.old_pictures,
    motion.not_finite,
    teaching.marked_as_failure,
    teaching.other_length,
)
# Rules that calculate with state and action, which must be numbers for that.
NUMBERS = (
    motion.no_motion,
    motion.state_jumps,
    motion.action_jumps,
    motion.parked_joints,
    motion.still_action,
    teaching.no_grasp,
    teaching.copied_action,
    teaching.out_of_step,
)
