// The arm and its table in 3-D, from the shapes of the simulation. Drawn when something has moved.
import {
  BoxGeometry, BufferGeometry, CapsuleGeometry, Color, CylinderGeometry, DirectionalLight, Group, HemisphereLight, Mesh,
  MeshStandardMaterial, PerspectiveCamera, Scene, SphereGeometry, WebGLRenderer,
} from "three";
import { OrbitControls } from "three/examples/jsm/controls/OrbitControls.js";
import type { Geom } from "../base/types";
import type { Eye } from "./seen";

const SLOW_MS = 200; // between two pictures where the processor draws them, which has other things to do

// It opens from the side of the front camera, a little higher: what is left here is left there.
const AWAY = [0.66, 0.18, 0.5], TARGET = [0.13, 0, 0.09];

export class Stage {
  private readonly renderer: WebGLRenderer;
  private readonly scene = new Scene();
  private readonly camera = new PerspectiveCamera(40, 1, 0.02, 10);
  private readonly controls: OrbitControls;
  private bodies: Group[] = [];
  private last = "";
  private due = 0;
  private drawn = 0;
  private readonly pause: number; // between two pictures, in ms

  constructor(canvas: HTMLCanvasElement) {
    this.renderer = new WebGLRenderer({ canvas, antialias: true });
    this.renderer.setPixelRatio(Math.min(devicePixelRatio, 1.5));
    const gl = this.renderer.getContext(), info = gl.getExtension("WEBGL_debug_renderer_info");
    const name = String(gl.getParameter(info?.UNMASKED_RENDERER_WEBGL ?? gl.RENDERER));
    this.pause = /swiftshader|llvmpipe|software/i.test(name) ? SLOW_MS : 0;
    this.scene.background = new Color(0x1a2029);
    this.scene.add(new HemisphereLight(0xffffff, 0x5a5248, 2.0));
    const sun = new DirectionalLight(0xffffff, 2.2);
    sun.position.set(0.6, -0.5, 1.4);
    this.scene.add(sun);
    this.camera.up.set(0, 0, 1);
    this.controls = new OrbitControls(this.camera, canvas);
    this.controls.minDistance = 0.2;
    this.controls.maxDistance = 2.5;
    this.controls.listenToKeyEvents(canvas);
    this.controls.addEventListener("change", () => this.draw());
    this.reset();
  }

  reset(): void {
    this.camera.position.set(AWAY[0], AWAY[1], AWAY[2]);
    this.controls.target.set(TARGET[0], TARGET[1], TARGET[2]);
    this.controls.update();
  }

  /** Where it is looked at from; null while it is not shown. */
  eye(): Eye | null {
    if (!this.renderer.domElement.clientWidth) return null;
    const { x, y, z } = this.camera.position.clone().sub(this.controls.target).normalize();
    return [x, y, z];
  }

  build(count: number, geoms: Geom[]): void {
    for (const body of this.bodies) this.scene.remove(body);
    this.bodies = Array.from({ length: count }, () => new Group());
    for (const geom of geoms) {
      const [r, g, b] = geom.rgba;
      const mesh = new Mesh(shape(geom), new MeshStandardMaterial({ color: new Color().setRGB(r, g, b, "srgb"), roughness: 0.65 }));
      mesh.position.fromArray(geom.pos);
      const [w, x, y, z] = geom.quat;
      mesh.quaternion.set(x, y, z, w);
      this.bodies[geom.body].add(mesh);
    }
    for (const body of this.bodies) this.scene.add(body);
    this.last = "";
  }

  pose(poses: number[][]): void {
    const now = JSON.stringify(poses);
    if (now === this.last || poses.length !== this.bodies.length) return;
    this.last = now;
    poses.forEach(([px, py, pz, w, x, y, z], body) => {
      this.bodies[body].position.set(px, py, pz);
      this.bodies[body].quaternion.set(x, y, z, w);
    });
    this.draw();
  }

  size(width: number, height: number): void {
    if (!width || !height) return;
    this.renderer.setSize(width, height, false);
    this.camera.aspect = width / height;
    this.camera.updateProjectionMatrix();
    this.draw();
  }

  close(): void {
    clearTimeout(this.due);
    this.controls.dispose();
    this.renderer.dispose();
  }

  private draw(): void {
    this.due ||= window.setTimeout(() => requestAnimationFrame(() => this.drawNow()), Math.max(0, this.drawn + this.pause - performance.now()));
  }

  private drawNow(): void {
    [this.due, this.drawn] = [0, performance.now()];
    this.renderer.domElement.dataset.eye = this.eye()?.map((at) => at.toFixed(3)).join(" ") ?? "";
    if (this.renderer.domElement.clientWidth) this.renderer.render(this.scene, this.camera); // else it is not shown
  }
}

// MuJoCo's sizes are halves and its axes z; three's cylinders and capsules stand along y.
function shape({ kind, size: [a, b, c] }: Geom): BufferGeometry {
  switch (kind) {
    case "box":
      return new BoxGeometry(2 * a, 2 * b, 2 * c);
    case "sphere":
      return new SphereGeometry(a, 24, 16);
    case "ellipsoid":
      return new SphereGeometry(1, 24, 16).scale(a, b, c);
    case "cylinder":
      return new CylinderGeometry(a, a, 2 * b, 28).rotateX(Math.PI / 2);
    case "capsule":
      return new CapsuleGeometry(a, 2 * b, 6, 20).rotateX(Math.PI / 2);
  }
}
