// Directions as a person sees them. What is asked for is away from the eye, to its left, and counterclockwise; the arm
// takes rates in its own frame (robot/armchair_robot/teleoperators/jog.py): x forward, y to its left, z up. Who looks at
// the arm from its front has the arm's right on the left.

/** Where a picture is taken from: the unit vector from what it shows to the eye, in the arm's frame. */
export type Eye = [x: number, y: number, z: number];
export type Frame = "seen" | "arm"; // whose left is meant

export const BEFORE_IT: Eye = [0.82, 0, 0.57]; // where somebody stands who faces the arm
export const BEHIND_IT: Eye = [-0.82, 0, 0.57];

const exact = (value: number) => Math.round(value * 1e6) / 1e6 + 0; // no 1e-17, and no -0

/** The arm's rates for those that are asked for in the picture of `eye`. `turn` is what `turnSign` says. */
export function inArmFrame(rates: number[], eye: Eye, joints: boolean, turn: 1 | -1): number[] {
  const [away, left, up, tilt, turned, gripper] = rates, flat = Math.hypot(eye[0], eye[1]);
  if (flat < 1e-3) return rates; // straight from above: the arm's own way up is as good as any
  const [c, s] = [eye[0] / flat, eye[1] / flat];
  if (joints) return [away, left * (c > 0 ? -1 : 1), up, tilt, turned * turn, gripper].map(exact);
  const forward = -c * away + s * left, side = -s * away - c * left;
  const most = Math.max(1, Math.abs(forward), Math.abs(side)); // two keys together keep their direction
  return [forward / most, side / most, up, tilt, turned * turn, gripper].map(exact);
}

/** Whether counterclockwise for `eye` is so for the gripper too: not where it points at the eye. `state` is in degrees. */
export function turnSign(eye: Eye, state?: number[]): 1 | -1 {
  if (!state) return 1;
  const [pan, lift, elbow, wrist] = state.map((degrees) => (degrees * Math.PI) / 180), down = lift + elbow + wrist;
  const points = [Math.cos(pan) * Math.cos(down), -Math.sin(pan) * Math.cos(down), -Math.sin(down)];
  return points[0] * eye[0] + points[1] * eye[1] + points[2] * eye[2] > 0 ? -1 : 1;
}
