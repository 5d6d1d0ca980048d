// The marks that show depth while somebody drives: a plumb line from the grasp point, where it meets the table, how far
// the arm reaches, and the grasp point itself, between the jaws.
import {
  BufferGeometry, CircleGeometry, CylinderGeometry, DoubleSide, Group, Mesh, MeshBasicMaterial, RingGeometry, SphereGeometry, Vector3,
} from "three";
import type { Stage3D } from "../base/types";

const BLUE = 0x1fb0ff, WHITE = 0xffffff;
const ABOVE_M = 0.0016; // over the table's top
const NEAR_M = 0.004; // so near to the table there is no line to be seen

export class Marks extends Group {
  private readonly line = mark(new CylinderGeometry(0.0008, 0.0008, 1, 8).translate(0, -0.5, 0).rotateX(Math.PI / 2), BLUE, 0.9);
  private readonly spot = new Group();
  private readonly grasp = mark(new SphereGeometry(0.0032, 16, 12), BLUE, 0.9);
  private readonly at = new Vector3();

  constructor(private readonly tip: Stage3D["tip"], reach: Stage3D["reach"]) {
    super();
    const [x, y] = reach.at, { radius, pan } = reach;
    this.spot.add(mark(new RingGeometry(0.0105, 0.0135, 40), WHITE, 0.85), mark(new RingGeometry(0.0075, 0.0105, 40), BLUE, 0.95), mark(new CircleGeometry(0.0022, 20), BLUE, 0.95));
    const ring = mark(new RingGeometry(radius - 0.0018, radius + 0.0018, 128, 1, -pan, 2 * pan), WHITE, 0.5);
    ring.position.set(x, y, ABOVE_M);
    this.grasp.material.depthTest = false; // seen through the jaws, too
    this.grasp.renderOrder = 1;
    this.add(this.line, this.spot, ring, this.grasp);
  }

  /** Follow the body that carries the grasp point. */
  follow(bodies: Group[]): void {
    const body = bodies[this.tip.body];
    const [x, y, z] = this.at.fromArray(this.tip.at).applyQuaternion(body.quaternion).add(body.position);
    this.grasp.position.set(x, y, z);
    this.line.position.set(x, y, z);
    this.line.scale.z = Math.max(z, NEAR_M);
    this.line.visible = z > NEAR_M;
    this.spot.position.set(x, y, ABOVE_M);
  }
}

function mark(geometry: BufferGeometry, color: number, opacity: number): Mesh<BufferGeometry, MeshBasicMaterial> {
  return new Mesh(geometry, new MeshBasicMaterial({ color, opacity, transparent: true, side: DoubleSide, depthWrite: false }));
}
