"""The quality rules: one function each, (signals, context) -> findings, named after the fault."""

from armchair_datasets.quality.rules import agreement, clock, demonstration, lag, motion, pictures

# Rules that look at nothing but pictures and clocks.
SENSES = (
    demonstration.no_rows,
    pictures.missing_pictures,
    pictures.stuck_pictures,
    pictures.repeated_pictures,
    pictures.blind_pictures,
    pictures.same_pictures,
    clock.backward_clock,
    clock.late_rows,
    clock.old_pictures,
    motion.not_finite,
    demonstration.marked_as_failure,
    demonstration.other_length,
)
# Rules that calculate with state and action, which must be numbers for that.
NUMBERS = (
    agreement.foreign_units,
    motion.no_motion,
    motion.state_jumps,
    motion.action_jumps,
    motion.parked_joints,
    motion.still_action,
    demonstration.no_grasp,
    lag.copied_action,
    agreement.disagreement,
)
